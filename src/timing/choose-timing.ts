/**
 * The timing model of a machine: calibrated where a fit of the machine exists, else the roofline, unless one of them is asked for.
 * Asked for without a fit of its own, a machine gets that of its nearest relative at its own ceilings, with a wider interval:
 *   nearest   the same vendor, then the least distance of the logarithms of stated bandwidth and peak
 * Kernels come from the engines that the execution profile names, its nearest first; kinds of work that the first has not measured
 * are filled from the next on the same machine.
 */
import type { Hardware } from "../hardware/hardware.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { calibrated } from "./calibrated.ts";
import type { Calibration, FittedKernel } from "./calibration.ts";
import { type EngineFit, engineFitOf, withFittedRuns } from "./engine-fits.ts";
import { engineTiming } from "./engine-timing.ts";
import { executionProfiles } from "./engines.ts";
import type { EngineId, ExecutionProfile } from "./execution-profile.ts";
import { type FittedEngine, fittedEngine } from "./fitted-engine.ts";
import { formKinds } from "./operation-call.ts";
import { isChipOf } from "./reached-peaks.ts";
import { roofline } from "./roofline.ts";
import type { TimingModel } from "./timing-model.ts";

/** Plain data, so that it can be handed to a worker. */
export interface TimingChoice {
  /** Null: calibrated where a fit of the machine exists, else the roofline. */
  readonly timing: "roofline" | "calibrated" | null;
  /** Null: the one that the fit was measured with. */
  readonly engine: EngineId | null;
  readonly calibrations: readonly Calibration[];
  /** Whose kernels stand in for kinds of work that `calibrations` have none for. */
  readonly fillers?: readonly Calibration[];
  /** What is to be said wherever the choice is used. */
  readonly notes?: readonly string[];
}

/** One kernel that was run alone, again and again. */
export interface KernelRun {
  /** Null where nobody named it. */
  readonly name: string | null;
  /** Whether its data came from memory. */
  readonly cold: boolean;
}

export const rooflineChoice: TimingChoice = { timing: "roofline", engine: null, calibrations: [] };

/**
 * Standard deviation of the logarithm that a fit carried over from another machine adds, by what is known of this one. Between chips
 * it is what an A100's kernels show against an H100's fit (reports/accuracy); the same chip with other memory differs in less.
 */
export const transferDeviations: {
  readonly own: number;
  readonly sameProfile: number;
  readonly sameChip: Readonly<Record<Hardware["basis"], number>>;
  readonly otherChip: Readonly<Record<Hardware["basis"], number>>;
  readonly otherVendor: number;
} = {
  own: 0,
  sameProfile: 0.02,
  sameChip: { measured: 0.04, datasheet: 0.06 },
  otherChip: { measured: 0.13, datasheet: 0.15 },
  otherVendor: 0.25,
};
/** Farther than any two machines of one vendor. */
const otherVendorDistance = 100;

/**
 * @param kernel where it is not a whole step that is timed but one kernel alone
 * @throws InvalidInput where calibrated timing is asked for and there is no fit at all, or none that stands for the engine
 */
export function chooseTiming(hardware: Hardware, choice: TimingChoice, kernel?: KernelRun): TimingModel {
  const { timing, engine, calibrations } = choice;
  const said = choice.notes ?? [];
  if (timing === "roofline") return noted(roofline(hardware), said);
  const own = calibrations.filter((each) => each.hardware === hardware.id);
  const asked = engine ?? ofRunsAlone(calibrations);
  const used = asked ?? own[0]?.engine ?? calibrations[0]?.engine ?? "pytorch-graph";
  if (timing === null && own.length === 0) return noted(roofline(hardware), said);
  const engineFit = engineFitFor(hardware, used, asked, calibrations);
  if (engineFit !== null && kernel === undefined) {
    return noted(engineTiming(hardware, engineFit, calibrations), said);
  }
  const fitted = kernel === undefined ? fittedEngine("serving", used, calibrations) : null;
  const profile =
    kernel === undefined
      ? servingStep(executionProfiles[used], fitted)
      : kernelAlone(executionProfiles[used], kernel.name);
  const nearest = nearestCalibration(hardware, calibrations, profile.kernelsOf);
  if (nearest === null) throw noFit(hardware, used, calibrations);
  const { calibration, note } = withFillers(nearest, hardware, choice.fillers ?? [], profile.kernelsOf);
  const notes = [vendorNote(hardware, profile), transferNote(hardware, calibration), servingNote(fitted), note];
  return calibrated(hardware, calibration, profile, {
    cold: kernel?.cold ?? true,
    transferDeviation: Math.hypot(transferDeviation(hardware, calibration), bandDeviation(fitted)),
    notes: [...said, ...notes.flatMap((each) => each ?? [])],
  });
}

