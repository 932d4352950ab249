/** A validation as a page: what was compared, how far off it was, by what, with charts; and the charts' specifications. */
import type { ChartSpec } from "../charts/chart-spec.ts";
import { predictedAgainstMeasuredChart } from "../charts/predicted-against-measured.ts";
import { predictionErrorChart } from "../charts/prediction-error.ts";
import { type MeasurementKind, measurementKinds, variantOfRow } from "../measurement/measurement-row.ts";
import { formatBandwidth, formatSeconds } from "../quantity/format-quantity.ts";
import { describeRow } from "../validation/describe-row.ts";
import type { ErrorStatistics } from "../validation/error-statistics.ts";
import type { ComparedRow, KindValidation, Validation } from "../validation/validate.ts";
import { csvRows } from "./csv-text.ts";
import { markdownTable, plainMarkdown, themedPicture } from "./markdown.ts";
import { timingWords } from "./timing-words.ts";

export interface ValidationPage {
  readonly text: string;
  /** Charts by the name of their files. */
  readonly charts: ReadonlyMap<string, ChartSpec>;
  /** Every row beside its prediction. */
  readonly rowsCsv: string;
}

/** The page; tables are named by their files' names alone, so that it is the same wherever they lie. */
export function validationPage(validation: Validation): ValidationPage {
  const tables = [...new Set(validation.compared.map((each) => fileName(each.table)))];
  const charts = new Map<string, ChartSpec>();
  const sections: string[] = [];
  for (const kind of measurementKinds) {
    const result = validation.kinds[kind];
    if (result === undefined) continue;
    for (const [name, spec] of chartsOf(kind, validation)) charts.set(name, spec);
    sections.push(section(kind, result));
  }
  const left =
    validation.leftOut > 0
      ? ` ${validation.leftOut} rows that failed, were skipped or not converted are left out.`
      : "";
  const text = `# Validation: ${plainMarkdown(machineText(validation))}

${capital(timingText(validation))}, against ${validation.compared.length} measured rows of ${tables.map(plainMarkdown).join(", ")}.${left}

An error is (predicted − measured) / measured; median, mean and maximum leave out its sign, the bias is the median with it.${
    validation.timing === "calibrated"
      ? "\nCoverage is the share of rows inside their 90 % interval; half its width is in per cent of the prediction."
      : ""
  }

${statisticsTable(summaryRows(validation))}
${validation.notes.map((note) => `Note: ${plainMarkdown(note)}.\n\n`).join("")}${sections.join("\n")}
All rows beside their predictions: [rows.csv](rows.csv).
`;
  return { text, charts, rowsCsv: rowsCsv(validation.compared) };
}

/** @example "roofline on datasheet figures (3.35 TB/s)" */
export function timingText(validation: Pick<Validation, "timing" | "engine" | "calibration" | "hardware">): string {
  const { hardware, timing } = validation;
  if (hardware === null || (timing === "calibrated" && validation.calibration === null))
    return `${timing} by constants of the engines`;
  const figures = hardware.basis === "measured" ? "measured ceilings" : "datasheet figures";
  const by = timing === "roofline" ? "roofline on" : `${timingWords(validation)}; by`;
  return `${by} ${figures} (${formatBandwidth(hardware.memoryBandwidthBytesPerSecond)})`;
}

/** The machine's name; rows of whole engines name their own. */
export function machineText({ hardware }: Pick<Validation, "hardware">): string {
  return hardware?.name ?? "the rows' machines";
}

function section(kind: MeasurementKind, result: KindValidation): string {
  const groups = result.groups.map((group): [string, ErrorStatistics] => [`${group.by}: ${group.name}`, group]);
  const worst = result.worst.map((each) => [
    `${plainMarkdown(fileName(each.table))}:${each.row.line}`,
    plainMarkdown(describeRow(each.row)),
    formatSeconds(each.measuredSeconds),
    formatSeconds(each.predictedSeconds),
    signedPercent(each.errorPercent),
    plainMarkdown(each.explanation),
  ]);
  const off = Object.entries(result.reasons).filter(([, rows]) => rows > 0);
  const reasons =
    off.length === 0
      ? ""
      : `Rows more than 10 % off, by reason: ${off.map(([reason, rows]) => `${reason} ${rows}`).join(", ")}.\n\n`;
  return `## ${capital(kind)}

${[`${kind}-predicted-against-measured`, `${kind}-prediction-error`].map(themedPicture).join("\n")}
${statisticsTable(groups)}
${reasons}${markdownTable(["Worst rows", "What", "Measured:", "Predicted:", "Error:", "Why"], worst)}`;
}

