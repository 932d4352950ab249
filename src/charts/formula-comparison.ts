/** The median error of several formulas on the same rows: a group of bars for each set of rows. */
import { type ChartSpec, type ChartTitle, chartSpec, inOrder } from "./chart-spec.ts";
import { requirePositive } from "./drawable.ts";
import { seriesColour } from "./series-legend.ts";
import { cutText, textWidth } from "./text-width.ts";
import { chartPaddingPx, chartWidthPx, textFontPx } from "./theme.ts";

export interface FormulaComparisonRow {
  /** The set of rows. */
  readonly group: string;
  /** The formula. */
  readonly series: string;
  /** In per cent, without sign. */
  readonly medianPercent: number;
}

export interface FormulaComparisonInput extends ChartTitle {
  readonly rows: readonly FormulaComparisonRow[];
}

const barPx = 10;
const gapPx = 12;

/** @throws InvalidInput for no rows, or an error that is not a positive number */
export function formulaComparisonChart(input: FormulaComparisonInput): ChartSpec {
  const rows = input.rows.map(({ group, series, medianPercent }, index) => {
    requirePositive(`rows[${index}].medianPercent`, medianPercent);
    const label = medianPercent < 9.95 ? medianPercent.toFixed(1) : medianPercent.toFixed(0);
    return {
      group: cutText(group, 230, textFontPx),
      series,
      medianPercent: Number(medianPercent.toPrecision(4)),
      label: `${label} %`,
    };
  });
  const groups = inOrder(rows.map((row) => row.group));
  const series = inOrder(rows.map((row) => row.series));
  const namesPx = Math.max(...groups.map((name) => textWidth(name, textFontPx)));
  const valuePx = Math.max(...rows.map(({ label }) => textWidth(label, textFontPx - 2))) + 6;
  const widthPx = Math.round(chartWidthPx - 2 * chartPaddingPx - namesPx - 14 - valuePx);
  const y = {
    field: "group",
    type: "nominal",
    sort: null,
    title: null,
    scale: { domain: groups, paddingInner: gapPx / (series.length * barPx + gapPx), paddingOuter: 0 },
    axis: { ticks: false, domain: false, labelLimit: 240, labelPadding: 6, grid: false },
  };
  const yOffset = { field: "series", type: "nominal", sort: series, scale: { domain: series } };
  const x = {
    field: "medianPercent",
    type: "quantitative",
    title: "Median error without its sign (%)",
    scale: { zero: true, nice: true },
    axis: { tickCount: 6 },
  };
  return chartSpec({
    ...input,
    chart: "formula-comparison",
    description: `Bars: median error in per cent of ${series.join(", ")} on the same rows, for ${groups.join(", ")}`,
    columns: [
      { field: "group", title: "Rows" },
      { field: "series", title: "Formula" },
      { field: "medianPercent", title: "Median error (%)" },
    ],
    rows,
    view: {
      width: widthPx,
      height: groups.length * (series.length * barPx + gapPx),
      encoding: { x, y, yOffset },
      layer: [
        { mark: { type: "bar" }, encoding: { color: seriesColour(series) } },
        {
          mark: {
            type: "text",
            style: "annotation",
            align: "left",
            baseline: "middle",
            dx: 3,
            fontSize: textFontPx - 2,
          },
          encoding: { text: { field: "label", type: "nominal" } },
        },
      ],
    },
  });
}
