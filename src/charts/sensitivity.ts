/** What each change of the machine or the model would save of a step, the largest first. */
import { unitText } from "./axis-units.ts";
import { type ChartSpec, type ChartTitle, chartSpec } from "./chart-spec.ts";
import { requirePositive } from "./drawable.ts";
import type { JsonObject } from "./json.ts";
import { plotSize } from "./series-legend.ts";
import { textWidth } from "./text-width.ts";
import { chartPaddingPx, chartWidthPx, textFontPx } from "./theme.ts";

export interface SensitivityRow {
  /** Such as "+10 % bandwidth". */
  readonly change: string;
  /** The step's time after the change. */
  readonly stepSeconds: number;
}

export interface SensitivityInput extends ChartTitle {
  /** The step's time as it is. */
  readonly stepSeconds: number;
  readonly rows: readonly SensitivityRow[];
}

/** @throws InvalidInput for no rows or a time that is not a positive number */
export function sensitivityChart(input: SensitivityInput): ChartSpec {
  requirePositive("stepSeconds", input.stepSeconds);
  const rows = input.rows
    .map((row, index) => {
      requirePositive(`rows[${index}].stepSeconds`, row.stepSeconds);
      const savedSeconds = input.stepSeconds - row.stepSeconds;
      const savedPercent = Number(((100 * savedSeconds) / input.stepSeconds).toPrecision(9));
      return {
        change: row.change,
        stepSeconds: row.stepSeconds,
        savedSeconds,
        savedPercent,
        label:
          Math.abs(savedPercent) < 0.05
            ? "nothing"
            : `${signed(savedPercent)} % (${unitText("seconds", Math.abs(savedSeconds))})`,
      };
    })
    .sort((a, b) => b.savedPercent - a.savedPercent);
  const most = Math.max(1, ...rows.map((row) => row.savedPercent));
  const least = Math.min(0, ...rows.map((row) => row.savedPercent));
  // The bars leave room for the longest label beyond them, on the left as well where a change costs time.
  const namesPx = Math.max(...rows.map((row) => Math.min(240, textWidth(row.change, textFontPx))));
  const labelShare = (labelWidthPx(rows) + 12) / (chartWidthPx - 2 * chartPaddingPx - namesPx - 12);
  const room = ((most - least) * labelShare) / Math.max(0.2, 1 - labelShare * (least < 0 ? 2 : 1));
  const x = {
    field: "savedPercent",
    type: "quantitative",
    title: "Step time saved (%)",
    scale: { domain: [least === 0 ? 0 : least - room, most + room], nice: false },
    axis: { labelExpr: "format(datum.value, '.3~g') + ' %'", tickCount: 5, labelOverlap: "greedy" },
  };
  const text = (filter: string, align: string, dx: number): JsonObject => ({
    transform: [{ filter }],
    mark: { type: "text", style: "annotation", align, dx, baseline: "middle" },
    encoding: { x, text: { field: "label", type: "nominal" } },
  });
  return chartSpec({
    ...input,
    chart: "sensitivity",
    description: `Bars: per cent of the step's ${unitText("seconds", input.stepSeconds)} that each change saves, the largest first`,
    columns: [
      { field: "change", title: "Change" },
      { field: "stepSeconds", title: "Step time (s)" },
      { field: "savedSeconds", title: "Saved (s)" },
      { field: "savedPercent", title: "Saved (%)" },
    ],
    rows: rows.map((row): JsonObject => row),
    view: {
      ...plotSize(26 * rows.length),
      encoding: {
        y: {
          field: "change",
          type: "nominal",
          sort: null,
          title: null,
          scale: { paddingInner: 0.3, paddingOuter: 0.2 },
          axis: { ticks: false, labelLimit: 240, labelPadding: 6 },
        },
      },
      layer: [
        { mark: { type: "bar" }, encoding: { x } },
        text("datum.savedPercent >= 0", "left", 5),
        text("datum.savedPercent < 0", "right", -5),
      ],
    },
  });
}

function labelWidthPx(rows: readonly { label: string }[]): number {
  return Math.max(...rows.map((row) => textWidth(row.label, textFontPx)));
}

function signed(percent: number): string {
  const size = Math.abs(percent) < 9.95 ? Math.abs(percent).toFixed(1) : String(Math.round(Math.abs(percent)));
  return percent < 0 ? `−${size}` : size;
}
