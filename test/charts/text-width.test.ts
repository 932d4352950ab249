import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { cutText, textWidth, wrapText } from "../../src/charts/text-width.ts";

const fonts = new URL("../../assets/fonts/", import.meta.url);

test.each([
  ["DejaVuSans.ttf", false],
  ["DejaVuSans-Bold.ttf", true],
] as const)("each width is that of the font in the package: %s", (file, isBold) => {
  const advance = advances(readFileSync(new URL(file, fonts)));
  for (const sign of [...Array.from({ length: 95 }, (_, index) => String.fromCodePoint(32 + index)), ..."µ×·–—…−"]) {
    expect(textWidth(sign, 1000, isBold), sign).toBe(Math.round(advance(sign.codePointAt(0) ?? 0)));
  }
});

test("a line is as wide as its signs together", () => {
  expect(textWidth("0", 10)).toBeCloseTo(6.36, 9);
  expect(textWidth("00 GB", 10)).toBeCloseTo(6.36 * 2 + 3.18 + 7.75 + 6.86, 9);
});

test("wrapped lines fit and lose no word; a word too long is broken", () => {
  const text = "one step of a model that decodes token by token and incomprehensibilities";
  const lines = wrapText(text, 80, 12);
  for (const line of lines) expect(textWidth(line, 12)).toBeLessThanOrEqual(80);
  expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
});

test("a cut text ends in an ellipsis and fits", () => {
  expect(cutText("short", 100, 11)).toBe("short");
  const cut = cutText("a name that is far too long for its place", 100, 11);
  expect(cut).toMatch(/…$/);
  expect(textWidth(cut, 11)).toBeLessThanOrEqual(100);
});

/** Advance widths in thousandths of an em by code point, from `cmap` (format 4) and `hmtx` (OpenType specification). */
function advances(file: Buffer): (code: number) => number {
  const tables = new Map<string, number>();
  for (let index = 0; index < file.readUInt16BE(4); index++) {
    const at = 12 + 16 * index;
    tables.set(file.toString("latin1", at, at + 4), file.readUInt32BE(at + 8));
  }
  const table = (name: string) => tables.get(name) ?? 0;
  const unitsPerEm = file.readUInt16BE(table("head") + 18);
  const metrics = file.readUInt16BE(table("hhea") + 34);
  let map = 0;
  for (let index = 0; index < file.readUInt16BE(table("cmap") + 2); index++) {
    const at = table("cmap") + file.readUInt32BE(table("cmap") + 4 + 8 * index + 4);
    if (file.readUInt16BE(at) === 4) map = at;
  }
  const segments = file.readUInt16BE(map + 6) / 2;
  return (code) => {
    for (let segment = 0; segment < segments; segment++) {
      if (code > file.readUInt16BE(map + 14 + 2 * segment)) continue;
      const start = file.readUInt16BE(map + 16 + 2 * segments + 2 * segment);
      const delta = file.readInt16BE(map + 16 + 4 * segments + 2 * segment);
      const offsetAt = map + 16 + 6 * segments + 2 * segment;
      const offset = file.readUInt16BE(offsetAt);
      if (code < start) break;
      const glyph =
        offset === 0
          ? (code + delta) & 65535
          : (file.readUInt16BE(offsetAt + offset + 2 * (code - start)) + delta) & 65535;
      return (file.readUInt16BE(table("hmtx") + 4 * Math.min(glyph, metrics - 1)) * 1000) / unitsPerEm;
    }
    throw new Error(`no glyph for ${code}`);
  };
}
