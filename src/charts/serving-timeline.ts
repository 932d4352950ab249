/**
 * A simulation over time: requests that run and wait, how full the cache is, with pre-emptions as ticks at the top, and the tokens
 * put out a second. Three panels over one axis of time.
 */
import { type ChartSpec, type ChartTitle, chartSpec } from "./chart-spec.ts";
import { requireNotNegative } from "./drawable.ts";
import type { JsonObject } from "./json.ts";
import { framedWidthPx, yLabelsPx } from "./plot-frame.ts";

export interface ServingTimelinePoint {
  readonly seconds: number;
  /** Requests in the engine. */
  readonly running: number;
  /** Requests that have arrived and wait for room. */
  readonly waiting: number;
  /** Of the room for caches, 0 to 1. */
  readonly cacheShare: number;
  /** Output tokens a second since the point before. */
  readonly tokensPerSecond: number;
  /** Requests pushed out of the cache since the point before. */
  readonly preempted: number;
}

export interface ServingTimelineInput extends ChartTitle {
  /** In the order of time. */
  readonly points: readonly ServingTimelinePoint[];
}

const heightPx = 120;
const states = ["running", "waiting"] as const;

/** @throws InvalidInput for no points, or a figure that is negative or not finite */
export function servingTimelineChart(input: ServingTimelineInput): ChartSpec {
  const { points } = input;
  for (const [index, point] of points.entries()) {
    for (const field of ["seconds", "running", "waiting", "cacheShare", "tokensPerSecond", "preempted"] as const) {
      requireNotNegative(`points[${index}].${field}`, point[field]);
    }
  }
  const most = (of: (point: ServingTimelinePoint) => number): number => Math.max(...points.map(of)) || 1;
  const rows = points.map(
    ({ seconds, running, waiting, cacheShare, tokensPerSecond, preempted }): JsonObject => ({
      seconds,
      running,
      waiting,
      cachePercent: Number((100 * cacheShare).toPrecision(6)),
      tokensPerSecond,
      preempted,
    }),
  );
  const preemptions = points.reduce((sum, point) => sum + point.preempted, 0);
  const last = most((point) => point.seconds);
  const time = timeAxis(last);
  const x = (isLast: boolean): JsonObject => ({
    field: "seconds",
    type: "quantitative",
    title: isLast ? `Time (${time.unit})` : null,
    scale: { domain: [Math.min(0, ...points.map((point) => point.seconds)), last], nice: false },
    axis: {
      values: time.ticks,
      labelExpr: `format(datum.value / ${time.seconds}, ',.6~g')`,
      grid: false,
      labels: isLast,
      labelFlush: true,
    },
  });
  const y = (field: string, title: string, top: number): JsonObject => ({
    field,
    type: "quantitative",
    title,
    scale: { domain: [0, top], nice: false },
    axis: {
      labelExpr: "format(datum.value, ',.6~g')",
      tickCount: 4,
      minExtent: yLabelsPx,
      maxExtent: yLabelsPx,
    },
  });
  const size = { width: framedWidthPx, height: heightPx };
  // The state of a point holds until the next one; one point alone is a mark.
  const line = points.length === 1 ? { type: "point", filled: true, size: 50, opacity: 1 } : lineMark;
  const area = points.length === 1 ? [] : [{ type: "area", interpolate: "step-after", opacity: 0.15, line: false }];
  const filled = (encoding: JsonObject): JsonObject[] => [...area, line].map((mark) => ({ mark, encoding }));
  return chartSpec({
    ...input,
    chart: "serving-timeline",
    description: `Three plots against time: requests running and waiting; share of the cache in use, with ${preemptions} pre-emptions; output tokens a second`,
    notes: preemptions === 0 ? [] : [`ticks: ${preemptions} pre-emptions, requests pushed out of a full cache`],
    columns: [
      { field: "seconds", title: "Time (s)" },
      { field: "running", title: "Requests running" },
      { field: "waiting", title: "Requests waiting" },
      { field: "cachePercent", title: "Cache in use (%)" },
      { field: "tokensPerSecond", title: "Output (tokens/s)" },
      { field: "preempted", title: "Pre-empted" },
    ],
    rows,
    view: {
      spacing: 14,
      vconcat: [
        {
          ...size,
          transform: [{ fold: states, as: ["state", "requests"] }],
          mark: line,
          encoding: {
            x: x(false),
            // Room for the legend over the lines.
            y: y("requests", "Requests (number)", 1.3 * most((point) => Math.max(point.running, point.waiting))),
            color: {
              field: "state",
              type: "nominal",
              scale: { domain: states },
              legend: {
                title: null,
                orient: "top-left",
                direction: "horizontal",
                offset: 4,
                symbolType: points.length === 1 ? "circle" : "stroke",
              },
            },
          },
        },
        {
          ...size,
          layer: [
            ...filled({ x: x(false), y: y("cachePercent", "Cache in use (%)", cacheTop(points)) }),
            ...(preemptions === 0
              ? []
              : [
                  {
                    transform: [{ filter: "datum.preempted > 0" }],
                    mark: {
                      type: "tick",
                      orient: "vertical",
                      style: "limit",
                      size: 10,
                      thickness: 1.5,
                      opacity: 1,
                      y: 7,
                    },
                    encoding: { x: x(false) },
                  },
                ]),
          ],
        },
        {
          ...size,
          layer: filled({
            x: x(true),
            y: y("tokensPerSecond", "Output (tokens/s)", 1.1 * most((point) => point.tokensPerSecond)),
          }),
        },
      ],
    },
  });
}

const lineMark = { type: "line", interpolate: "step-after", strokeWidth: 1.5 } as const;

/** 100 % with room for the ticks; more where a simulation goes past it. */
function cacheTop(points: readonly ServingTimelinePoint[]): number {
  return Math.max(115, ...points.map((point) => 100 * point.cacheShare));
}

/** Seconds, minutes or hours, with some eight ticks on round numbers of them. */
function timeAxis(last: number): { readonly unit: string; readonly seconds: number; readonly ticks: number[] } {
  const [unit, seconds] = last <= 600 ? ["s", 1] : last <= 3 * 3600 ? ["min", 60] : ["h", 3600];
  const rough = last / seconds / 8;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = decade * ([1, 2, 5, 10].find((digit) => digit * decade >= rough * 0.999) ?? 10);
  const ticks: number[] = [];
  for (let at = 0; at * step * seconds <= last * 1.0001; at++) ticks.push(Number((at * step * seconds).toPrecision(9)));
  return { unit: String(unit), seconds: Number(seconds), ticks };
}
