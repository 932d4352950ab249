/**
 * How many requests were served within how long: the cumulative share against the time to the first token, the time an output
 * token and the time end to end, a panel each, with the objective and the percentile that is asked for.
 */
import { unitText } from "./axis-units.ts";
import { type ChartSpec, type ChartTitle, chartSpec } from "./chart-spec.ts";
import { requireNotNegative, requirePositive } from "./drawable.ts";
import type { JsonObject } from "./json.ts";
import { framedWidthPx, haloText, plotFrame, yLabelsPx } from "./plot-frame.ts";
import { spanAxis, spanScale } from "./span-scale.ts";
import { textWidth } from "./text-width.ts";
import { textFontPx } from "./theme.ts";

export interface LatencyPoint {
  /** Of the requests served within `seconds`, 0 to 1. */
  readonly share: number;
  readonly seconds: number;
}

export interface LatencySeries {
  readonly name: "TTFT" | "TPOT" | "end to end";
  /** Both figures rise. */
  readonly points: readonly LatencyPoint[];
  readonly objectiveSeconds: number | null;
}

export interface LatencyDistributionInput extends ChartTitle {
  readonly series: readonly LatencySeries[];
  /** At which the objectives hold, such as 95. */
  readonly percentile: number;
}

const heightPx = 110;
/** Room above 100 % for the percentile's label. */
const topPercent = 118;
const titles: Readonly<Record<string, string>> = {
  TTFT: "Time to the first token",
  TPOT: "Time an output token",
  "end to end": "Time end to end",
};

/** @throws InvalidInput for no series or points, a time below 0, or an objective or percentile that is not a positive number */
export function latencyDistributionChart(input: LatencyDistributionInput): ChartSpec {
  const { series, percentile } = input;
  requirePositive("percentile", percentile);
  for (const [index, { points, objectiveSeconds }] of series.entries()) {
    if (objectiveSeconds !== null) requirePositive(`series[${index}].objectiveSeconds`, objectiveSeconds);
    for (const [at, point] of points.entries()) {
      requireNotNegative(`series[${index}].points[${at}].share`, point.share);
      requireNotNegative(`series[${index}].points[${at}].seconds`, point.seconds);
    }
  }
  const drawn = series.filter((each) => each.points.length > 0);
  const rows = drawn.flatMap(({ name, points }, panel) =>
    points.map(
      ({ share, seconds }): JsonObject => ({
        panel,
        series: name,
        seconds,
        percent: Number((100 * share).toPrecision(8)),
      }),
    ),
  );
  return chartSpec({
    ...input,
    chart: "latency-distribution",
    description: `Cumulative share of requests against ${drawn.map((each) => timeName(each.name)).join(", ")}, with the objectives and percentile ${percentile}`,
    columns: [
      { field: "series", title: "Time" },
      { field: "percent", title: "Requests within it (%)" },
      { field: "seconds", title: "Time (s)" },
    ],
    rows,
    view: { spacing: 14, vconcat: drawn.map((each, panel) => panelOf(each, panel, percentile)) },
  });
}

