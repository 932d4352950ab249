/** `ridgepoint measure`: times kernels and whole steps on this machine, into tables that validate and audit read. */
import { freemem } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { describeMachine } from "../../files/describe-machine.ts";
import { openMeasurementFolder, setMeasurementsAside } from "../../files/measurement-folder.ts";
import { watchOtherPrograms } from "../../files/processor-share.ts";
import { recordOtherPrograms } from "../../files/record-other-programs.ts";
import { systemClock } from "../../files/system-clock.ts";
import { WorkFailed } from "../../files/work-failed.ts";
import type { Clock } from "../../measurement/clock.ts";
import { describeGridRow } from "../../measurement/describe-grid-row.ts";
import { lastCacheBytes, type MachineDescription } from "../../measurement/machine-description.ts";
import { type MeasureRequest, measureRows } from "../../measurement/measure-rows.ts";
import { rowKey } from "../../measurement/measured-cells.ts";
import { otherProgramsNotes, otherProgramsText } from "../../measurement/other-programs.ts";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { backendNamed } from "../backend-named.ts";
import type { CliCommand, CommandIo, ExitCode } from "../command.ts";
import { overrunNotes } from "../measure-notes.ts";
import {
  addMeasureOptions,
  addMeasureTimingOptions,
  type MeasureGrid,
  measureGridOf,
  measureTimingOf,
} from "../measure-request.ts";
import { measureSummary, measureText } from "../measure-text.ts";
import { jsonText } from "../output.ts";
import { printedGrid, printedMeasurement } from "../printed-measurement.ts";
import type { RawOptions } from "../step-settings.ts";
import { noProgress, sweepProgress } from "../sweep-progress.ts";
import { version } from "../version.ts";

/** Where the system does not say how large the last cache is: more than most are. */
const usualCacheBytes = 64 * 2 ** 20;
/** The rest is left to the system and to V8. */
const memoryShare = 0.8;

/** What the command measures with; tests hand in their own. */
export interface MeasureTools {
  readonly backend: MeasureRequest["backendOf"];
  readonly clock: () => Clock;
  readonly machine: () => Promise<MachineDescription>;
  /** What is free of the memory now. */
  readonly freeMemoryBytes: () => number;
  /** Begins to watch: what it returns answers the share of the processors that other programs used since. */
  readonly otherPrograms: () => () => number;
}

export const measure: CliCommand = measureWith({
  backend: backendNamed,
  clock: systemClock,
  machine: () => describeMachine({ version }),
  freeMemoryBytes: freemem,
  otherPrograms: () => watchOtherPrograms(),
});

export function measureWith(tools: MeasureTools): CliCommand {
  return { configure, run: (options, _args, io) => run(tools, options, io) };
}

function configure(command: Command): void {
  addMeasureTimingOptions(addMeasureOptions(command))
    .option("-o, --out <folder>", "where the tables and machine.json go (measurements/ and the machine's name)")
    .option("--fresh", "begin anew; what stands in the folder is set aside in before-N")
    .option("--retry", "measure again what failed or lacked memory")
    .option("--dry-run", "print the rows and stop")
    .option("--json", "print JSON (schema in schemas/)")
    .option("--quiet", "no progress bar and no last line")
    .addHelpText(
      "after",
      `
Each row is written whole as soon as it is measured. The same command goes on where it was stopped, without measuring a
row again. Rows that a backend can't hold are listed as skipped, rows that fail with their reason; the others go on, and
the exit code is then 1. How it is measured: docs/measuring.md; columns of the tables: docs/measurement-format.md.

Examples:
  ridgepoint measure
  ridgepoint measure --kinds attention --heads 32 --kv-heads 32,8,1 --context 4096..131072*2 --threads 1,2 --budget none
  ridgepoint measure --kinds steps --model llama-3.1-8b --layers 8 --d-model 1024 --out small-llama
  ridgepoint measure --backend webgpu --kv-cache f32,f16 --per-row 5s --precision 1
  ridgepoint validate measurements/*/attention.csv --hardware ./my-machine.json`,
    );
}