/** A calibration with kernels of the fillers for kinds of work that it has none for. */
function withFillers(
  calibration: Calibration,
  hardware: Hardware,
  fillers: readonly Calibration[],
  engines: readonly EngineId[],
): { readonly calibration: Calibration; readonly note: string | null } {
  const filler = nearestCalibration(hardware, fillers, engines);
  const known = new Set(calibration.kernels.map(({ kind }) => kind));
  const added = filler === null ? [] : filler.kernels.filter(({ kind }) => !known.has(kind));
  if (filler === null || added.length === 0) return { calibration, note: null };
  const kinds = [...new Set(added.map(({ kind }) => kind))].join(", ");
  const note = `${calibration.id} has no fit of ${kinds}: those of ${filler.id} stand in`;
  return { calibration: { ...calibration, kernels: [...calibration.kernels, ...added] }, note };
}

function noFit(hardware: Hardware, engine: EngineId, calibrations: readonly Calibration[]): InvalidInput {
  if (calibrations.length === 0) {
    const wants = "no fit is known: --fit names one that `ridgepoint calibrate` wrote";
    return new InvalidInput("timing", "calibrated", wants);
  }
  return new InvalidInput(
    "engine",
    engine,
    `neither kernels nor runs of it were measured on machines like ${hardware.id}`,
  );
}

/** The engine of a fit that holds constants of whole runs alone. */
function ofRunsAlone(calibrations: readonly Calibration[]): EngineId | null {
  return calibrations.find(({ kernels, engines = [] }) => kernels.length === 0 && engines.length > 0)?.engine ?? null;
}

/** A step alone by what a fit on whole runs found that the engine adds, on kernels at the pace that they keep (kernelTiming). */
function servingStep(profile: ExecutionProfile, fitted: FittedEngine | null): ExecutionProfile {
  if (fitted === null) return profile;
  const { stepSeconds = 0, sequenceSeconds = 0, layerSeconds = 0 } = fitted.constants;
  const constants = { stepSeconds, sequenceSeconds, layerSeconds, launchSeconds: 0 };
  return { ...profile, launch: "ideal", constants, source: fitted.source };
}

/** Of a normal distribution as wide as the band of 90 %. */
function bandDeviation(fitted: FittedEngine | null): number {
  return fitted === null || fitted.band === null ? 0 : (fitted.band.high - fitted.band.low) / (2 * 1.645);
}

function servingNote(fitted: FittedEngine | null): string | null {
  if (fitted === null) return null;
  return `what ${fitted.id} adds to a step was fitted on whole runs: ${fitted.source}`;
}

/**
 * An engine's kernels alone, at the pace that they keep once they run: without start-ups and without what the engine adds. Where
 * constants were fitted on whole runs of the engine, they hold both (serving/serving-profiles.ts).
 * @param launch "graph": with their start-ups, one after the other in a recorded graph
 * @throws InvalidInput where there is no fit at all
 */
export function kernelTiming(
  hardware: Hardware,
  calibrations: readonly Calibration[],
  engine: EngineId,
  launch: "ideal" | "graph" = "ideal",
): TimingModel {
  const profile = executionProfiles[engine];
  const calibration = nearestCalibration(hardware, calibrations, profile.kernelsOf);
  if (calibration === null) throw new InvalidInput("timing", "calibrated", "no fit is known");
  const constants = { stepSeconds: 0, sequenceSeconds: 0, layerSeconds: 0, launchSeconds: 0 };
  return calibrated(hardware, calibration, { ...profile, launch, constants });
}

/** Standard deviation of the logarithm that carrying an engine's kernels over to a machine adds; 0 where they were measured on it. */
export function carriedDeviation(hardware: Hardware, calibrations: readonly Calibration[], engine: EngineId): number {
  const calibration = nearestCalibration(hardware, calibrations, executionProfiles[engine].kernelsOf);
  return calibration === null ? transferDeviations.otherVendor : transferDeviation(hardware, calibration);
}

function noted(model: TimingModel, said: readonly string[]): TimingModel {
  if (said.length === 0) return model;
  return {
    ...model,
    get notes() {
      return [...said, ...model.notes];
    },
  };
}

