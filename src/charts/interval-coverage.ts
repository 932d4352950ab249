/** The share of measured times that lie in their 90 % interval, a dot a family, with the band that it should lie in. */
import { type ChartSpec, type ChartTitle, chartSpec } from "./chart-spec.ts";
import { requirePositive } from "./drawable.ts";
import { cutText, textWidth } from "./text-width.ts";
import { chartPaddingPx, chartWidthPx, textFontPx } from "./theme.ts";

export interface IntervalCoverageRow {
  readonly family: string;
  /** In per cent. */
  readonly coverage: number;
  readonly measurements: number;
}

export interface IntervalCoverageInput extends ChartTitle {
  readonly rows: readonly IntervalCoverageRow[];
}

const band = [85, 95] as const;

/** @throws InvalidInput for no rows, a coverage or a number of measurements that is not positive */
export function intervalCoverageChart(input: IntervalCoverageInput): ChartSpec {
  const rows = input.rows.map(({ family, coverage, measurements }, index) => {
    requirePositive(`rows[${index}].coverage`, coverage);
    requirePositive(`rows[${index}].measurements`, measurements);
    const count = `${measurements.toLocaleString("en-US")} rows`;
    return { family: cutText(family, 250, textFontPx), coverage, measurements, count };
  });
  const names = rows.map(({ family }) => family);
  const namesPx = Math.max(...names.map((name) => textWidth(name, textFontPx)));
  const countsPx = Math.max(...rows.map(({ count }) => textWidth(count, textFontPx))) + 14;
  const widthPx = Math.round(chartWidthPx - 2 * chartPaddingPx - namesPx - 14 - countsPx);
  const lowest = Math.min(80, 5 * Math.floor((Math.min(...rows.map(({ coverage }) => coverage)) - 1) / 5));
  const x = {
    type: "quantitative",
    title: "Measured inside the 90 % interval (%)",
    scale: { domain: [lowest, 100], nice: false, zero: false },
    axis: { tickCount: 5 },
  };
  return chartSpec({
    ...input,
    chart: "interval-coverage",
    description: `Dots: share of measured times inside their 90 % interval, in per cent, for ${names.join(", ")}`,
    notes: [`shaded: ${band[0]} to ${band[1]} %, where it should lie`],
    columns: [
      { field: "family", title: "Family" },
      { field: "coverage", title: "Inside the interval (%)" },
      { field: "measurements", title: "Rows" },
    ],
    rows,
    view: {
      width: widthPx,
      height: { step: 20 },
      layer: [
        {
          data: { values: [{ from: band[0], to: band[1] }] },
          mark: { type: "rect", opacity: 0.15 },
          encoding: { x: { ...x, field: "from" }, x2: { field: "to" } },
        },
        {
          data: { values: [{ coverage: 90 }] },
          mark: { type: "rule", style: "ridge" },
          encoding: { x: { ...x, field: "coverage" } },
        },
        {
          mark: { type: "point", filled: true, size: 70, opacity: 1 },
          encoding: {
            x: { ...x, field: "coverage" },
            y: {
              field: "family",
              type: "nominal",
              sort: null,
              title: null,
              scale: { domain: names },
              axis: { ticks: false, domain: false, labelLimit: 260, labelPadding: 6 },
            },
          },
        },
        {
          mark: { type: "text", style: "muted", align: "left", baseline: "middle", x: widthPx + 10 },
          encoding: {
            text: { field: "count", type: "nominal" },
            y: { field: "family", type: "nominal", sort: null, scale: { domain: names } },
          },
        },
      ],
    },
  });
}
