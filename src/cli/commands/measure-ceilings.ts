/** `ridgepoint measure ceilings`: this machine's bandwidths, peaks and start cost, as a hardware profile. */
import { dirname } from "node:path";
import type { Command } from "commander";
import { describeMachine } from "../../files/describe-machine.ts";
import { watchOtherPrograms } from "../../files/processor-share.ts";
import { systemClock } from "../../files/system-clock.ts";
import { WorkFailed } from "../../files/work-failed.ts";
import { type WritableFolder, writableFolder } from "../../files/writable-folder.ts";
import type { KernelBackend } from "../../kernels/kernel.ts";
import { type CeilingSettings, ceilingPoints, measureCeilings } from "../../measurement/ceilings.ts";
import type { Clock } from "../../measurement/clock.ts";
import { lastCacheBytes, type MachineDescription } from "../../measurement/machine-description.ts";
import { isSoftwareAdapter, profileId } from "../../measurement/machine-profile.ts";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { backendNamed } from "../backend-named.ts";
import { ceilingsText } from "../ceilings-text.ts";
import type { CliCommand, CommandIo, ExitCode } from "../command.ts";
import { oneOf, positiveInteger } from "../number-option.ts";
import { csvText, jsonText, outputKind } from "../output.ts";
import { type MeasuredCeilings, measuredCeilings, mountainRows } from "../printed-ceilings.ts";
import type { RawOptions } from "../step-settings.ts";
import { noProgress, sweepProgress } from "../sweep-progress.ts";
import { version } from "../version.ts";
import { checkedProfilePath, writeCeilings } from "../write-ceilings.ts";

type CeilingBackendName = Exclude<KernelBackend["name"], "reference">;

/** What the command measures with; tests hand in their own. */
export interface CeilingTools {
  readonly backend: (name: CeilingBackendName, threads: number) => Promise<KernelBackend>;
  readonly clock: () => Clock;
  readonly machine: (adapter: string | null) => Promise<MachineDescription>;
  /** Begins to watch: what it returns answers the share of the processors that other programs used since. */
  readonly otherPrograms: () => () => number;
}

export const measureCeilingsCommand: CliCommand = measureCeilingsWith({
  backend: backendNamed,
  clock: systemClock,
  machine: (adapter) => describeMachine({ version, adapter }),
  otherPrograms: () => watchOtherPrograms(),
});

export function measureCeilingsWith(tools: CeilingTools): CliCommand {
  return { configure, run: (options, _args, io) => run(tools, options, io) };
}

function configure(command: Command): void {
  command
    .option("--backend <name>", "the kernels to measure with: wasm (this processor) or webgpu", "wasm")
    .option("-t, --threads <n>", "threads of the profile (all that this process may use); one thread is measured too")
    .option("--quick", "fewer working sets, once: about a quarter of the time")
    .option("-o, --out <file>", "the hardware profile (<machine>.json); its folder is made where missing")
    .option("--theme <theme>", "of the chart: light or dark", "light")
    .option("--json", "print JSON (schema in schemas/)")
    .option("--csv", "print the bandwidth of every working set as CSV")
    .addHelpText(
      "after",
      `
Wants a machine that does nothing else, for about a minute. Writes the profile, and beside it <machine>-mountain.csv
and <machine>-mountain.svg: bandwidth by working set. What is measured and how: docs/ceilings.md.

Examples:
  ridgepoint measure ceilings
  ridgepoint measure ceilings --quick --out machines/laptop.json
  ridgepoint measure ceilings --threads 1 --out one-thread.json
  ridgepoint step --model tinyllama-1.1b --hardware ./laptop.json --activations fp32`,
    );
}

async function run(tools: CeilingTools, options: RawOptions, io: CommandIo): Promise<ExitCode> {
  const kind = outputKind(options);
  const theme = oneOf("theme", options["theme"] ?? "light", ["light", "dark"]);
  const name = oneOf("backend", options["backend"] ?? "wasm", ["wasm", "webgpu"]);
  const quick = options["quick"] === true;
  const asked = options["threads"] === undefined ? null : positiveInteger("threads", options["threads"]);
  const machine = await tools.machine(null);
  const threads = name === "webgpu" ? 1 : (asked ?? machine.usableThreads);
  if (threads > machine.usableThreads) {
    throw new InvalidInput("threads", threads, `this process may use ${machine.usableThreads}`);
  }
  const out = options["out"] === undefined ? null : String(options["out"]);
  const measured = await measure(tools, { name, threads, quick, out, machine, io });
  if (measured === null) {
    io.writeError("interrupted: nothing was written\n");
    return 130;
  }
  const { result, path } = measured;
  const files = await writeCeilings(result, path, theme);
  if (kind === "json") io.write(jsonText({ ...result, files }));
  else if (kind === "csv") io.write(csvText(mountainRows(result)));
  else io.write(ceilingsText(result));
  io.writeError(`wrote ${files.join(", ")}\n`);
  return 0;
}

/** Where nobody says how large the last cache is: more than most are. */
const usualCacheBytes = { wasm: 64 * 2 ** 20, webgpu: 128 * 2 ** 20 };

/** The operating system's caches are the processor's: they are a GPU's only where the processor plays the GPU. */
function gpuMachine(machine: MachineDescription, adapter: string): MachineDescription {
  return isSoftwareAdapter(adapter) ? machine : { ...machine, caches: [] };
}

interface Asked {
  readonly name: CeilingBackendName;
  readonly threads: number;
  readonly quick: boolean;
  readonly out: string | null;
  readonly machine: MachineDescription;
  readonly io: CommandIo;
}

/** Null where it was interrupted. @throws WorkFailed where a kernel fails, InvalidInput where `out` must not be written over */
async function measure(tools: CeilingTools, asked: Asked): Promise<{ result: MeasuredCeilings; path: string } | null> {
  const { io, name, threads } = asked;
  const counts = asked.threads === 1 ? [1] : [1, asked.threads];
  const backends = await Promise.all(
    counts.map(async (each) => ({ threads: each, backend: await tools.backend(name, each) })),
  );
  let bar = noProgress;
  let folder: WritableFolder | null = null;
  try {
    const available = await backends[0]!.backend.availability();
    if (!available.available) throw new WorkFailed(`measure with ${name}`, available.reason);
    const machine =
      name === "webgpu" ? gpuMachine(await tools.machine(available.description), available.description) : asked.machine;
    const path = await checkedProfilePath(asked.out ?? `${profileId(name, machine, threads)}.json`);
    // A minute of measuring would be lost to a folder that takes no file.
    folder = await writableFolder(dirname(path));
    const settings: CeilingSettings = {
      lastCacheBytes: lastCacheBytes(machine) ?? usualCacheBytes[name],
      formats: name === "webgpu" ? ["f32", "f16", "bf16", "int8"] : ["f32", "bf16", "int8"],
      quick: asked.quick,
      onProgress: (done) => bar.update(done),
      interrupted: io.interrupted,
    };
    if (io.isTerminal) bar = await sweepProgress(ceilingPoints(counts, settings), "points");
    const others = tools.otherPrograms();
    const ceilings = await measureCeilings(backends, tools.clock(), settings);
    return { result: measuredCeilings(ceilings, machine, threads, others()), path };
  } catch (error) {
    await folder?.leave();
    if (io.interrupted.aborted) return null;
    if (error instanceof WorkFailed || error instanceof InvalidInput) throw error;
    throw new WorkFailed("measure the ceilings", error instanceof Error ? error.message : String(error));
  } finally {
    bar.stop();
    await Promise.all(backends.map(({ backend }) => backend.close()));
  }
}
