/**
 * Fits all kernel families that the rows hold, relative to the ceilings of the machine that is handed in. Small kernels are
 * fitted kind by kind and together, for kinds that were not measured.
 *
 * Rows of one machine may share one knee: of the candidates the one with the least sum of the families' scores (fit-family.ts)
 * and of a weak prior, ½ log₂(q / usual)², so that twice or half the usual knee costs as much as half a parameter.
 */
import type { Hardware } from "../hardware/hardware.ts";
import type { MeasurementRow } from "../measurement/measurement-row.ts";
import type { KernelFamily } from "../timing/kernel-family.ts";
import type { KernelFits } from "../timing/knee-calibrated.ts";
import { defaultFitLimits, type FamilyFit, type FitLimits, fitFamily } from "./fit-family.ts";
import { type FamilySample, kernelSamples } from "./kernel-samples.ts";

export interface KernelCalibration {
  readonly families: readonly FamilyFit[];
  /** The same by family, for src/timing/knee-calibrated.ts. */
  readonly fits: KernelFits;
  /** That of all families, where they share one; else null. */
  readonly commonKnee: number | null;
}

export interface KernelFitOptions extends Partial<FitLimits> {
  /** Whether all families share one knee; `usualKnee` is the prior's then. */
  readonly shareKnee?: boolean;
}

/** From one after the other to the longer of the two, in steps of a fourth root of 2. */
const kneeCandidates = Array.from({ length: 17 }, (_, i) => 2 ** (-1 + i / 4));

/**
 * Fits the kernels among the rows; those of whole steps are left alone.
 * @throws InvalidInput for a row's format that isn't known or can't be multiplied
 */
export function fitKernels(
  rows: readonly MeasurementRow[],
  hardware: Hardware,
  options: KernelFitOptions = {},
): KernelCalibration {
  const { shareKnee = false, ...limits } = options;
  const usualStartSeconds = hardware.kernelStartSeconds ?? 0;
  const asked: FitLimits = { ...defaultFitLimits, usualStartSeconds, ...limits, ownKnee: !shareKnee };
  const groups = new Map<KernelFamily, FamilySample[]>();
  for (const sample of kernelSamples(rows, hardware)) {
    for (const family of sample.families) {
      const group = groups.get(family);
      if (group === undefined) groups.set(family, [sample]);
      else group.push(sample);
    }
  }
  const commonKnee = shareKnee ? sharedKnee(groups, asked) : null;
  const used = commonKnee === null ? asked : { ...asked, usualKnee: commonKnee };
  const families = [...groups].map(([family, samples]) => withFormat(fitFamily(family, samples, used), samples));
  return { families, fits: new Map(families.map(({ family, fit }) => [family, fit])), commonKnee };
}

function sharedKnee(groups: ReadonlyMap<KernelFamily, readonly FamilySample[]>, limits: FitLimits): number {
  // Small kernels are in two families: their own counts.
  const own = [...groups].filter(([family, samples]) => samples.every((sample) => sample.families[0] === family));
  const scoreOf = (knee: number): number => {
    const prior = Math.log2(knee / limits.usualKnee) ** 2 / 2;
    return own.reduce(
      (sum, [family, samples]) => sum + fitFamily(family, samples, { ...limits, usualKnee: knee }).score,
      prior,
    );
  };
  const scored = kneeCandidates.map((knee) => ({ knee, score: scoreOf(knee) }));
  return scored.reduce((best, each) => (each.score < best.score ? each : best)).knee;
}

/** With the format that all of the family's rows say they multiply in. */
function withFormat(fitted: FamilyFit, samples: readonly FamilySample[]): FamilyFit {
  const [first] = samples;
  if (first === undefined || first.multiplies === null) return fitted;
  const { multiplies } = first;
  if (samples.some((sample) => sample.multiplies !== multiplies)) return fitted;
  return { ...fitted, fit: { ...fitted.fit, multiplies } };
}
