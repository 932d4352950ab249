/** A validation as text: statistics by kind and group, then the worst rows with their reasons. */
import { type MeasurementKind, measurementKinds } from "../measurement/measurement-row.ts";
import { formatSeconds } from "../quantity/format-quantity.ts";
import { machineText, signedPercent, timingText } from "../reporting/validation-page.ts";
import { describeRow } from "../validation/describe-row.ts";
import type { ErrorStatistics } from "../validation/error-statistics.ts";
import type { KindValidation, Validation } from "../validation/validate.ts";
import { textTable } from "./text-table.ts";

export function validationText(validation: Validation): string {
  const results = measurementKinds.flatMap((kind) => {
    const result = validation.kinds[kind];
    return result === undefined ? [] : [{ kind, result }];
  });
  const calibrated = results.some(({ result }) => result.coverage90 !== undefined);
  const columns = ["", "rows", "median", "mean", "maximum", "bias", "within 10 %"];
  const titles = [...columns, ...(calibrated ? ["coverage", "half-width"] : [])].map((title) => ({ title }));
  const rows = results.flatMap(({ kind, result }) => [statisticsCells(kind, result), ...groupRows(result)]);
  const cells = calibrated ? rows : rows.map((row) => row.slice(0, columns.length));
  const left = validation.leftOut > 0 ? `${validation.leftOut} rows failed, were skipped or not converted\n` : "";
  const notes = validation.notes.map((note) => `note: ${note}\n`).join("");
  return [
    `${machineText(validation)}, ${timingText(validation)}: error of the predictions in per cent of the measured time\n\n`,
    textTable(titles, cells),
    ...results.map(({ kind, result }) => worstText(kind, result)),
    left || notes ? `\n${left}${notes}` : "",
  ].join("");
}

/** Groups of which there is only one say nothing that the kind's own line does not. */
function groupRows(result: KindValidation): string[][] {
  const several = result.groups.filter((group) => result.groups.filter((each) => each.by === group.by).length > 1);
  return several.map((group) => statisticsCells(`  ${group.name}`, group));
}

function statisticsCells(name: string, s: ErrorStatistics): string[] {
  return [
    name,
    String(s.rows),
    s.medianAbsolutePercentageError.toFixed(1),
    s.meanAbsolutePercentageError.toFixed(1),
    s.maxAbsolutePercentageError.toFixed(1),
    signedPercent(s.bias).replace(" %", ""),
    s.within10Percent.toFixed(1),
    ...[s.coverage90, s.medianIntervalHalfWidth].map((each) => each?.toFixed(1) ?? "-"),
  ];
}

function worstText(kind: MeasurementKind, result: KindValidation): string {
  if (result.worst.length === 0) return "";
  const off = Object.entries(result.reasons).filter(([, rows]) => rows > 0);
  const tally = off.length === 0 ? "" : `; over 10 %: ${off.map(([reason, rows]) => `${rows} ${reason}`).join(", ")}`;
  const lines = result.worst.map((each) => {
    const times = `${formatSeconds(each.measuredSeconds)}, predicted ${formatSeconds(each.predictedSeconds)}`;
    return `  ${each.table}:${each.row.line}  ${describeRow(each.row)}\n    ${times} (${signedPercent(each.errorPercent)}): ${each.explanation}\n`;
  });
  return `\n${kind}, worst rows${tally}\n${lines.join("")}`;
}