function statisticsTable(rows: readonly (readonly [string, ErrorStatistics])[]): string {
  const columns = ["", "Rows:", "Median:", "Mean:", "Maximum:", "Bias:", "Within 10 %:"];
  const calibrated = rows.some(([, s]) => s.coverage90 !== undefined);
  if (calibrated) columns.push("Coverage:", "Half-width:");
  const percent = (value: number | undefined): string => (value === undefined ? "–" : `${value.toFixed(1)} %`);
  return markdownTable(
    columns,
    rows.map(([name, s]) => [
      plainMarkdown(name),
      String(s.rows),
      ...[s.medianAbsolutePercentageError, s.meanAbsolutePercentageError, s.maxAbsolutePercentageError].map(
        (each) => `${each.toFixed(1)} %`,
      ),
      signedPercent(s.bias),
      percent(s.within10Percent),
      ...(calibrated ? [percent(s.coverage90), percent(s.medianIntervalHalfWidth)] : []),
    ]),
  );
}

function summaryRows(validation: Validation): [string, ErrorStatistics][] {
  return measurementKinds.flatMap((kind) => {
    const result = validation.kinds[kind];
    return result === undefined ? [] : [[kind, result] as [string, ErrorStatistics]];
  });
}

function chartsOf(kind: MeasurementKind, validation: Validation): [string, ChartSpec][] {
  const rows = validation.compared
    .filter((each) => each.row.kind === kind)
    .map((each) => ({
      series: each.run?.engine ?? variantOfRow(each.row) ?? each.row.kind,
      label: describeRow(each.row),
      measuredSeconds: each.measuredSeconds,
      predictedSeconds: each.predictedSeconds,
    }))
    .sort((a, b) => series.indexOf(a.series) - series.indexOf(b.series));
  const subtitle = timingText(validation);
  const on = `${kind} on ${kind === "engine" ? "the rows' machines" : machineText(validation)}`;
  return [
    [
      `${kind}-predicted-against-measured`,
      predictedAgainstMeasuredChart({ title: `Predicted against measured: ${on}`, subtitle, rows }),
    ],
    [`${kind}-prediction-error`, predictionErrorChart({ title: `Error of the prediction: ${on}`, subtitle, rows })],
  ];
}

const series: readonly string[] = ["MHA", "GQA", "MQA", "linear", "elementwise"];

/** The columns of rows.csv and of `validate --csv`. */
export const comparedColumns: readonly string[] = [
  ...["table", "line", "kind", "what", "variant", "kernel", "measuredSeconds", "predictedSeconds", "errorPercent"],
  ...["bytes", "matmulFlops", "bound"],
];

/** A row beside its prediction, in the order of comparedColumns. */
export function comparedCells({ table, row, prediction, ...times }: ComparedRow): (string | number | null)[] {
  return [
    table,
    row.line,
    row.kind,
    describeRow(row),
    variantOfRow(row),
    row.kernel ?? row.engine,
    times.measuredSeconds,
    times.predictedSeconds,
    times.errorPercent,
    prediction.bytes,
    prediction.matmulFlops,
    prediction.bound,
  ];
}

function rowsCsv(rows: readonly ComparedRow[]): string {
  return csvRows(
    comparedColumns,
    rows.map((each) => comparedCells({ ...each, table: fileName(each.table) })),
  );
}

function fileName(path: string): string {
  return path.replace(/^.*[\\/]/, "");
}

/** With its sign. @example "−28.5 %", "+3.0 %" */
export function signedPercent(percent: number): string {
  const text = Math.abs(percent).toFixed(1);
  return `${Number(text) === 0 ? "" : percent < 0 ? "−" : "+"}${text} %`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
