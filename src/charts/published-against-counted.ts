/** A published measurement beside the counted lower bound of the same cell, on one logarithmic axis. */
import { logDomain, logTicks, unitLabelExpr, unitNames } from "./axis-units.ts";
import { type ChartSpec, type ChartTitle, chartSpec, inOrder } from "./chart-spec.ts";
import { requirePositive } from "./drawable.ts";
import type { JsonObject } from "./json.ts";
import { legendColumns } from "./series-legend.ts";
import { cutText, textWidth } from "./text-width.ts";
import { chartPaddingPx, chartWidthPx, textFontPx } from "./theme.ts";

export interface PublishedAgainstCountedRow {
  /** The table's column, such as "Decoder, greedy". */
  readonly group: string;
  /** The table's line, such as "multi-query". */
  readonly model: string;
  /** The roofline's lower bound. */
  readonly countedSeconds: number;
  readonly publishedSeconds: number;
}

export interface PublishedAgainstCountedInput extends ChartTitle {
  /** What one time is for, such as "token": the axis reads "Time a token". */
  readonly per: string;
  readonly rows: readonly PublishedAgainstCountedRow[];
}

const kinds = ["counted lower bound", "published"] as const;
const shareColumnPx = 44;

/** @throws InvalidInput for no rows or a time that is not a positive number */
export function publishedAgainstCountedChart(input: PublishedAgainstCountedInput): ChartSpec {
  const rows = input.rows.map((row, index): JsonObject => {
    requirePositive(`rows[${index}].countedSeconds`, row.countedSeconds);
    requirePositive(`rows[${index}].publishedSeconds`, row.publishedSeconds);
    const share = row.countedSeconds / row.publishedSeconds;
    return {
      group: row.group,
      model: row.model,
      countedSeconds: row.countedSeconds,
      publishedSeconds: row.publishedSeconds,
      sharePercent: Number((share * 100).toPrecision(6)),
      share: `${share < 0.0995 ? (share * 100).toFixed(1) : Math.round(share * 100)} %`,
    };
  });
  const groups = inOrder(input.rows.map((row) => row.group));
  const models = inOrder(input.rows.map((row) => row.model));
  const [low, high] = logDomain(input.rows.flatMap((row) => [row.countedSeconds, row.publishedSeconds]));
  const labelsPx = Math.max(...models.map((name) => textWidth(cutText(name, 180, textFontPx), textFontPx)));
  const widthPx = Math.round(chartWidthPx - 2 * chartPaddingPx - labelsPx - 14 - shareColumnPx);
  const x = { type: "quantitative", scale: { type: "log", domain: [low, high], nice: false } };
  const axis = { values: logTicks(low, high), labelExpr: unitLabelExpr("seconds") };
  const title = `Time a ${input.per} (${unitNames("seconds", logTicks(low, high))})`;
  const dot = (field: string, kind: string, shape: string) => ({
    transform: [{ calculate: `'${kind}'`, as: "kind" }],
    mark: { type: "point", filled: true, size: 70, opacity: 1 },
    encoding: {
      x: { ...x, field, title, axis },
      color: {
        field: "kind",
        type: "nominal",
        scale: { domain: kinds },
        legend: { title: null, columns: legendColumns(kinds) },
      },
      shape: { field: "kind", type: "nominal", scale: { domain: kinds, range: ["square", "circle"] } },
    },
    name: `${shape}-${field}`,
  });
  return chartSpec({
    ...input,
    chart: "published-against-counted",
    description: `Dots: the counted lower bound and the published time a ${input.per}, logarithmic, a line each for ${models.join(", ")} in ${groups.join(", ")}`,
    notes: ["per cent: the share of the published time that the lower bound explains"],
    columns: [
      { field: "group", title: "Group" },
      { field: "model", title: "Model" },
      { field: "countedSeconds", title: `Counted lower bound (s a ${input.per})` },
      { field: "publishedSeconds", title: `Published (s a ${input.per})` },
      { field: "sharePercent", title: "Explained (%)" },
    ],
    rows,
    view: {
      facet: {
        field: "group",
        type: "nominal",
        sort: groups,
        title: null,
        header: { labelAnchor: "start", labelPadding: 4 },
      },
      columns: 1,
      spacing: 14,
      spec: {
        width: widthPx,
        height: { step: 20 },
        encoding: {
          y: {
            field: "model",
            type: "nominal",
            sort: null,
            title: null,
            scale: { domain: models },
            axis: { ticks: false, domain: false, grid: false, labelLimit: 180, labelPadding: 6 },
          },
        },
        layer: [
          {
            mark: { type: "rule", style: "link" },
            encoding: { x: { ...x, field: "countedSeconds", title, axis }, x2: { field: "publishedSeconds" } },
          },
          dot("countedSeconds", kinds[0], "square"),
          dot("publishedSeconds", kinds[1], "circle"),
          {
            mark: { type: "text", style: "annotation", align: "right", baseline: "middle", x: widthPx + shareColumnPx },
            encoding: { text: { field: "share", type: "nominal" } },
          },
        ],
      },
    },
  });
}
