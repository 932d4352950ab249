/** `ridgepoint validate --here`: ceilings, kernels and whole steps of this machine, a fit on a part, a verdict on the rest. */
import { WorkFailed } from "../files/work-failed.ts";
import { writableFolder } from "../files/writable-folder.ts";
import { type HardwareProfile, hardwareFromProfile, type ProfileFigure } from "../hardware/hardware-profile.ts";
import type { KernelBackend } from "../kernels/kernel.ts";
import { type CeilingSettings, ceilingPoints, measureCeilings } from "../measurement/ceilings.ts";
import type { Clock } from "../measurement/clock.ts";
import { lastCacheBytes, type MachineDescription } from "../measurement/machine-description.ts";
import type { RowResult } from "../measurement/measured-cells.ts";
import { formatBytesBinary } from "../quantity/format-quantity.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { ComputeFormat } from "../quantity/number-format.ts";
import { seededRandom } from "../quantity/seeded-random.ts";
import { machineReport } from "../reporting/machine-report.ts";
import { type HereValidation, judgeHere } from "../validation/here.ts";
import { type HereGrid, hereGrid } from "../validation/here-grid.ts";
import { type MeasuredHere, measureHere } from "../validation/measure-here.ts";
import { allMet } from "../validation/verdict.ts";
import type { CommandIo, ExitCode } from "./command.ts";
import { gateOf, gateText } from "./here-gate.ts";
import { hereText } from "./here-text.ts";
import { measuredTables, partedTexts } from "./measured-tables.ts";
import { csvText, jsonText } from "./output.ts";
import { measuredCeilings, mountainRows } from "./printed-ceilings.ts";
import { type PrintedHere, printedFamilies, printedSpeedups, printedTwice } from "./printed-here.ts";
import { noProgress, sweepProgress } from "./sweep-progress.ts";
import { mountainChart } from "./write-ceilings.ts";
import { checkedReportFolder, writeMachineReport } from "./write-machine-report.ts";

/** What the command measures with; tests hand in their own. */
export interface HereTools {
  readonly backend: (threads: number) => Promise<KernelBackend>;
  readonly clock: () => Clock;
  readonly machine: () => Promise<MachineDescription>;
  /** Begins to watch; the function answers the share of processor time that other programs used since. */
  readonly otherPrograms: () => () => number;
  /** Other sizes than the usual ones. */
  readonly grid?: HereGrid;
}

export interface HereSettings {
  readonly quick: boolean;
  /** Null for all that this process may use. */
  readonly threads: number | null;
  readonly folder: string;
  readonly maxMedianPercent: number | null;
  readonly json: boolean;
}

/** Where the report goes unless another folder is named. */
export const usualReportFolder = "reports/this-machine";

const seed = 1;
const measuredFormats = ["f32", "bf16", "int8"] as const;
/** Where the system does not say how large the last cache is. */
const usualCacheBytes = 32 * 2 ** 20;
/** Prepared kernels take this share of the memory at once, and no more than this many bytes. */
const memoryShare = 0.5;
const mostBytes = 16e9;

/** @throws InvalidInput for threads that are not there; WorkFailed where a kernel fails or the folder cannot be written */
export async function validateHere(tools: HereTools, settings: HereSettings, io: CommandIo): Promise<ExitCode> {
  const machine = await tools.machine();
  const threads = settings.threads ?? machine.usableThreads;
  if (threads > machine.usableThreads) {
    throw new InvalidInput("threads", threads, `this process may use ${machine.usableThreads}`);
  }
  // Minutes of measuring would be lost to a folder that takes no file.
  const folder = await writableFolder(await checkedReportFolder(settings.folder));
  const backend = await tools.backend(threads);
  try {
    const measured = await measureAll(tools, { settings, machine, threads, backend, io });
    if (measured !== null) return await report(settings, measured, io);
    io.writeError("interrupted: nothing was written\n");
    return 130;
  } finally {
    await folder.leave();
    await backend.close();
  }
}

interface Asked {
  readonly settings: HereSettings;
  readonly machine: MachineDescription;
  readonly threads: number;
  readonly backend: KernelBackend;
  readonly io: CommandIo;
}

interface Measured extends MeasuredHere {
  readonly machine: MachineDescription;
  readonly threads: number;
  readonly backend: KernelBackend["name"];
  readonly ceilings: ReturnType<typeof measuredCeilings>;
  readonly otherPrograms: number;
  readonly wallSeconds: number;
}

