/**
 * A sweep's rows chunk by chunk, in the grid's order whatever the number of threads. Chunks are evaluated ahead of the one
 * that is wanted next, but never more than a few a thread, so that memory stays flat where writing is the slower part.
 */
import { Worker } from "node:worker_threads";
import type { SweepBlock } from "../analysis/sweep-block.ts";
import { sweepEvaluator } from "../analysis/sweep-chunk.ts";
import { type SweepGrid, sweepRows } from "../analysis/sweep-grid.ts";
import { WorkFailed } from "../files/work-failed.ts";
import { sweepTextWriter } from "../reporting/sweep-text.ts";

export type SweepFormat = "csv" | "ndjson" | "parquet";

/** Rows evaluated at once: some 10 ms of work. The bytes written don't depend on it. */
export const sweepChunkRows = 4096;

/** Chunks a thread may be ahead. */
const ahead = 4;

export interface SweepResult {
  readonly rows: number;
  readonly notFitting: number;
  readonly invalid: number;
  /** The rows as lines, or as they are where they become Parquet. */
  readonly content: Uint8Array<ArrayBuffer> | SweepBlock;
}

/** What a worker is started with, and what it and its master say to each other. */
export interface SweepWorkerData {
  readonly grid: SweepGrid;
  readonly format: SweepFormat;
}
export interface SweepChunkRequest {
  readonly chunk: number;
  readonly from: number;
  readonly to: number;
}
export interface SweepChunkAnswer {
  readonly chunk: number;
  readonly result: SweepResult;
}

/** Makes chunks in a thread: the main one, or a worker. */
export function sweepChunkMaker(grid: SweepGrid, format: SweepFormat): (from: number, to: number) => SweepResult {
  const evaluate = sweepEvaluator(grid);
  const write = format === "parquet" ? null : sweepTextWriter(format);
  return (from, to) => {
    const block = evaluate(from, to);
    const { rows, notFitting, invalid } = block;
    return { rows, notFitting, invalid, content: write === null ? block : write(block) };
  };
}

/**
 * The chunks in order; evaluation stops where they are not asked for any more, or where `signal` is aborted.
 * @throws WorkFailed where a worker ends early
 */
export function sweepResults(
  grid: SweepGrid,
  format: SweepFormat,
  threads: number,
  signal: AbortSignal,
): AsyncGenerator<SweepResult> {
  const rows = sweepRows(grid);
  const workers = Math.min(threads, Math.ceil(rows / sweepChunkRows));
  // Workers are the bundle's; run from source everything is done here.
  const bundled = !import.meta.url.endsWith(".ts");
  return workers > 1 && bundled
    ? resultsOfWorkers(grid, format, rows, workers, signal)
    : resultsOfThisThread(grid, format, rows, signal);
}

async function* resultsOfThisThread(
  grid: SweepGrid,
  format: SweepFormat,
  rows: number,
  signal: AbortSignal,
): AsyncGenerator<SweepResult> {
  const make = sweepChunkMaker(grid, format);
  for (let from = 0; from < rows && !signal.aborted; from += sweepChunkRows) {
    yield make(from, Math.min(rows, from + sweepChunkRows));
    // Lets Ctrl-C and the progress bar have their turn.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

async function* resultsOfWorkers(
  grid: SweepGrid,
  format: SweepFormat,
  rows: number,
  threads: number,
  signal: AbortSignal,
): AsyncGenerator<SweepResult> {
  const chunks = Math.ceil(rows / sweepChunkRows);
  const done = new Map<number, SweepResult>();
  let failure: Error | null = null;
  let wanted = 0;
  let next = 0;
  let wake = (): void => undefined;
  const workerData: SweepWorkerData = { grid, format };
  // From the bundle's chunks/ as well as from its cli/.
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL("../cli/sweep-worker.js", import.meta.url), { workerData }),
  );
  // Each stands here once for every chunk that it may be given: one to work on and one to go on with.
  const free = [...workers, ...workers];
  const assign = (): void => {
    while (next < chunks && next < wanted + threads * ahead) {
      const worker = free.shift();
      if (worker === undefined) return;
      const from = next * sweepChunkRows;
      const request: SweepChunkRequest = { chunk: next, from, to: Math.min(rows, from + sweepChunkRows) };
      worker.postMessage(request);
      next++;
    }
  };
  const fail = (reason: string): void => {
    failure ??= new WorkFailed("sweep", reason);
    wake();
  };
  for (const worker of workers) {
    worker.on("message", ({ chunk, result }: SweepChunkAnswer) => {
      done.set(chunk, result);
      free.push(worker);
      assign();
      if (chunk === wanted) wake();
    });
    worker.on("error", (error) => fail(`a worker failed: ${error instanceof Error ? error.message : String(error)}`));
    worker.on("exit", (code) => fail(`a worker ended with code ${code}`));
  }
  const abort = (): void => wake();
  signal.addEventListener("abort", abort);
  try {
    for (; wanted < chunks; wanted++) {
      assign();
      while (!done.has(wanted) && failure === null && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (failure !== null) throw failure;
      if (signal.aborted) return;
      const result = done.get(wanted) as SweepResult;
      done.delete(wanted);
      yield result;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    for (const worker of workers) worker.removeAllListeners("exit");
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
