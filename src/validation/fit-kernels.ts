/**
 * Fits all kernel families that the rows hold, relative to the ceilings of the machine that is handed in. Small kernels are
 * fitted kind by kind and together, for kinds that were not measured.
 */
import type { Hardware } from "../hardware/hardware.ts";
import type { MeasurementRow } from "../measurement/measurement-row.ts";
import type { KernelFits } from "../timing/calibrated.ts";
import { defaultFitLimits, type FamilyFit, type FitLimits, fitFamily } from "./fit-family.ts";
import { type FamilySample, kernelSamples } from "./kernel-samples.ts";

export interface KernelCalibration {
  readonly families: readonly FamilyFit[];
  /** The same by family, for src/timing/calibrated.ts. */
  readonly fits: KernelFits;
}

/**
 * Fits the kernels among the rows; those of whole steps are left alone.
 * @throws InvalidInput for a row's format that isn't known or can't be multiplied
 */
export function fitKernels(
  rows: readonly MeasurementRow[],
  hardware: Hardware,
  limits: Partial<FitLimits> = {},
): KernelCalibration {
  const usualStartSeconds = hardware.kernelStartSeconds ?? 0;
  const asked = { ...defaultFitLimits, usualStartSeconds, ...limits };
  const groups = new Map<string, FamilySample[]>();
  for (const sample of kernelSamples(rows, hardware)) {
    for (const family of sample.families) {
      const group = groups.get(family);
      if (group === undefined) groups.set(family, [sample]);
      else group.push(sample);
    }
  }
  const families = [...groups].map(([family, samples]) => fitFamily(family, samples, asked));
  return { families, fits: new Map(families.map(({ family, fit }) => [family, fit])) };
}