/** Whether kernels that stand in for an engine's were measured on some machine of the vendor. */
export function haveKernels(hardware: Hardware, calibrations: readonly Calibration[], engine: EngineId): boolean {
  const { kernelsOf } = executionProfiles[engine];
  return calibrations.some(
    (each) => each.vendor === hardware.vendor && kernelsOf.includes(each.engine) && each.kernels.length > 0,
  );
}

/** Constants of whole runs, where the engine asked for has them on such machines and kernels of no machine of the vendor stand in. */
function engineFitFor(
  hardware: Hardware,
  used: EngineId,
  asked: EngineId | null,
  calibrations: readonly Calibration[],
): EngineFit | null {
  if (haveKernels(hardware, calibrations, used) || asked === null) return null;
  const shipped = engineFitOf(used, hardware);
  return shipped === null ? null : withFittedRuns(shipped, calibrations);
}

/** Nothing around it, nothing fused into it, and the very kernel where it is known by name. */
function kernelAlone(profile: ExecutionProfile, kernel: string | null): ExecutionProfile {
  const constants = { stepSeconds: 0, sequenceSeconds: 0, layerSeconds: 0, launchSeconds: 0 };
  const alone = { ...profile, launch: "alone" as const, fused: {}, constants };
  return kernel === null ? alone : { ...alone, kernels: Object.fromEntries(formKinds.map((kind) => [kind, [kernel]])) };
}

function nearestCalibration(
  hardware: Hardware,
  calibrations: readonly Calibration[],
  engines: readonly EngineId[],
): Calibration | null {
  const distance = ({ hardware: id, vendor, stated }: Calibration): number => {
    if (id === hardware.id) return -1;
    const kin = vendor === hardware.vendor ? 0 : otherVendorDistance;
    const peak = hardware.peakFlopsPerSecond.bf16 ?? hardware.peakFlopsPerSecond.fp16 ?? 1;
    const theirs = stated.peakFlopsPerSecond.bf16 ?? stated.peakFlopsPerSecond.fp16 ?? 1;
    return (
      kin +
      Math.abs(Math.log(hardware.memoryBandwidthBytesPerSecond / stated.bytesPerSecond)) +
      Math.abs(Math.log(peak / theirs))
    );
  };
  const rank = (each: Calibration): number => engines.indexOf(each.engine);
  const usable = calibrations.filter((each) => engines.includes(each.engine) && each.kernels.length > 0);
  const sorted = [...usable].sort((a, b) => distance(a) - distance(b) || rank(a) - rank(b));
  const nearest = sorted[0];
  if (nearest === undefined) return null;
  return { ...nearest, kernels: filledKernels(sorted, nearest.hardware) };
}

/** Each kernel of the machine once, those of the earlier calibrations first; of other machines those that do work of other kinds. */
function filledKernels(sorted: readonly Calibration[], machine: string): FittedKernel[] {
  const kernels = new Map<string, FittedKernel>();
  const take = (some: readonly FittedKernel[]): void => {
    for (const each of some) {
      const key = `${each.kind}|${each.kernel}|${each.format}`;
      if (!kernels.has(key)) kernels.set(key, each);
    }
  };
  for (const { hardware, kernels: own } of sorted) if (hardware === machine) take(own);
  for (const { hardware, kernels: others } of sorted) {
    if (hardware === machine) continue;
    const known = new Set([...kernels.values()].map(({ kind }) => kind));
    take(others.filter(({ kind }) => !known.has(kind)));
  }
  return [...kernels.values()];
}

function transferDeviation(hardware: Hardware, calibration: Calibration): number {
  const { basis } = hardware;
  if (calibration.hardware === hardware.id) return transferDeviations[basis === "measured" ? "sameProfile" : "own"];
  if (calibration.vendor !== hardware.vendor) return transferDeviations.otherVendor;
  return transferDeviations[isChipOf(hardware, calibration) ? "sameChip" : "otherChip"][basis];
}

function vendorNote({ vendor }: Hardware, { name, onlyOn = vendor }: ExecutionProfile): string | null {
  return vendor === onlyOn
    ? null
    : `${name} runs on machines of ${onlyOn} alone: these are times as if it ran on ${vendor}'s`;
}

function transferNote(hardware: Hardware, { id, hardware: from }: Calibration): string | null {
  if (from === hardware.id) return null;
  const by =
    hardware.basis === "measured" ? "measured ceilings" : "datasheet: measured ceilings (--ceilings) make it surer";
  const kernels =
    hardware.kind === "gpu" ? "" : `; whether a ${hardware.kind}'s kernels are like them, nothing here says`;
  return `no fit of ${hardware.id}: that of ${from} (${id}) is carried over by its ${by}; the interval is wider for it${kernels}`;
}
