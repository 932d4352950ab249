/** A calibration's result as its fit file. */

import type { FittedKernel } from "../timing/calibration.ts";
import { kernelForms } from "../timing/kernels/registry.ts";
import type { CalibrationResult, FamilyCalibration } from "./calibrate.ts";
import type { ErrorStatistics } from "./error-statistics.ts";
import { fitFileEngineOf } from "./fit-file-engine.ts";
import type { FitFile, FitFileKernel } from "./fit-file-schema.ts";

export interface FitOrigin {
  readonly source: string;
  readonly tables: FitFile["tables"];
}

export function fitFileOf(result: CalibrationResult, { source, tables }: FitOrigin): FitFile {
  const { calibration, families, steps } = result;
  const { id, hardware, vendor, engine, ceilings, stated } = calibration;
  const kernels = families.map((family) => kernelOf(family.fitted, family));
  if (steps !== null) kernels.push(kernelOf(steps.kernel, null));
  return {
    ...{ layout: "ridgepoint-fit-1", id, hardware, vendor, engine, source },
    ...{ ceilings, stated, tables: [...tables], impossibleRows: result.impossibleRows, kernels },
    steps:
      steps === null
        ? null
        : {
            startsByLeftOutModel: Object.fromEntries(steps.startsByLeftOut),
            heldOutErrors: roundedErrors(result.heldOutStepErrors),
          },
    ...(result.engines.length === 0 ? {} : { engines: result.engines.map(fitFileEngineOf) }),
    notes: [...result.notes],
  };
}

function kernelOf(fitted: FittedKernel, family: FamilyCalibration | null): FitFileKernel {
  const { kind, kernel, format, correlation, shortestSeconds } = fitted;
  const names = (kernelForms[kind]?.parameters ?? []).map(({ name }) => name);
  return {
    ...{ kind, kernel, format },
    parameters: Object.fromEntries(names.map((name, i) => [name, rounded(fitted.parameters[i]!)])),
    spreads: fitted.spreads.map(({ regime, rows, ...numbers }) => ({
      regime,
      relative: rounded(numbers.relative),
      seconds: rounded(numbers.seconds),
      low: rounded(numbers.low),
      high: rounded(numbers.high),
      rows,
    })),
    correlation: rounded(correlation),
    shortestSeconds: rounded(shortestSeconds),
    longestSeconds: finite(fitted.longestSeconds),
    rows: family?.rows ?? 0,
    groups: family?.groups ?? 0,
    atBound: [...(family?.atBound ?? [])],
    fittedErrors: roundedErrors(family?.fittedErrors ?? null),
    heldOutErrors: roundedErrors(family?.heldOutErrors ?? null),
  };
}

/** Digits beyond the seventh are the fit's own noise, and differ from machine to machine. */
function rounded(value: number): number {
  return Number(value.toPrecision(7));
}

function roundedErrors(errors: ErrorStatistics | null): ErrorStatistics | null {
  if (errors === null) return null;
  return Object.fromEntries(
    Object.entries(errors).map(([name, value]) => [name, rounded(value)]),
  ) as unknown as ErrorStatistics;
}

function finite(seconds: number): number | null {
  return Number.isFinite(seconds) ? rounded(seconds) : null;
}
