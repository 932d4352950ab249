/** A calibration as text: each family's errors on rows that no fit saw, and its parameters. */
import { formatSeconds } from "../quantity/format-quantity.ts";
import { signedPercent } from "../reporting/validation-page.ts";
import { kernelForms } from "../timing/kernels/registry.ts";
import type { CalibrationResult, FamilyCalibration } from "../validation/calibrate.ts";
import type { ErrorStatistics } from "../validation/error-statistics.ts";
import { engineFitName, engineFitText } from "./engine-fit-text.ts";
import { textTable } from "./text-table.ts";

export function fitText(result: CalibrationResult): string {
  const { families, engines, steps, heldOutStepErrors, calibration } = result;
  const titles = [
    ...["held out", "rows", "groups", "median", "95 %", "maximum", "bias", "coverage", "half-width"].map((title) => ({
      title,
    })),
  ];
  const rows = families.map((family) => {
    const { kind, kernel, format } = family.fitted;
    const errors = family.heldOutErrors ?? family.fittedErrors;
    return [`${kind}, ${kernel}, ${format}`, ...errorCells(errors, String(family.groups))];
  });
  if (heldOutStepErrors !== null) {
    rows.push(["steps of models left out", ...errorCells(heldOutStepErrors, String(steps?.startsByLeftOut.size ?? 0))]);
  }
  for (const each of engines) {
    const left = each.heldOutBy ?? "-";
    const { heldOutErrors: runs, heldOutFirstTokenErrors: first } = each;
    if (runs === null && first === null) rows.push([engineFitName(each), ...errorCells(each.fittedErrors, left)]);
    if (runs !== null) rows.push([engineFitName(each), ...errorCells(runs, left)]);
    if (first !== null) rows.push([`${engineFitName(each)}: first tokens`, ...errorCells(first, left)]);
  }
  const parameters = families.map(
    (family) =>
      `  ${family.fitted.kind}, ${family.fitted.kernel}, ${family.fitted.format}\n    ${parameterText(family)}\n`,
  );
  const start =
    steps === null
      ? ""
      : `  small kernels, of whole steps\n    startSeconds ${formatSeconds(steps.kernel.parameters[0]!)}\n`;
  return [
    `${calibration.id}: errors in per cent of the measured time\n\n`,
    textTable(titles, rows),
    `\nparameters\n${parameters.join("")}${start}${engines.map(engineFitText).join("")}`,
    result.notes.map((note) => `note: ${note}\n`).join(""),
  ].join("");
}

function errorCells(s: ErrorStatistics, groups: string): string[] {
  const percent = (value: number | undefined): string => (value === undefined ? "-" : value.toFixed(1));
  return [
    String(s.rows),
    groups,
    percent(s.medianAbsolutePercentageError),
    percent(s.p95AbsolutePercentageError),
    percent(s.maxAbsolutePercentageError),
    signedPercent(s.bias).replace(" %", ""),
    percent(s.coverage90),
    percent(s.medianIntervalHalfWidth),
  ];
}

function parameterText({ fitted, atBound }: FamilyCalibration): string {
  return kernelForms[fitted.kind].parameters
    .map(({ name, unit }, i) => {
      const value = fitted.parameters[i]!;
      const text = unit === "s" ? formatSeconds(value) : String(Number(value.toPrecision(4)));
      return `${name} ${text}${atBound.includes(name) ? " (at its bound)" : ""}`;
    })
    .join(", ");
}