/** Null where it was interrupted. */
async function measureAll(tools: HereTools, asked: Asked): Promise<Measured | null> {
  const { settings, machine, threads, backend, io } = asked;
  const { quick } = settings;
  const clock = tools.clock();
  const from = clock.nowSeconds();
  const others = tools.otherPrograms();
  const cacheBytes = lastCacheBytes(machine) ?? usualCacheBytes;
  const grid = tools.grid ?? hereGrid({ backend: backend.name, threads, lastCacheBytes: cacheBytes, quick });
  const interrupted = io.interrupted;
  let bar = noProgress;
  try {
    const available = await backend.availability();
    if (!available.available) throw new WorkFailed("measure this machine", available.reason);
    const ceilingSettings: CeilingSettings = {
      ...{ lastCacheBytes: lastCacheBytes(machine), quick: true, rounds: quick ? 1 : 3, interrupted },
      timing: { budgetSeconds: quick ? 0.12 : 0.2, leastSampleSeconds: 0.01 },
      onProgress: (done) => bar.update(done),
    };
    if (io.isTerminal) bar = await sweepProgress(ceilingPoints([threads], ceilingSettings), "ceilings");
    const ceilings = await measureCeilings([{ threads, backend }], clock, ceilingSettings);
    bar.stop();
    const rows = [...grid.kernels, ...grid.steps];
    const rounds = quick ? 7 : 11;
    if (io.isTerminal) bar = await sweepProgress(rows.length * rounds, "samples");
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

async function report(settings: HereSettings, measured: Measured, io: CommandIo): Promise<ExitCode> {
  const { machine, threads, results, ceilings } = measured;
  const labels = { machine: machine.label, date: machine.date };
  const tables = measuredTables(results, labels);
  const profile = withCeilings(ceilings.profile, measured);
  const here = judgeHere(tables, hardwareFromProfile(profile), { readSpread: measured.read.spread });
  const { text, charts } = machineReport({
    ...{ here, machine, threads, backend: measured.backend, otherPrograms: measured.otherPrograms },
    mountain: mountainChart(ceilings),
    ...{ disturbedRows: countOf(results, "budget"), calmSamples: measured.calm, takenSamples: measured.taken },
    ...{ notes: ceilings.notes, command: commandOf(settings) },
  });
  const data = new Map([
    ...partedTexts(results, labels, tables, here.fitted),
    ["mountain-points.csv", csvText(mountainRows(ceilings))],
    ["profile.json", jsonText(profile)],
    ["machine.json", jsonText(machine)],
    ["fit.json", jsonText(printedFamilies(here))],
  ] as const);
  const files = await writeMachineReport({ folder: settings.folder, data, charts, page: text });
  const printed = printedHere(settings, measured, here, files);
  io.write(settings.json ? jsonText(printed) : hereText(printed));
  io.writeError(`wrote ${files.length} files to ${settings.folder}\n`);
  io.writeError(gateText(printed.gate));
  return (printed.gate?.missed.length ?? 0) > 0 ? 1 : 0;
}

/** As it would be typed again; the page lies in its folder. */
function commandOf({ quick, threads, folder, maxMedianPercent }: HereSettings): string {
  const out = /^[\w./,:+@%-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", "'\\''")}'`;
  return [
    "ridgepoint validate --here",
    ...(quick ? ["--quick"] : []),
    ...(threads === null ? [] : [`--threads ${threads}`]),
    ...(maxMedianPercent === null ? [] : [`--max-median ${maxMedianPercent}`]),
    ...(folder === usualReportFolder ? [] : [`--out ${out}`]),
  ].join(" ");
}

const peakNames = { f32: "fp32", bf16: "bf16", int8: "int8" } as const;

/** Bandwidth and peaks as they were while everything else was measured. */
function withCeilings(profile: HardwareProfile, { read, peaks, machine, threads }: Measured): HardwareProfile {
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

function printedHere(
  settings: HereSettings,
  measured: Measured,
  here: HereValidation,
  files: readonly string[],
): PrintedHere {
  const { machine, threads, results, ceilings, read } = measured;
  const { maxMedianPercent } = settings;
  const notes = [...ceilings.notes, ...here.steps.calibrated.notes, ...here.kernels.calibrated.notes];
  return {
    ...{ hardware: here.hardware.id, machine: machine.processor, date: machine.date, backend: measured.backend },
    ...{ threads, quick: settings.quick, wallSeconds: measured.wallSeconds },
    otherProgramsPercent: 100 * measured.otherPrograms,
    ...{ disturbedRows: countOf(results, "budget"), calmSamples: measured.calm, takenSamples: measured.taken },
    skippedRows: countOf(results, "skipped"),
    ...{ readBytesPerSecond: read.bytesPerSecond, readSpread: read.spread, commonKnee: here.calibration.commonKnee },
    families: printedFamilies(here),
    fittedRows: here.fitted.size,
    kernels: printedTwice(here.kernels),
    steps: printedTwice(here.steps),
    speedups: printedSpeedups([...here.kernelSpeedups, ...here.stepSpeedups]),
    verdict: here.verdict,
    passed: allMet(here.verdict),
    gate: maxMedianPercent === null ? null : gateOf(here, maxMedianPercent, measured.otherPrograms),
    notes: [...new Set(notes)],
    files,
  };
}

function countOf(results: readonly RowResult[], status: RowResult["status"]): number {
  return results.filter((result) => result.status === status).length;
}
