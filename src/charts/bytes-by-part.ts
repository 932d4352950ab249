/** Bytes that one step moves, stacked by what they are: weights, keys and values, activations; a bar a variant. */
import { tokensText, unitLabelExpr, unitNames, unitText } from "./axis-units.ts";
import { type ChartSpec, type ChartTitle, chartSpec, inOrder } from "./chart-spec.ts";
import { requireNotNegative, requirePositive } from "./drawable.ts";
import type { JsonObject } from "./json.ts";
import { legendColumns } from "./series-legend.ts";
import { cutText, textWidth } from "./text-width.ts";
import { chartPaddingPx, chartWidthPx, textFontPx } from "./theme.ts";

export interface BytesByPartRow {
  readonly series: string;
  /** Tokens a sequence whose keys and values the step reads. */
  readonly context: number;
  readonly weightBytes: number;
  readonly kvBytes: number;
  readonly activationBytes: number;
}

export interface BytesByPartInput extends ChartTitle {
  readonly rows: readonly BytesByPartRow[];
}

const parts = ["weights", "keys and values", "activations"] as const;

/** @throws InvalidInput for no rows or a number of bytes below zero */
export function bytesByPartChart(input: BytesByPartInput): ChartSpec {
  const contexts = inOrder(input.rows.map((row) => row.context));
  const series = inOrder(input.rows.map((row) => row.series));
  let mostBytes = 0;
  const rows = input.rows.map((row, index): JsonObject => {
    requirePositive(`rows[${index}].context`, row.context);
    for (const field of ["weightBytes", "kvBytes", "activationBytes"] as const) {
      requireNotNegative(`rows[${index}].${field}`, row[field]);
    }
    const totalBytes = row.weightBytes + row.kvBytes + row.activationBytes;
    mostBytes = Math.max(mostBytes, totalBytes);
    return {
      series: row.series,
      context: row.context,
      heading: `Context ${tokensText(row.context)}`,
      weightBytes: row.weightBytes,
      kvBytes: row.kvBytes,
      activationBytes: row.activationBytes,
      totalBytes,
      total: unitText("bytes", totalBytes),
    };
  });
  const labelsPx = Math.max(...series.map((name) => textWidth(cutText(name, 180, textFontPx), textFontPx)));
  const headings = contexts.map((context) => `Context ${tokensText(context)}`);
  const y = {
    field: "series",
    type: "nominal",
    title: null,
    scale: { domain: series, paddingInner: 0.25, paddingOuter: 0.25 },
    axis: { ticks: false, domain: false, labelLimit: 180, labelPadding: 6 },
  };
  const x = {
    type: "quantitative",
    title: `Bytes a step (${unitNames("bytes", [mostBytes])})`,
    scale: { domain: [0, mostBytes * 1.16 || 1], nice: false },
    axis: { labelExpr: unitLabelExpr("bytes"), tickCount: 6 },
  };
  return chartSpec({
    ...input,
    chart: "bytes-by-part",
    description: `Stacked bars: bytes that a step moves as ${parts.join(", ")}, a bar each for ${series.join(", ")}, a group for each context`,
    columns: [
      { field: "series", title: "Series" },
      { field: "context", title: "Context (tokens a sequence)" },
      { field: "weightBytes", title: "Weights (B)" },
      { field: "kvBytes", title: "Keys and values (B)" },
      { field: "activationBytes", title: "Activations (B)" },
      { field: "totalBytes", title: "Total (B)" },
    ],
    rows,
    view: {
      facet: {
        field: "heading",
        type: "nominal",
        sort: headings,
        title: null,
        header: { labelAnchor: "start", labelPadding: 4 },
      },
      columns: 1,
      spacing: 14,
      spec: {
        width: Math.round(chartWidthPx - 2 * chartPaddingPx - labelsPx - 12),
        height: { step: 22 },
        layer: [
          {
            transform: [
              { fold: ["weightBytes", "kvBytes", "activationBytes"], as: ["field", "bytes"] },
              {
                calculate:
                  "datum.field === 'weightBytes' ? 'weights' : datum.field === 'kvBytes' ? 'keys and values' : 'activations'",
                as: "part",
              },
              { calculate: "indexof(['weightBytes', 'kvBytes', 'activationBytes'], datum.field)", as: "place" },
            ],
            mark: { type: "bar" },
            encoding: {
              y,
              x: { ...x, field: "bytes", stack: "zero" },
              color: {
                field: "part",
                type: "nominal",
                scale: { domain: parts },
                legend: { title: null, columns: legendColumns(parts), symbolType: "square", symbolStrokeWidth: 0 },
              },
              order: { field: "place", type: "quantitative" },
            },
          },
          {
            mark: { type: "text", align: "left", dx: 4, baseline: "middle", style: "annotation" },
            encoding: { y, x: { ...x, field: "totalBytes" }, text: { field: "total", type: "nominal" } },
          },
        ],
      },
      resolve: { axis: { x: "shared" } },
    },
  });
}