async function run(tools: MeasureTools, options: RawOptions, io: CommandIo): Promise<ExitCode> {
  const timing = measureTimingOf(options);
  const described = await tools.machine();
  const cacheBytes = lastCacheBytes(described) ?? usualCacheBytes;
  const grid = await measureGridOf(options, { lastCacheBytes: cacheBytes, usableThreads: described.usableThreads });
  const folder = folderOf(options, described);
  const isJson = options["json"] === true;
  if (options["dryRun"] === true) {
    io.write(isJson ? jsonText(printedGrid(grid)) : gridText(grid));
    return 0;
  }
  const machine = { ...described, adapter: await adapterOf(grid, tools) };
  if (options["fresh"] === true) {
    const aside = await setMeasurementsAside(folder);
    if (aside !== null) io.writeError(`what stood in ${folder} is now in ${aside}\n`);
  }
  const tables = await openMeasurementFolder(folder, machine, grid.kinds);
  const quiet = options["quiet"] === true;
  for (const path of tables.cut) io.writeError(`${path}: a last line that was not whole was cut away\n`);
  const again = options["retry"] === true ? tables.failedKeys : new Set<string>();
  const rows = grid.rows.filter((row) => !tables.keys.has(rowKey(row)) || again.has(rowKey(row)));
  const progress = io.isTerminal && !quiet && rows.length > 0 ? await sweepProgress(rows.length) : noProgress;
  const clock = tools.clock();
  const [from, others] = [clock.nowSeconds(), tools.otherPrograms()];
  try {
    const { results, unwritable } = await measureRows({
      rows,
      backendOf: tools.backend,
      clock,
      timing: { budgetSeconds: timing.perRowSeconds, precision: timing.precision },
      budgetSeconds: timing.budgetSeconds,
      lastCacheBytes: cacheBytes,
      memoryBytes: memoryShare * Math.min(machine.memoryBytes, tools.freeMemoryBytes()),
      record: (result) => tables.record(result),
      // Told of none done, the bar would reckon with no speed at all.
      onRow: (_row, done) => (done > 0 ? progress.update(done) : undefined),
      interrupted: io.interrupted,
    });
    progress.stop();
    const share = results.length === 0 ? null : others();
    const notes = [
      ...grid.notes,
      ...(share === null ? [] : otherProgramsNotes(share)),
      ...overrunNotes(results, timing, clock.nowSeconds() - from),
    ];
    const counts = { folder, before: grid.rows.length - rows.length, left: rows.length - results.length };
    const paths = Object.fromEntries(grid.kinds.map((kind) => [kind, tables.tablePath(kind)]));
    if (isJson) io.write(jsonText(printedMeasurement(machine, results, counts, paths, notes, share)));
    else io.write(`${[...notes, measureText(results)].join("\n")}\n`);
    for (const { row, status, reason } of results) {
      if (status === "failed") io.writeError(`failed: ${describeGridRow(row)}: ${reason}\n`);
    }
    if (unwritable !== null) io.writeError(`ended: ${unwritable}\n`);
    if (!quiet) {
      io.writeError(measureSummary(results, counts));
      if (share !== null) io.writeError(`${otherProgramsText(share)}\n`);
    }
    if (share !== null && unwritable === null) await recordOtherPrograms(folder, share);
    if (io.interrupted.aborted) return 130;
    return results.some(({ status }) => status === "failed") ? 1 : 0;
  } finally {
    progress.stop();
    await tables.close();
  }
}

/** Every backend asked for must run here: found out before anything is measured. @throws WorkFailed with the reason */
async function adapterOf(grid: MeasureGrid, tools: MeasureTools): Promise<string | null> {
  let adapter: string | null = null;
  const seen = new Set<string>();
  for (const { name, threads } of grid.backends) {
    if (seen.has(name)) continue;
    seen.add(name);
    const backend = await tools.backend(name, threads);
    const available = await backend.availability();
    await backend.close();
    if (!available.available) throw new WorkFailed(`measure with ${name}`, available.reason);
    if (name === "webgpu") adapter = available.description;
  }
  return adapter;
}

function gridText({ notes, rows }: MeasureGrid): string {
  const lines = [...notes, ...rows.map(describeGridRow), `${rows.length} rows`];
  return `${lines.join("\n")}\n`;
}

function folderOf(options: RawOptions, machine: MachineDescription): string {
  const folder = options["out"];
  if (folder === "") throw new InvalidInput("out", folder, "wants a folder's name");
  return typeof folder === "string" ? folder : join("measurements", machine.label);
}
