/** A calibration as a page: its families' parameters and errors, with charts of rows that no fit saw. */
import type { ChartSpec } from "../charts/chart-spec.ts";
import { predictedAgainstMeasuredChart } from "../charts/predicted-against-measured.ts";
import { predictionErrorChart } from "../charts/prediction-error.ts";
import { formatSeconds } from "../quantity/format-quantity.ts";
import { kernelForms } from "../timing/kernels/registry.ts";
import type { CalibrationResult, FamilyCalibration } from "../validation/calibrate.ts";
import { describeRow } from "../validation/describe-row.ts";
import type { ErrorStatistics } from "../validation/error-statistics.ts";
import type { KernelSample } from "../validation/form-samples.ts";
import { csvRows } from "./csv-text.ts";
import { engineFitCharts, engineFitSection } from "./engine-fit-section.ts";
import { markdownTable, plainMarkdown, themedPicture } from "./markdown.ts";
import { signedPercent } from "./validation-page.ts";

export interface FitPage {
  readonly text: string;
  /** By the name of their files. */
  readonly charts: ReadonlyMap<string, ChartSpec>;
  /** Every row that was left out of the fit which predicts it. */
  readonly residualsCsv: string;
}

export function fitPage(result: CalibrationResult, source: string): FitPage {
  const { calibration, families, steps, heldOutStepErrors } = result;
  const charts = chartsOf(result);
  const title = `# Fit ${calibration.id}: ${calibration.hardware}`;
  const left =
    result.impossibleRows > 0
      ? `\n${result.impossibleRows} rows that no machine could have produced were left out.\n`
      : "";
  const stepText =
    steps === null
      ? ""
      : `## Whole steps

A small kernel starts in ${formatSeconds(steps.kernel.parameters[0]!)}${
          steps.startsByLeftOut.size > 1
            ? ` (${[...steps.startsByLeftOut].map(([model, start]) => `${formatSeconds(start)} without ${plainMarkdown(model)}`).join(", ")})`
            : ""
        }, fitted on whole steps beside the kernels above, which saw no step.
${heldOutStepErrors === null ? "" : `\n${errorsTable([["steps of models left out", heldOutStepErrors]])}`}
`;
  const text = `${title}

Fitted on ${plainMarkdown(source)}. Made by \`ridgepoint calibrate\`.
${left}
${
  families.length === 0
    ? ""
    : unseenRows(
        families,
        [...charts.keys()].filter((name) => !name.includes("engines")),
      )
}${variantsTable(result)}${families.length === 0 ? "" : `## Parameters\n\n${parametersTable(families)}`}
${engineFitSection(result.engines)}${stepText}
${result.notes.map((note) => `Note: ${plainMarkdown(note)}.\n`).join("\n")}`;
  return { text: `${text.trimEnd()}\n`, charts, residualsCsv: residualsCsv(families) };
}

function unseenRows(families: readonly FamilyCalibration[], charts: readonly string[]): string {
  return `## Rows that no fit saw

Whole groups (a matrix shape, a K/V head count) are left out of a fit and predicted by it. Coverage is the share of rows inside a
90 % interval made of the residuals of other groups.

${errorsTable(families.map((family) => [nameOf(family), family.heldOutErrors ?? family.fittedErrors]))}
${charts.map(themedPicture).join("\n")}
`;
}

function nameOf({ fitted: { kind, kernel, format } }: FamilyCalibration): string {
  return `${kind}, ${kernel}, ${format}`;
}

/** The statistics of errors as a table. */
export function errorsTable(rows: readonly (readonly [string, ErrorStatistics])[]): string {
  const percent = (value: number | undefined): string => (value === undefined ? "–" : `${value.toFixed(1)} %`);
  return markdownTable(
    ["", "Rows:", "Median:", "95 %:", "Maximum:", "Bias:", "Coverage:", "Half-width:"],
    rows.map(([name, s]) => [
      plainMarkdown(name),
      String(s.rows),
      percent(s.medianAbsolutePercentageError),
      percent(s.p95AbsolutePercentageError),
      percent(s.maxAbsolutePercentageError),
      signedPercent(s.bias),
      percent(s.coverage90),
      percent(s.medianIntervalHalfWidth),
    ]),
  );
}

function variantsTable({ variants }: CalibrationResult): string {
  if (variants.length === 0) return "";
  const share = (value: number): string => `${(100 * value).toFixed(0)} %`;
  return `## What decode attention reaches of the read ceiling

Of calls whose keys and values exceed the last-level cache. Fewer K/V heads are fewer bytes, not always less time.

${markdownTable(
  ["Kernel", "Format", "Head size:", "Variant", "Rows:", "Median:", "Best:"],
  variants.map((each) => [
    plainMarkdown(each.kernel ?? "–"),
    each.format,
    String(each.headDim),
    each.variant,
    String(each.rows),
    share(each.medianEfficiency),
    share(each.bestEfficiency),
  ]),
)}
`;
}

function parametersTable(families: readonly FamilyCalibration[]): string {
  const rows = families.flatMap((family) =>
    kernelForms[family.fitted.kind].parameters.map(({ name, meaning, unit }, i) => {
      const value = family.fitted.parameters[i]!;
      const text = unit === "s" ? formatSeconds(value) : String(Number(value.toPrecision(4)));
      return [
        i === 0 ? plainMarkdown(nameOf(family)) : "",
        name,
        text + (family.atBound.includes(name) ? " (at its bound)" : ""),
        meaning,
      ];
    }),
  );
  return markdownTable(["Family", "Parameter", "Value:", "Meaning"], rows);
}

function chartsOf({ families, engines, calibration, steps }: CalibrationResult): Map<string, ChartSpec> {
  const charts = new Map<string, ChartSpec>();
  const subtitle = `${calibration.id}; each point is predicted by a fit that did not see its group`;
  const kinds = [...new Set(families.map(({ fitted }) => fitted.kind))];
  for (const kind of kinds) {
    const rows = families
      .filter(({ fitted }) => fitted.kind === kind)
      .flatMap(({ fitted, heldOut }) =>
        heldOut.map(({ sample, predictedSeconds }) => ({
          series: `${fitted.kernel} ${fitted.format}`,
          label: describeRow((sample as KernelSample).row),
          measuredSeconds: sample.seconds,
          predictedSeconds,
        })),
      );
    if (rows.length === 0) continue;
    const title = `Held-out ${kind} kernels`;
    charts.set(`${kind}-predicted-against-measured`, predictedAgainstMeasuredChart({ title, subtitle, rows }));
    charts.set(`${kind}-prediction-error`, predictionErrorChart({ title, subtitle, rows }));
  }
  for (const [name, spec] of engineFitCharts(engines, calibration.id)) charts.set(name, spec);
  if (steps !== null && steps.heldOut.length > 0) {
    const rows = steps.heldOut.map(({ row, model, predictedSeconds }) => ({
      series: model,
      label: describeRow(row),
      measuredSeconds: row.seconds,
      predictedSeconds,
    }));
    charts.set("steps-prediction-error", predictionErrorChart({ title: "Held-out whole steps", subtitle, rows }));
  }
  return charts;
}

function residualsCsv(families: readonly FamilyCalibration[]): string {
  const columns = ["kind", "kernel", "format", "table", "line", "what", "group", "measuredSeconds", "predictedSeconds"];
  const rows = families.flatMap(({ fitted, heldOut }) =>
    heldOut.map(({ sample, predictedSeconds }) => {
      const { row, table, group, seconds } = sample as KernelSample;
      const file = table.replace(/^.*[\\/]/, "");
      const predicted = Number(predictedSeconds.toPrecision(7));
      return [fitted.kind, fitted.kernel, fitted.format, file, row.line, describeRow(row), group, seconds, predicted];
    }),
  );
  return csvRows(columns, rows);
}
