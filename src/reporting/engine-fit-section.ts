/** Constants of engines that were fitted on whole runs, as a section of a fit's page. */
import type { ChartSpec } from "../charts/chart-spec.ts";
import { predictedAgainstMeasuredChart } from "../charts/predicted-against-measured.ts";
import { predictionErrorChart } from "../charts/prediction-error.ts";
import { describeRow } from "../validation/describe-row.ts";
import type { EngineCalibration } from "../validation/engine-rows/fit-engines.ts";
import type { ErrorStatistics } from "../validation/error-statistics.ts";
import { markdownTable, plainMarkdown, themedPicture } from "./markdown.ts";

const digits = 4;
const titles = [
  ...["Engine", "Of", "Machines", "Figures:", "Median, fitted:", "Left out by", "Median, left out:"],
  "Of first tokens, left out:",
];

const chartNames = ["engines-predicted-against-measured", "engines-prediction-error"] as const;

/** Charts of the figures that no fit saw, by the name of their files; none where nothing was left out. */
export function engineFitCharts(engines: readonly EngineCalibration[], id: string): [string, ChartSpec][] {
  const rows = engines.flatMap(({ fitted, heldOut }) =>
    heldOut.map(({ row, measuredSeconds, predictedSeconds }) => {
      return { series: fitted.id, label: describeRow(row), measuredSeconds, predictedSeconds };
    }),
  );
  if (rows.length === 0) return [];
  const subtitle = `${id}; each point is predicted by a fit that did not see its run`;
  const title = "Held-out runs of engines";
  return [
    [chartNames[0], predictedAgainstMeasuredChart({ title, subtitle, rows })],
    [chartNames[1], predictionErrorChart({ title, subtitle, rows })],
  ];
}

/** Empty where no engine was fitted. */
export function engineFitSection(engines: readonly EngineCalibration[]): string {
  if (engines.length === 0) return "";
  const median = (errors: ErrorStatistics | null): string =>
    errors === null ? "–" : `${errors.medianAbsolutePercentageError.toFixed(1)} %`;
  const rows = engines.map((each) => [
    plainMarkdown(each.fitted.id),
    each.fitted.form === "serving" ? "a steady load" : "a fixed batch",
    each.fitted.machines.map(plainMarkdown).join(", "),
    String(each.rows),
    median(each.fittedErrors),
    each.heldOutBy ?? "–",
    median(each.heldOutErrors),
    median(each.heldOutFirstTokenErrors),
  ]);
  const constants = engines.flatMap(({ fitted, atBound }) =>
    Object.entries(fitted.constants).map(([name, value], i) => [
      i === 0 ? plainMarkdown(fitted.id) : "",
      name,
      `${Number(value.toPrecision(digits))}${atBound.includes(name) ? " (at its bound)" : ""}`,
    ]),
  );
  return `## Engines

Fitted on whole runs: they say what an engine adds to its kernels, not how long kernels take. Runs of a machine (a model, a number of
devices) are left out of a fit in turn and predicted by it. Times are in seconds.

${markdownTable(titles, rows)}
${engines.some(({ heldOut }) => heldOut.length > 0) ? chartNames.map(themedPicture).join("\n") : ""}
${markdownTable(["Engine", "Constant", "Value:"], constants)}
`;
}
