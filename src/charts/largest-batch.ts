/**
 * The most requests that fit beside the weights against their context, both logarithmic, a line a variant. Where not even one
 * request fits any more, the line ends at a batch of 1 with the longest context written beside it.
 */
import { logDomain, logTicks, thinned, tokensLabelExpr, tokensText } from "./axis-units.ts";
import { type ChartSpec, type ChartTitle, chartSpec, inOrder } from "./chart-spec.ts";
import { requireNotNegative, requirePositive } from "./drawable.ts";
import type { JsonObject } from "./json.ts";
import { haloText, type PlotFrame, plotFrame, yLabelsPx } from "./plot-frame.ts";
import { seriesColour, seriesShape } from "./series-legend.ts";
import type { SpanScale } from "./span-scale.ts";
import { textWidth } from "./text-width.ts";
import { textFontPx } from "./theme.ts";

export interface LargestBatchPoint {
  /** Tokens a sequence. */
  readonly context: number;
  /** 0 where one request does not fit. */
  readonly batch: number;
}

export interface LargestBatchLine {
  /** The variant: attention and format of the cache. */
  readonly label: string;
  readonly points: readonly LargestBatchPoint[];
  /** The most tokens that one request may have; null where it is not known or past what the chart is about. */
  readonly longestContext: number | null;
}

export interface LargestBatchInput extends ChartTitle {
  readonly lines: readonly LargestBatchLine[];
}

const heightPx = 330;
/** How far past the points an end of a line is drawn. */
const farthest = 4;

/** @throws InvalidInput for no lines or points, a context that is not a positive number, or a batch below 0 */
export function largestBatchChart(input: LargestBatchInput): ChartSpec {
  const { lines } = input;
  for (const [index, { points, longestContext }] of lines.entries()) {
    if (longestContext !== null) requirePositive(`lines[${index}].longestContext`, longestContext);
    for (const [at, point] of points.entries()) {
      requirePositive(`lines[${index}].points[${at}].context`, point.context);
      requireNotNegative(`lines[${index}].points[${at}].batch`, point.batch);
    }
  }
  const contexts = lines.flatMap((line) => line.points.map((point) => point.context));
  const last = Math.max(...contexts);
  const ends = lines.flatMap(({ label, longestContext: at }) =>
    at !== null && at <= farthest * last ? [{ series: label, x: at, y: 1 }] : [],
  );
  const rows = lines.flatMap(({ label, points }) =>
    points.map(({ context, batch }): JsonObject => ({ series: label, x: context, y: batch, fits: batch > 0 })),
  );
  const series = inOrder(lines.filter((line) => line.points.length > 0).map((line) => line.label));
  const drawn = lines.flatMap(({ label, points }) =>
    points.filter((point) => point.batch > 0).map((point) => ({ series: label, x: point.context, y: point.batch })),
  );
  const [xScale, yScale] = scales(contexts, drawn, ends);
  const frame = plotFrame(xScale, yScale, heightPx);
  const ticks = logTicks(...(yScale.domain as [number, number])).filter((tick) => tick >= 1);
  const x = {
    field: "x",
    type: "quantitative",
    title: "Context (tokens a sequence)",
    scale: { type: "log", base: 2, domain: xScale.domain, nice: false },
    axis: {
      values: thinned([...contexts, ...doublings(last, xScale.domain[1])], 12),
      labelExpr: tokensLabelExpr,
      grid: false,
      labelOverlap: "greedy",
    },
  };
  const y = {
    field: "y",
    type: "quantitative",
    title: "Largest batch (requests)",
    scale: { type: "log", domain: yScale.domain, nice: false },
    axis: { values: ticks, labelExpr: "format(datum.value, ',.6~g')", minExtent: yLabelsPx, maxExtent: yLabelsPx },
  };
  const colours = { color: seriesColour(series), shape: seriesShape(series) };
  const line = [...drawn, ...ends].sort((a, b) => a.x - b.x);
  return chartSpec({
    ...input,
    chart: "largest-batch",
    description: `Lines: the most requests that fit in memory against context, both logarithmic, one line each for ${series.join(", ")}${ends.length === 0 ? "" : "; where one request just fits, the longest context"}`,
    notes: ends.length === 0 ? [] : ["ring: the longest context of one request"],
    columns: [
      { field: "series", title: "Variant" },
      { field: "x", title: "Context (tokens a sequence)" },
      { field: "y", title: "Largest batch (requests)" },
      { field: "fits", title: "Fits" },
    ],
    rows,
    view: {
      width: frame.widthPx,
      height: heightPx,
      layer: [
        {
          data: { values: line },
          mark: { type: "line", strokeCap: "round" },
          encoding: { x, y, color: seriesColour(series) },
        },
        {
          transform: [{ filter: "datum.fits" }],
          mark: { type: "point", filled: true, size: 45, opacity: 1 },
          encoding: { x, y, ...colours },
        },
        ...(ends.length === 0
          ? []
          : [
              {
                data: { values: ends },
                mark: { type: "point", shape: "circle", filled: false, size: 90, strokeWidth: 2, opacity: 1 },
                encoding: { x, y, color: seriesColour(series) },
              },
            ]),
        ...endLabels(ends, frame).flatMap((values) => haloText(values, "annotation", { align: "center" }, { x, y })),
      ],
    },
  });
}

interface LineEnd {
  readonly series: string;
  readonly x: number;
  readonly y: number;
}

/** Under each ring what it stands at, or over it where a neighbour is too near; left out where both are taken. */
function endLabels(ends: readonly LineEnd[], frame: PlotFrame): JsonObject[][] {
  const taken = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const values = [...ends]
    .sort((a, b) => a.x - b.x)
    .flatMap(({ x, y }): JsonObject[] => {
      const label = aboutText(x);
      const half = textWidth(label, textFontPx) / 2 + 2;
      const at = Math.min(Math.max(frame.toX(x), half), frame.widthPx - half);
      const row = taken.findIndex((endsPx) => at - half >= endsPx);
      if (row < 0) return [];
      taken[row] = at + half;
      return [{ x: frame.xAt(at), y: frame.yAt(frame.toY(y) + (row === 0 ? 15 : -15)), label }];
    });
  return values.length === 0 ? [] : [values];
}

/** The contexts that follow on the last one up to the axis's end. */
function doublings(last: number, end: number): number[] {
  const found: number[] = [];
  for (let at = 2 * last; at > 0 && at <= end; at *= 2) found.push(at);
  return found;
}

/** Both logarithmic; a batch of 1 stands off the lower edge, with room for what is written there. */
function scales(
  contexts: readonly number[],
  drawn: readonly { readonly y: number }[],
  ends: readonly { readonly x: number }[],
): [SpanScale, SpanScale] {
  const [first, last] = [Math.min(...contexts), Math.max(...contexts, ...ends.map((end) => end.x * 1.15))];
  const batches = drawn.map((point) => point.y);
  const [low, high] = logDomain(batches.length > 0 ? batches : [1]);
  const isLow = ends.length > 0 || Math.min(...batches) < 3;
  return [
    { type: "log", domain: first < last ? [first, Number(last.toPrecision(6))] : [first / 2, first * 2] },
    { type: "log", domain: [isLow ? 0.5 : low, Math.max(high, 10)] },
  ];
}

/** To three digits where it is not a round number. @example aboutText(614_912) is "614k" */
function aboutText(tokens: number): string {
  if (tokens < 10_000) return tokensText(Math.floor(tokens));
  return tokens < 1024 * 1024 ? `${Math.floor(tokens / 1024)}k` : `${Math.floor((10 * tokens) / 1024 ** 2) / 10}M`;
}
