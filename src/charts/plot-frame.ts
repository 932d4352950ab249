/** A plot of a known size: which px a value stands at, so that labels can be placed before anything is drawn. */
import type { JsonObject } from "./json.ts";
import { type PointToLabel, placeLabels } from "./label-placement.ts";
import type { SpanScale } from "./span-scale.ts";
import { textWidth } from "./text-width.ts";
import { chartPaddingPx, chartWidthPx, textFontPx } from "./theme.ts";

/** Room for the labels of the y axis, and for its title with what pads it. */
export const yLabelsPx = 46;
export const framedWidthPx: number = chartWidthPx - 2 * chartPaddingPx - yLabelsPx - 32;

/** A line from a point to its text is not drawn across half the plot. */
const farthestPx = 66;

export interface PlotFrame {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly toX: (value: number) => number;
  readonly toY: (value: number) => number;
  readonly xAt: (px: number) => number;
  readonly yAt: (px: number) => number;
}

/** Px from the plot's upper left corner, and back. */
export function plotFrame(x: SpanScale, y: SpanScale, heightPx: number): PlotFrame {
  const widthPx = framedWidthPx;
  return {
    widthPx,
    heightPx,
    toX: (value) => widthPx * share(x, value),
    toY: (value) => heightPx * (1 - share(y, value)),
    xAt: (px) => rounded(valueAt(x, px / widthPx)),
    yAt: (px) => rounded(valueAt(y, 1 - px / heightPx)),
  };
}

export interface FramedLabel {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/**
 * Texts beside their points, with a line to those that had to move away: layers for the fields "x" and "y" of the encoding around
 * them. A text for which there is no room nearby is left out; the first ones are placed first.
 * @param marked points that no text may cover
 */
export function framedLabels(
  labels: readonly FramedLabel[],
  marked: readonly { readonly x: number; readonly y: number }[],
  frame: PlotFrame,
  style: string,
  axes: { readonly x: JsonObject; readonly y: JsonObject },
): JsonObject[] {
  const points = labels.map(({ x, y, text }): PointToLabel & { text: string } => {
    return { x: frame.toX(x), y: frame.toY(y), widthPx: textWidth(text, textFontPx, true), text };
  });
  const taken = marked.map((point) => {
    const [x, y] = [frame.toX(point.x), frame.toY(point.y)];
    return { left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 };
  });
  const plot = { left: 2, top: 2, right: frame.widthPx - 2, bottom: frame.heightPx - 2 };
  const placed = placeLabels(points, plot, taken).flatMap((place, index) => {
    const point = points[index];
    if (place === null || point === undefined || Math.abs(place.y - point.y) > farthestPx) return [];
    return [{ place, point }];
  });
  const leaders = placed.filter(({ place, point }) => Math.abs(place.y - point.y) > 12);
  const { x, y } = axes;
  return [
    ...(leaders.length === 0
      ? []
      : [
          {
            data: {
              values: leaders.map(({ place, point }) => ({
                x: frame.xAt(point.x),
                y: frame.yAt(point.y),
                endX: frame.xAt(place.align === "left" ? place.x - 2 : place.x + 2),
                endY: frame.yAt(place.y),
              })),
            },
            mark: { type: "rule", style: "leader" },
            encoding: { x, y, x2: { field: "endX" }, y2: { field: "endY" } },
          },
        ]),
    ...(["left", "right"] as const).flatMap((align) => {
      const values = placed
        .filter(({ place }) => place.align === align)
        .map(({ place, point }) => ({ x: frame.xAt(place.x), y: frame.yAt(place.y), label: point.text }));
      return values.length === 0 ? [] : haloText(values, style, { align }, { x, y });
    }),
  ];
}

/** A text with a halo under it, one layer each; `values` hold its field "label". */
export function haloText(
  values: readonly JsonObject[],
  style: string,
  mark: JsonObject,
  encoding: JsonObject,
): JsonObject[] {
  const halo = style === "limit-label" ? "halo-bold" : "halo";
  return [halo, style].map((each) => ({
    data: { values },
    mark: { type: "text", baseline: "middle", ...mark, style: each },
    encoding: { ...encoding, text: { field: "label", type: "nominal" } },
  }));
}

function share({ type, domain: [low, high] }: SpanScale, value: number): number {
  return type === "log" ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

function valueAt({ type, domain: [low, high] }: SpanScale, part: number): number {
  return type === "log" ? low * (high / low) ** part : low + part * (high - low);
}

/** To 6 digits, so that the last bit of a machine's logarithm does not show. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
