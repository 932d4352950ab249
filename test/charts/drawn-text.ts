/** Where each text of an SVG stands, for holding that nothing is cut off: translate and rotate are all that vega writes. */
import { textWidth } from "../../src/charts/text-width.ts";

export interface DrawnText {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

type Matrix = readonly [number, number, number, number, number, number];

export function drawnTexts(svg: string): DrawnText[] {
  const found: DrawnText[] = [];
  const stack: Matrix[] = [[1, 0, 0, 1, 0, 0]];
  for (const match of svg.matchAll(/<(\/?)([a-z]+)([^>]*?)(\/?)>([^<]*)/gi)) {
    const [, closing, tag, attributes = "", selfClosing, text = ""] = match;
    if (closing) {
      stack.pop();
      continue;
    }
    const matrix = times(stack.at(-1) as Matrix, transformOf(attributes));
    if (tag === "text" && text.trim() !== "") found.push(boxOf(text, attributes, matrix));
    if (!selfClosing) stack.push(matrix);
  }
  return found;
}

function boxOf(text: string, attributes: string, [a, b, c, d, e, f]: Matrix): DrawnText {
  const size = Number(/font-size="([\d.]+)px"/.exec(attributes)?.[1] ?? 11);
  const width = textWidth(unescaped(text).trim(), size, /font-weight="bold"/.test(attributes));
  const anchor = /text-anchor="(\w+)"/.exec(attributes)?.[1] ?? "start";
  const start = anchor === "end" ? -width : anchor === "middle" ? -width / 2 : 0;
  const corners = [
    [start, -size * 0.75],
    [start + width, -size * 0.75],
    [start, size * 0.2],
    [start + width, size * 0.2],
  ].map(([x = 0, y = 0]) => [a * x + c * y + e, b * x + d * y + f] as const);
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  return {
    text: unescaped(text),
    left: Math.min(...xs),
    right: Math.max(...xs),
    top: Math.min(...ys),
    bottom: Math.max(...ys),
  };
}

function transformOf(attributes: string): Matrix {
  let matrix: Matrix = [1, 0, 0, 1, 0, 0];
  const text = /transform="([^"]*)"/.exec(attributes)?.[1] ?? "";
  for (const [, name, list = ""] of text.matchAll(/(\w+)\(([^)]*)\)/g)) {
    const [x = 0, y = 0] = list.split(/[ ,]+/).map(Number);
    if (name === "translate") matrix = times(matrix, [1, 0, 0, 1, x, y]);
    else if (name === "rotate") {
      const turn = (x * Math.PI) / 180;
      matrix = times(matrix, [Math.cos(turn), Math.sin(turn), -Math.sin(turn), Math.cos(turn), 0, 0]);
    } else if (name !== "scale") throw new Error(`unexpected transform ${name}`);
  }
  return matrix;
}

function times(m: Matrix, n: Matrix): Matrix {
  return [
    m[0] * n[0] + m[2] * n[1],
    m[1] * n[0] + m[3] * n[1],
    m[0] * n[2] + m[2] * n[3],
    m[1] * n[2] + m[3] * n[3],
    m[0] * n[4] + m[2] * n[5] + m[4],
    m[1] * n[4] + m[3] * n[5] + m[5],
  ];
}

function unescaped(text: string): string {
  return text
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&");
}
