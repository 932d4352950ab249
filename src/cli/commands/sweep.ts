/** `ridgepoint sweep`: a whole grid, streamed to CSV, NDJSON or Parquet. */
import { availableParallelism } from "node:os";
import type { Command } from "commander";
import { type SweepGrid, sweepAxes, sweepRows } from "../../analysis/sweep-grid.ts";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { sweepHeader } from "../../reporting/sweep-text.ts";
import { chooseTiming } from "../../timing/choose-timing.ts";
import type { CliCommand, CommandIo, ExitCode } from "../command.ts";
import { positiveInteger } from "../number-option.ts";
import type { RawOptions } from "../step-settings.ts";
import { openSweepSink, type SweepTarget, sweepTargetOf } from "../sweep-output.ts";
import { noProgress, sweepProgress } from "../sweep-progress.ts";
import { addSweepOptions, sweepGridOf } from "../sweep-request.ts";
import { sweepChunkMaker, sweepChunkRows, sweepResults } from "../sweep-results.ts";

/** Threads beyond any machine's cores are a slip of the finger, and each takes 30 MB. */
const mostThreads = 256;

export const sweep: CliCommand = {
  configure(command: Command): void {
    addSweepOptions(command)
      .option(
        "-o, --out <file>",
        "where to: .csv, .ndjson, .jsonl or .parquet (stdout); its folder is made where missing",
      )
      .option("--format <format>", "csv, ndjson or parquet, where the file's ending does not say it (csv)")
      .option("--csv", "the same as --format csv")
      .option("--json", "the same as --format ndjson: a JSON object a line")
      .option("--threads <n>", "worker threads; the bytes written are the same for any number (the cores there are)")
      .option("--quiet", "no progress bar and no last line")
      .option("--dry-run", "print the number of rows and the first three, and stop");
    command.addHelpText(
      "after",
      `
Lists have commas between their items; lists of numbers take ranges as well:
  1..1024*2 (each twice the one before), 512..8192+512 (each 512 more), 1..8 (each one more)

Columns are the names of \`step --json\` with dots as underscores. A row that does not fit has fits false and no
seconds; one whose options don't go together has the status "invalid: ..." and no figures. The exit code is then
0 all the same. Rows vary from the last of these axes to the first: model, attention, hardware, phase, weights,
kv-cache, activations, tensor-, pipeline-, expert-parallel, query tokens, batch, context.

Examples:
  ridgepoint sweep --model llama-3.1-8b --batch 1..256*2 --context 512..131072*2 --out sweep.csv
  ridgepoint sweep --model llama-2-7b --attention mha,gqa:8,mqa --hardware h100-sxm,mi300x --out sweep.parquet
  ridgepoint sweep --model llama-3.1-70b --tensor-parallel 1..8*2 --weights bf16,fp8 --json
  ridgepoint sweep --file sweep.yaml --batch 1..64 --out sweep.ndjson
  ridgepoint sweep --file sweep.yaml --dry-run`,
    );
  },

  async run(options: RawOptions, _args, io: CommandIo): Promise<ExitCode> {
    const target = sweepTargetOf(options);
    const asked = options["threads"];
    const threads = asked === undefined ? defaultThreads() : positiveInteger("threads", asked);
    if (threads > mostThreads) throw new InvalidInput("threads", threads, `at most ${mostThreads}`);
    const grid = await sweepGridOf(options);
    if (options["quiet"] !== true) for (const note of timingNotes(grid)) io.writeError(`note: ${note}\n`);
    const rows = sweepRows(grid);
    if (options["dryRun"] === true) {
      io.write(dryRunText(grid, rows, target));
      return 0;
    }
    return await stream({ grid, rows, target, threads, quiet: options["quiet"] === true }, io);
  },
};

/** What is to be said of the machines' timing: of a fit that is carried over, of tables that changed. */
function timingNotes({ timing, hardware }: SweepGrid): ReadonlySet<string> {
  const notesOf = (machine: SweepGrid["hardware"][number]): readonly string[] => {
    try {
      return chooseTiming(machine, timing).notes;
    } catch {
      return []; // Its rows say so themselves.
    }
  };
  return new Set([...(timing.notes ?? []), ...hardware.flatMap(notesOf)]);
}

function defaultThreads(): number {
  return Math.min(mostThreads, Math.max(1, availableParallelism()));
}

interface Streaming {
  readonly grid: SweepGrid;
  readonly rows: number;
  readonly target: SweepTarget;
  readonly threads: number;
  readonly quiet: boolean;
}

async function stream({ grid, rows, target, threads, quiet }: Streaming, io: CommandIo): Promise<ExitCode> {
  const sink = await openSweepSink(target, io);
  const shown = io.isTerminal && !quiet && target.path !== null;
  const progress = shown ? await sweepProgress(rows) : noProgress;
  let done = 0;
  let notFitting = 0;
  let invalid = 0;
  try {
    for await (const result of sweepResults(grid, target.format, threads, io.interrupted)) {
      await sink.write(result);
      done += result.rows;
      notFitting += result.notFitting;
      invalid += result.invalid;
      progress.update(done);
      if (io.interrupted.aborted) break;
    }
    if (io.interrupted.aborted && done < rows) return 130;
    await sink.finish();
  } finally {
    progress.stop();
    await sink.discard();
  }
  if (!quiet && target.path !== null) {
    const parts = [
      done === 1 ? "1 row" : `${done} rows`,
      ...(notFitting > 0 ? [`${notFitting} do not fit`] : []),
      ...(invalid > 0 ? [`${invalid} invalid`] : []),
    ];
    io.writeError(`wrote ${target.path}: ${parts.join(", ")}\n`);
  }
  return 0;
}

/** The size of each axis, and the first rows as they would be written (CSV for Parquet). */
function dryRunText(grid: SweepGrid, rows: number, target: SweepTarget): string {
  const format = target.format === "parquet" ? "csv" : target.format;
  const axes = sweepAxes(grid).filter(([, values]) => values > 1);
  const product = axes.map(([name, values]) => `${name} ${values}`).join(" x ");
  const { content } = sweepChunkMaker(grid, format)(0, Math.min(3, rows, sweepChunkRows));
  const first = new TextDecoder().decode(content as Uint8Array);
  return `rows: ${rows}${product === "" ? "" : ` (${product})`}\n${sweepHeader(format)}${first}`;
}
