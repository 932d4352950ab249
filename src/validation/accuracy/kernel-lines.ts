/**
 * Lines of single kernels and of whole steps: what calibrate() held out, group by group.
 *   kernels      a K/V head count, a matrix shape, a mixture's dimensions, a number of devices is left out at a time
 *   whole steps  their kernels' fits saw no step; the small kernels' start-up was fitted on steps of the other models
 */
import type { Hardware } from "../../hardware/hardware.ts";
import type { CalibrationResult, FamilyCalibration } from "../calibrate.ts";
import type { AccuracyLine, AccuracySection, AccuracyTarget } from "./accuracy-line.ts";
import { type HeldOutLine, heldOutRows, pooledErrors } from "./held-out-rows.ts";
import { rowCeilings } from "./operation-ceilings.ts";
import { type SimpleConstants, simpleErrors } from "./simple-formulas.ts";

/** A line that families are gathered in. */
export interface KernelLineSpec {
  readonly name: string;
  readonly target: AccuracyTarget;
  readonly isOf: (fitted: FamilyCalibration["fitted"]) => boolean;
  /** As AccuracyLine has it. */
  readonly whyNot?: string;
}

/** One line for each of `specs` that a held-out family belongs to, then one a family where several make a line. */
export function kernelLines(
  section: AccuracySection,
  split: string,
  result: CalibrationResult,
  stated: Hardware,
  specs: readonly KernelLineSpec[],
): HeldOutLine[] {
  const ceilingsOf = rowCeilings(stated);
  const held = result.families
    .filter(({ heldOutErrors }) => heldOutErrors !== null)
    .map((family) => ({ family, rows: heldOutRows(family, ceilingsOf) }));
  return specs.flatMap(({ name, target, isOf, whyNot }) => {
    const own = held.filter(({ family }) => isOf(family.fitted));
    if (own.length === 0) return [];
    const of = (some: typeof own, lineName: string, lineTarget: AccuracyTarget, isPart: boolean): HeldOutLine => {
      const rows = some.flatMap((each) => each.rows);
      const errors = pooledErrors(
        some.map(({ family }) => family),
        rows,
      );
      return {
        ...{ section, split, errors, rows, name: lineName, target: lineTarget, part: isPart },
        ...{ percentile90: null, simple: null, ...(whyNot === undefined ? {} : { whyNot }) },
      };
    };
    const kinds = new Set(own.map(({ family }) => family.fitted.kind)).size;
    const parts =
      own.length === 1 ? [] : own.map((each) => of([each], familyName(each.family.fitted, kinds > 1), {}, true));
    return [of(own, name, target, false), ...parts];
  });
}

function familyName({ kind, kernel, format }: FamilyCalibration["fitted"], withKind: boolean): string {
  return `${withKind ? `${kind.replace("-", " ")}, ` : ""}${kernel}, ${format}`;
}

/** The line of whole steps; empty where no model could be left out. `affine` was fitted on the kernels alone. */
export function stepLines(
  result: CalibrationResult,
  stated: Hardware,
  name: string,
  target: AccuracyTarget,
  affine: SimpleConstants | null,
): AccuracyLine[] {
  const { steps, heldOutStepErrors } = result;
  if (steps === null || heldOutStepErrors === null) return [];
  const ceilingsOf = rowCeilings(stated);
  const runs = steps.heldOut.map(({ row, table }) => ({
    operations: ceilingsOf(row, table).operations,
    seconds: row.seconds,
  }));
  const split = "kernels fitted alone; the small kernels' start-up on the other model's steps";
  return [
    {
      ...{ section: "steps", name, split, target, errors: heldOutStepErrors, part: false, percentile90: null },
      simple: simpleErrors(runs, affine),
    },
  ];
}
