/** Measured ceilings in the fields of `measure ceilings --json` (docs/json-output.md), with the levels and the profile made of them. */
import type { HardwareProfile } from "../hardware/hardware-profile.ts";
import type { Ceilings } from "../measurement/ceilings.ts";
import type { MachineDescription } from "../measurement/machine-description.ts";
import { type MachineProfileRequest, machineProfile } from "../measurement/machine-profile.ts";
import { type MountainLevel, mountainLevels } from "../measurement/memory-mountain.ts";
import { otherProgramsNotes } from "../measurement/other-programs.ts";
import { formatBandwidth } from "../quantity/format-quantity.ts";

export interface MeasuredCeilings extends Ceilings {
  readonly machine: MachineDescription;
  /** Threads of the profile. */
  readonly threads: number;
  /** Of each number of threads measured. */
  readonly levels: readonly { readonly threads: number; readonly levels: readonly MountainLevel[] }[];
  readonly profile: HardwareProfile;
  /** Of the processors' time, while it measured; null where nobody watched. */
  readonly otherProgramsPercent: number | null;
  /** What makes the figures doubtful. */
  readonly notes: readonly string[];
}

/** Threads together are expected to multiply at least so many times as fast as one each. */
const leastParallelShare = 0.75;
/** Points of memory differ by less than this factor on a machine that does nothing else. */
const mostMemorySpread = 1.4;
/** And working sets of one cache by less than this. */
const mostCacheSpread = 1.5;

/**
 * @param otherPrograms the share of the processors that other programs used meanwhile; null where nobody watched
 * @throws RangeError where what a profile needs was not measured, with the reason where the backend refused it
 */
export function measuredCeilings(
  ceilings: Ceilings,
  machine: MachineDescription,
  threads: number,
  otherPrograms: number | null = null,
): MeasuredCeilings {
  const profile = profileOrReason({ ceilings, machine, threads, otherPrograms });
  const counts = [...new Set(ceilings.streams.map((each) => each.threads))];
  const levels = counts.map((each) => ({
    threads: each,
    levels: mountainLevels(ceilings.streams, each, machine.caches),
  }));
  return {
    ...ceilings,
    machine,
    threads,
    levels,
    profile,
    otherProgramsPercent: otherPrograms === null ? null : 100 * otherPrograms,
    notes: [
      ...(otherPrograms === null ? [] : otherProgramsNotes(otherPrograms)),
      ...parallelNotes(ceilings, threads),
      ...levels.flatMap((each) => memoryNotes(each.threads, each.levels)),
    ],
  };
}

function profileOrReason(request: MachineProfileRequest): HardwareProfile {
  try {
    return machineProfile(request);
  } catch (error) {
    const [refused] = request.ceilings.refused;
    if (!(error instanceof RangeError) || refused === undefined) throw error;
    throw new RangeError(`${error.message}: ${refused}`);
  }
}

function parallelNotes({ multiplyAdds }: Ceilings, threads: number): string[] {
  const peak = (count: number): number | undefined =>
    multiplyAdds.find((each) => each.threads === count && each.format === "f32")?.flopsPerSecond.median;
  const [one, all] = [peak(1), peak(threads)];
  if (one === undefined || all === undefined || all >= leastParallelShare * threads * one) return [];
  const times = (all / one).toPrecision(2);
  return [
    `${threads} threads multiply ${times} times as fast as one: something else runs here, or threads share cores`,
  ];
}

function memoryNotes(threads: number, levels: readonly MountainLevel[]): string[] {
  const on = `${threads} thread${threads === 1 ? "" : "s"}`;
  return levels.flatMap(({ name, least, largest }, i) => {
    const most = i === levels.length - 1 ? mostMemorySpread : mostCacheSpread;
    if (largest <= most * least) return [];
    const range = `${formatBandwidth(least)} to ${formatBandwidth(largest)}`;
    return [`reads from ${name} on ${on} differ from ${range}: measure again while nothing else runs`];
  });
}

/** The mountain, a row a point: `<machine>-mountain.csv`. */
export function mountainRows({ streams }: Pick<Ceilings, "streams">): Record<string, string | number>[] {
  return streams.map(({ stream, threads, workingSetBytes, bytesPerSecond: rate }) => ({
    stream,
    threads,
    working_set_bytes: workingSetBytes,
    bytes_per_s: Math.round(rate.median),
    least_bytes_per_s: Math.round(rate.least),
    largest_bytes_per_s: Math.round(rate.largest),
    mad_bytes_per_s: Math.round(rate.deviation),
    samples: rate.samples,
  }));
}
