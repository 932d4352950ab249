/**
 * The machine that kernel forms are asked about, from a machine's profile and the one that a calibration was fitted on.
 *   measured ceilings    are taken as they are; where only some were measured, the others as the datasheet's
 *   datasheet figures    × the share of its own datasheet that the fitted machine's ceilings reached, figure by figure: the same
 *                        machine gets the very ceilings that it was fitted on, a relative the like of them
 */
import type { Hardware } from "../hardware/hardware.ts";
import type { ComputeFormat } from "../quantity/number-format.ts";
import type { KernelMachine } from "./kernel-form.ts";

/** Ceilings that a fit is relative to, beside what the profile of the same machine states. */
export interface FittedMachine {
  readonly ceilings: KernelMachine;
  readonly stated: KernelMachine;
}

/**
 * Mean of what A100 80GB (0.858), H100 (0.949) and H200 (0.933) read of their datasheet's bandwidth in BabelStream's Dot:
 * Azure/AI-benchmarking-guide, Azure_Results, @8fd0c6e.
 */
const usualReadShare = 0.91;

/** A profile's own figures; `processors` are `otherwise` where the profile does not say. */
export function statedMachine(hardware: Hardware, otherwise = 1): KernelMachine {
  const outermost = hardware.caches.at(-1);
  return {
    bytesPerSecond: hardware.memoryBandwidthBytesPerSecond,
    processors: hardware.processors ?? otherwise,
    cacheBytes: outermost?.bytes ?? 0,
    peakFlopsPerSecond: hardware.peakFlopsPerSecond,
    linkBytesPerSecond: hardware.link?.bytesPerSecond ?? null,
  };
}

/**
 * What kernels reach at most on `hardware`, by the fit of a relative or of itself.
 * @example fitted where 3.35 TB/s are stated and 3.085 TB/s were read: a machine that states 4.8 TB/s is taken to read 4.42 TB/s
 */
export function kernelMachine(hardware: Hardware, fitted: FittedMachine): KernelMachine {
  const stated = statedMachine(hardware, fitted.ceilings.processors);
  const measured = hardware.basis === "measured";
  const { ceilings, stated: ofFitted } = fitted;
  const peaks: Partial<Record<ComputeFormat, number>> = {};
  for (const [format, peak] of Object.entries(stated.peakFlopsPerSecond) as [ComputeFormat, number][]) {
    const known = measured && !(hardware.statedPeaks ?? []).includes(format);
    peaks[format] = known ? peak : peak * computeShare(fitted, format);
  }
  // A fit relative to what a datasheet states knows no read ceiling: it is taken to be the usual share of it.
  const unread = measured && ceilings.bytesPerSecond === ofFitted.bytesPerSecond ? 1 / usualReadShare : 1;
  const share = (reached: number | null, of: number | null): number =>
    reached === null || of === null ? 1 : reached / of;
  return {
    ...stated,
    bytesPerSecond:
      stated.bytesPerSecond * (measured ? unread : share(ceilings.bytesPerSecond, ofFitted.bytesPerSecond)),
    peakFlopsPerSecond: peaks,
    linkBytesPerSecond:
      stated.linkBytesPerSecond === null
        ? null
        : stated.linkBytesPerSecond * share(ceilings.linkBytesPerSecond, ofFitted.linkBytesPerSecond),
  };
}

/** The format's own share where the fitted machine has the format, else bf16's, else all of it. */
function computeShare({ ceilings, stated }: FittedMachine, format: ComputeFormat): number {
  for (const each of [format, "bf16"] as const) {
    const [reached, of] = [ceilings.peakFlopsPerSecond[each], stated.peakFlopsPerSecond[each]];
    if (reached !== undefined && of !== undefined) return reached / of;
  }
  return 1;
}
