/** `ridgepoint validate --here`: ceilings, kernels and whole steps of this machine, a fit on a part, a verdict on the rest. */
import { writableFolder } from "../files/writable-folder.ts";
import type { RowResult } from "../measurement/measured-cells.ts";
import { machineReport } from "../reporting/machine-report.ts";
import type { HereValidation } from "../validation/here.ts";
import { allMet } from "../validation/verdict.ts";
import type { CommandIo, ExitCode } from "./command.ts";
import { gateOf, gateText } from "./here-gate.ts";
import { hereText } from "./here-text.ts";
import { type HereTools, judgedMachine, type MeasuredMachineHere, measuredHere, threadsHere } from "./measured-here.ts";
import { partedTexts } from "./measured-tables.ts";
import { csvText, jsonText } from "./output.ts";
import { mountainRows } from "./printed-ceilings.ts";
import { type PrintedHere, printedFamilies, printedSpeedups, printedTwice } from "./printed-here.ts";
import { mountainChart } from "./write-ceilings.ts";
import { checkedReportFolder, writeMachineReport } from "./write-machine-report.ts";

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

/** @throws InvalidInput for threads that are not there; WorkFailed where a kernel fails or the folder cannot be written */
export async function validateHere(tools: HereTools, settings: HereSettings, io: CommandIo): Promise<ExitCode> {
  const machine = await tools.machine();
  const threads = threadsHere(machine, settings.threads);
  // Minutes of measuring would be lost to a folder that takes no file.
  const folder = await writableFolder(await checkedReportFolder(settings.folder));
  const backend = await tools.backend(threads);
  const { isTerminal, interrupted } = io;
  try {
    const asked = { quick: settings.quick, machine, threads, backend, isTerminal, interrupted };
    const measured = await measuredHere(tools, asked);
    if (measured !== null) return await report(settings, measured, io);
    io.writeError("interrupted: nothing was written\n");
    return 130;
  } finally {
    await folder.leave();
    await backend.close();
  }
}

async function report(settings: HereSettings, measured: MeasuredMachineHere, io: CommandIo): Promise<ExitCode> {
  const { machine, threads, results, ceilings } = measured;
  const labels = { machine: machine.label, date: machine.date };
  const { tables, profile, here } = judgedMachine(measured);
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

function printedHere(
  settings: HereSettings,
  measured: MeasuredMachineHere,
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