function panelOf({ name, points, objectiveSeconds }: LatencySeries, panel: number, percentile: number): JsonObject {
  const seconds = points.map((point) => point.seconds);
  const scale = spanScale([...seconds, ...(objectiveSeconds === null ? [] : [objectiveSeconds])]);
  const frame = plotFrame(scale, { type: "linear", domain: [0, topPercent] }, heightPx);
  const x = spanAxis("seconds", timeName(name), "seconds", scale, { labelOverlap: "greedy" });
  const y = {
    field: "percent",
    type: "quantitative",
    title: "Requests (%)",
    scale: { domain: [0, topPercent], nice: false },
    axis: { values: [0, 25, 50, 75, 100], minExtent: yLabelsPx, maxExtent: yLabelsPx },
  };
  const atPercentile = secondsAt(points, percentile / 100);
  const reached = `p${percentile} ${unitText("seconds", atPercentile)}`;
  const reachedPx = frame.toX(atPercentile);
  // Left of the curve and above it nothing is drawn, right of it and below it nothing either.
  const isLeft = reachedPx > textWidth(reached, textFontPx) + 12;
  const mark = points.length === 1 ? { type: "point", filled: true, size: 50, opacity: 1 } : lineMark;
  return {
    width: framedWidthPx,
    height: heightPx,
    layer: [
      {
        data: { values: [{ percent: percentile }] },
        mark: { type: "rule", style: "ridge" },
        encoding: { y },
      },
      ...(objectiveSeconds === null ? [] : objective(points, objectiveSeconds, frame.toX(objectiveSeconds), x)),
      { transform: [{ filter: `datum.panel === ${panel}` }], mark, encoding: { x, y } },
      {
        data: { values: [{ seconds: atPercentile, percent: percentile }] },
        mark: { type: "point", filled: true, size: 60, opacity: 1 },
        encoding: { x, y },
      },
      ...haloText(
        [{ seconds: atPercentile, percent: percentile, label: reached }],
        "annotation",
        isLeft ? { align: "right", dx: -7, dy: -9 } : { align: "left", dx: 7, dy: 11 },
        { x, y },
      ),
    ],
  };
}

/** Up to this share the curve runs through the foot of the panel, where the text of an objective has its place otherwise. */
const footShare = 0.3;

/** A dashed rule with two lines of text where the curve is not: right of it at the foot, or left of it, above a curve that is low. */
function objective(points: readonly LatencyPoint[], seconds: number, atPx: number, x: JsonObject): JsonObject[] {
  const within = shareWithin(points, seconds);
  const texts = [`objective ${unitText("seconds", seconds)}`, `${Number((100 * within).toFixed(1))} % within`];
  const neededPx = Math.max(...texts.map((text) => textWidth(text, textFontPx, true))) + 10;
  const fitsRight = framedWidthPx - atPx > neededPx;
  const isLow = within < footShare;
  const isRight = fitsRight && (!isLow || atPx < neededPx);
  const firstPx = isLow && !isRight ? 44 : heightPx - 24;
  return [
    {
      data: { values: [{ seconds }] },
      mark: { type: "rule", style: "limit", strokeWidth: 1.5, strokeDash: [5, 4] },
      encoding: { x },
    },
    ...texts.flatMap((label, line) =>
      haloText(
        [{ seconds, label }],
        "limit-label",
        { align: isRight ? "left" : "right", dx: isRight ? 5 : -5, y: firstPx + 14 * line },
        { x },
      ),
    ),
  ];
}

const lineMark = { type: "line", strokeCap: "round" } as const;

function timeName(name: string): string {
  return titles[name] ?? name;
}

/** The share served within a time, between two points on the straight line that is drawn; 0 before the first of them. */
function shareWithin(points: readonly LatencyPoint[], seconds: number): number {
  const next = points.findIndex((point) => point.seconds > seconds);
  if (next === 0) return 0;
  const [before, after] = next < 0 ? [points.at(-1), undefined] : [points[next - 1], points[next]];
  if (before === undefined) return 0;
  if (after === undefined) return before.share;
  const part = (seconds - before.seconds) / (after.seconds - before.seconds);
  return before.share + part * (after.share - before.share);
}

/** The time within which a share is served, on the same line; the last one where the points end before it. */
function secondsAt(points: readonly LatencyPoint[], share: number): number {
  const next = points.findIndex((point) => point.share >= share);
  const [before, after] = next < 0 ? [undefined, points.at(-1)] : [points[next - 1], points[next]];
  if (after === undefined) return 0;
  if (before === undefined) return after.seconds;
  const part = (share - before.share) / (after.share - before.share);
  return Number((before.seconds + part * (after.seconds - before.seconds)).toPrecision(9));
}
