/** What `validate --here` and a notebook measure of this machine: ceilings, kernels, whole steps; and the judgement of predictions by them. */
import { WorkFailed } from "../files/work-failed.ts";
import { type HardwareProfile, hardwareFromProfile, type ProfileFigure } from "../hardware/hardware-profile.ts";
import type { KernelBackend } from "../kernels/kernel.ts";
import { type CeilingSettings, ceilingPoints, measureCeilings } from "../measurement/ceilings.ts";
import type { Clock } from "../measurement/clock.ts";
import { lastCacheBytes, type MachineDescription } from "../measurement/machine-description.ts";
import type { MeasurementTable } from "../measurement/measurement-table.ts";
import { formatBytesBinary } from "../quantity/format-quantity.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { ComputeFormat } from "../quantity/number-format.ts";
import { seededRandom } from "../quantity/seeded-random.ts";
import { type HereValidation, judgeHere } from "../validation/here.ts";
import { type HereGrid, hereGrid } from "../validation/here-grid.ts";
import { type MeasuredHere, measureHere } from "../validation/measure-here.ts";
import { measuredTables } from "./measured-tables.ts";
import { measuredCeilings } from "./printed-ceilings.ts";
import { noProgress, sweepProgress } from "./sweep-progress.ts";

/** What this machine is measured with; tests hand in their own. */
export interface HereTools {
  readonly backend: (threads: number) => Promise<KernelBackend>;
  readonly clock: () => Clock;
  readonly machine: () => Promise<MachineDescription>;
  /** Begins to watch; the function answers the share of processor time that other programs used since. */
  readonly otherPrograms: () => () => number;
  /** Other sizes than the usual ones. */
  readonly grid?: HereGrid;
}

export interface HereAsked {
  readonly quick: boolean;
  readonly machine: MachineDescription;
  readonly threads: number;
  readonly backend: KernelBackend;
  /** Whether a bar is drawn on standard error. */
  readonly isTerminal: boolean;
  readonly interrupted: AbortSignal;
}

export interface MeasuredMachineHere extends MeasuredHere {
  readonly machine: MachineDescription;
  readonly threads: number;
  readonly backend: KernelBackend["name"];
  readonly ceilings: ReturnType<typeof measuredCeilings>;
  readonly otherPrograms: number;
  readonly wallSeconds: number;
}

export interface JudgedMachine {
  readonly tables: readonly MeasurementTable[];
  /** With the ceilings as they were while everything else was measured. */
  readonly profile: HardwareProfile;
  readonly here: HereValidation;
}

const seed = 1;
const measuredFormats = ["f32", "bf16", "int8"] as const;
/** Where the system does not say how large the last cache is. */
const usualCacheBytes = 32 * 2 ** 20;
/** Prepared kernels take this share of the memory at once, and no more than this many bytes. */
const memoryShare = 0.5;
const mostBytes = 16e9;

/** @throws InvalidInput for more threads than this process may use */
export function threadsHere(machine: MachineDescription, asked: number | null): number {
  const threads = asked ?? machine.usableThreads;
  if (threads <= machine.usableThreads) return threads;
  throw new InvalidInput("threads", threads, `this process may use ${machine.usableThreads}`);
}

/** Null where it was interrupted. @throws WorkFailed where a kernel fails */
export async function measuredHere(tools: HereTools, asked: HereAsked): Promise<MeasuredMachineHere | null> {
  const { quick, machine, threads, backend, interrupted } = asked;
  const clock = tools.clock();
  const from = clock.nowSeconds();
  const others = tools.otherPrograms();
  const cacheBytes = lastCacheBytes(machine) ?? usualCacheBytes;
  const grid = tools.grid ?? hereGrid({ backend: backend.name, threads, lastCacheBytes: cacheBytes, quick });
  let bar = noProgress;
  try {
    const available = await backend.availability();
    if (!available.available) throw new WorkFailed("measure this machine", available.reason);
    const ceilingSettings: CeilingSettings = {
      ...{ lastCacheBytes: lastCacheBytes(machine), quick: true, rounds: quick ? 1 : 3, interrupted },
      timing: { budgetSeconds: quick ? 0.12 : 0.2, leastSampleSeconds: 0.01 },
      onProgress: (done) => bar.update(done),
    };
    if (asked.isTerminal) bar = await sweepProgress(ceilingPoints([threads], ceilingSettings), "ceilings");
    const ceilings = await measureCeilings([{ threads, backend }], clock, ceilingSettings);
    bar.stop();
    const rows = [...grid.kernels, ...grid.steps];
    const rounds = quick ? 7 : 11;
    if (asked.isTerminal) bar = await sweepProgress(rows.length * rounds, "samples");
    const measured = await measureHere({
      ...{ backend, rows, clock, rounds, lastCacheBytes: cacheBytes, interrupted },
      random: seededRandom(seed),
      memoryBytes: Math.min(mostBytes, memoryShare * machine.memoryBytes),
      leastSampleSeconds: quick ? 0.01 : 0.02,
      extraSeconds: quick ? 25 : 60,
      formats: measuredFormats,
      onProgress: (done) => bar.update(done),
    });
    return {
      ...measured,
      ...{ machine, threads, backend: backend.name, ceilings: measuredCeilings(ceilings, machine, threads) },
      otherPrograms: others(),
      wallSeconds: clock.nowSeconds() - from,
    };
  } catch (error) {
    if (interrupted.aborted) return null;
    if (error instanceof InvalidInput || error instanceof WorkFailed) throw error;
    throw new WorkFailed("measure this machine", error instanceof Error ? error.message : String(error));
  } finally {
    bar.stop();
  }
}

/** A part of the kernels fitted; the others, and all whole steps, predicted and judged. */
export function judgedMachine(measured: MeasuredMachineHere): JudgedMachine {
  const { machine, results, ceilings, read } = measured;
  const tables = measuredTables(results, { machine: machine.label, date: machine.date });
  const profile = withCeilings(ceilings.profile, measured);
  return { tables, profile, here: judgeHere(tables, hardwareFromProfile(profile), { readSpread: read.spread }) };
}

const peakNames = { f32: "fp32", bf16: "bf16", int8: "int8" } as const;

/** Bandwidth and peaks as they were while everything else was measured. */
function withCeilings(
  profile: HardwareProfile,
  { read, peaks, machine, threads }: MeasuredMachineHere,
): HardwareProfile {
  const on = `measured ${machine.date} on ${threads} thread${threads === 1 ? "" : "s"}, between all other measurements`;
  const figure = (value: number, unit: string, how: string): ProfileFigure => {
    return { value: `${Number((value / 1e9).toPrecision(4))} G${unit}`, source: `${on}: ${how}` };
  };
  const set = formatBytesBinary(read.workingSetBytes);
  const stream = `plain reads of ${set}, median of the fastest quarter of ${read.samples}`;
  const peak: Partial<Record<ComputeFormat, ProfileFigure>> = { ...profile.peak };
  for (const format of measuredFormats) {
    const rate = peaks.get(format);
    if (rate !== undefined) peak[peakNames[format]] = figure(rate, "FLOP/s", `multiply-adds on ${format} operands`);
  }
  const memory = { ...profile.memory, bandwidth: figure(read.bytesPerSecond, "B/s", stream) };
  return { ...profile, memory, peak };
}
