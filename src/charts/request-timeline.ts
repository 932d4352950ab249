/** One request as it grows: the time of each step above, the memory in use below, against the token generated. */
import { unitLabelExpr, unitNames, unitText } from "./axis-units.ts";
import { type ChartSpec, type ChartTitle, chartSpec, inOrder } from "./chart-spec.ts";
import { requireNotNegative, requirePositive } from "./drawable.ts";
import type { JsonObject } from "./json.ts";
import { seriesColour } from "./series-legend.ts";
import { chartPaddingPx, chartWidthPx } from "./theme.ts";

export interface RequestTimelineRow {
  readonly series: string;
  /** 1 is the first token generated. */
  readonly token: number;
  readonly stepSeconds: number;
  /** Weights and cache after the step. */
  readonly memoryBytes: number;
}

export interface RequestTimelineInput extends ChartTitle {
  readonly capacityBytes?: number;
  readonly rows: readonly RequestTimelineRow[];
}

const yLabelsPx = 52;

/** @throws InvalidInput for no rows, or a time, token or amount of memory that cannot be */
export function requestTimelineChart(input: RequestTimelineInput): ChartSpec {
  for (const [index, row] of input.rows.entries()) {
    requirePositive(`rows[${index}].token`, row.token);
    requireNotNegative(`rows[${index}].stepSeconds`, row.stepSeconds);
    requireNotNegative(`rows[${index}].memoryBytes`, row.memoryBytes);
  }
  const series = inOrder(input.rows.map((row) => row.series));
  const tokens = input.rows.map((row) => row.token);
  const [first, last] = [Math.min(...tokens), Math.max(...tokens)];
  const { capacityBytes } = input;
  if (capacityBytes !== undefined) requirePositive("capacityBytes", capacityBytes);
  const mostSeconds = Math.max(...input.rows.map((row) => row.stepSeconds));
  const mostBytes = Math.max(...input.rows.map((row) => row.memoryBytes));
  const x = (title: string | null): JsonObject => ({
    field: "token",
    type: "quantitative",
    title,
    scale: { domain: [first, last === first ? first + 1 : last], nice: false, zero: false },
    axis: {
      grid: false,
      tickMinStep: 1,
      tickCount: 8,
      labelOverlap: "greedy",
      labels: title !== null,
      labelFlush: true,
    },
  });
  const mark = last === first ? { type: "point", filled: true, size: 50, opacity: 1 } : { type: "line" };
  const y = (field: string, title: string, quantity: "seconds" | "bytes", most: number): JsonObject => ({
    field,
    type: "quantitative",
    title,
    scale: { domain: [0, most * 1.1 || 1], nice: false },
    axis: { labelExpr: unitLabelExpr(quantity), tickCount: 5, minExtent: yLabelsPx, maxExtent: yLabelsPx },
  });
  const memory = y(
    "memoryBytes",
    `Memory in use (${unitNames("bytes", [mostBytes])})`,
    "bytes",
    Math.max(mostBytes, capacityBytes ?? 0),
  );
  const capacityText = capacityBytes === undefined ? "" : `capacity ${unitText("bytes", capacityBytes)}`;
  const size = { width: chartWidthPx - 2 * chartPaddingPx - yLabelsPx - 32, height: 170 };
  const colour = seriesColour(series);
  const limitY = { type: "quantitative", datum: capacityBytes ?? 0 };
  return chartSpec({
    ...input,
    chart: "request-timeline",
    description: `Two plots against the generated token: step time, and memory in use, one line each for ${series.join(", ")}`,
    columns: [
      { field: "series", title: "Series" },
      { field: "token", title: "Generated token" },
      { field: "stepSeconds", title: "Step time (s)" },
      { field: "memoryBytes", title: "Memory in use (B)" },
    ],
    rows: input.rows.map(({ series, token, stepSeconds, memoryBytes }) => ({
      series,
      token,
      stepSeconds,
      memoryBytes,
    })),
    view: {
      spacing: 16,
      vconcat: [
        {
          ...size,
          mark,
          encoding: {
            x: x(null),
            y: y("stepSeconds", `Step time (${unitNames("seconds", [mostSeconds])})`, "seconds", mostSeconds),
            color: colour,
          },
        },
        {
          ...size,
          layer: [
            { mark, encoding: { x: x("Generated token (1 is the first)"), y: memory, color: colour } },
            ...(capacityBytes === undefined
              ? []
              : [
                  { data: { values: [{}] }, mark: { type: "rule", style: "limit" }, encoding: { y: limitY } },
                  {
                    data: { values: [{ label: capacityText }] },
                    mark: { type: "text", style: "limit-label", align: "left", x: 6, dy: 10, baseline: "middle" },
                    encoding: { y: limitY, text: { field: "label", type: "nominal" } },
                  },
                ]),
          ],
        },
      ],
    },
  });
}
