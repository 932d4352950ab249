/**
 * Measures rows one after the other. A row that a backend refuses is skipped with its reason; one that fails (a lost device, an
 * allocation, a shader, a thread) is recorded with its reason, its backend is closed and made anew, and the others go on.
 * So do they where a record can't be written (a full disk), unless that happens to several in a row: what can't be kept need not
 * be measured. An interruption loses the row under way.
 */
import type { KernelBackend, PreparedKernel } from "../kernels/kernel.ts";
import { formatSeconds } from "../quantity/format-quantity.ts";
import type { Clock } from "./clock.ts";
import type { RowResult } from "./measured-cells.ts";
import type { GridRow, MeasuredShape } from "./measured-shape.ts";
import { memoryLackReason } from "./memory-lack.ts";
import { shapeBytes } from "./shape-bytes.ts";
import { cacheBytesOf, rowTemperature } from "./temperature.ts";
import { type KernelTime, type TimingSettings, timeKernel } from "./time-kernel.ts";
import { fillBytes, workOfShape } from "./work-of-shape.ts";

export interface MeasureRequest {
  /** In the order in which they are taken. */
  readonly rows: readonly GridRow[];
  readonly backendOf: (name: KernelBackend["name"], threads: number | null) => Promise<KernelBackend>;
  readonly clock: Clock;
  /** Precision and the like; budgetSeconds is the most that one row is timed for. */
  readonly timing?: Partial<TimingSettings>;
  /** Seconds for all rows together: each is then timed for its share of what is left. Null or absent for no limit. */
  readonly budgetSeconds?: number | null;
  /** Of the processor. */
  readonly lastCacheBytes: number;
  /** What a row may take of the machine's memory. */
  readonly memoryBytes: number;
  /** Keeps a row's result before the next begins; a row that it throws for counts as failed. */
  readonly record: (result: RowResult) => Promise<void>;
  /** Told of each row before it is taken. */
  readonly onRow?: (row: GridRow, done: number) => void;
  readonly interrupted?: AbortSignal;
}

export interface MeasureOutcome {
  readonly results: readonly RowResult[];
  /** Whether it ended before the last row. */
  readonly interrupted: boolean;
  /** Why records can't be written, where that ended the work; null otherwise. */
  readonly unwritable: string | null;
}

/** However little is left for it, a row is timed for so long. */
const leastRowSeconds = 0.15;
const usualRowSeconds = 3;
/** So many records in a row that can't be written end the work. */
const mostUnwritten = 3;

export async function measureRows(request: MeasureRequest): Promise<MeasureOutcome> {
  const { rows, clock, interrupted } = request;
  const backends = backendPool(request.backendOf);
  const shares = budgetShares(request);
  const results: RowResult[] = [];
  let unwritten = 0;
  let unwritable: string | null = null;
  try {
    for (const row of rows) {
      if (interrupted?.aborted) break;
      request.onRow?.(row, results.length);
      const from = clock.nowSeconds();
      const budgetSeconds = shares.next(rows.length - results.length);
      const result = await measureRow(row, request, backends, budgetSeconds);
      if (result === null) break;
      shares.spent(clock.nowSeconds() - from, budgetSeconds);
      const failure = await request.record(result).then(
        () => null,
        (error: unknown) => ({ error }),
      );
      unwritten = failure === null ? 0 : unwritten + 1;
      const kept = failure === null ? result : failed(row, failure.error);
      results.push(kept);
      if (unwritten === mostUnwritten) {
        unwritable = kept.reason;
        break;
      }
      // Handlers of signals have their turn between rows too.
      await clock.pause(0);
    }
  } finally {
    await backends.close();
  }
  return { results, interrupted: results.length < rows.length, unwritable };
}

/** Null where it was interrupted. */
async function measureRow(
  row: GridRow,
  request: MeasureRequest,
  backends: BackendPool,
  budgetSeconds: number,
): Promise<RowResult | null> {
  const { interrupted, lastCacheBytes } = request;
  const skipped = (reason: string): RowResult => ({ row, status: "skipped", reason, time: null });
  const copies = row.cold ? rowTemperature(row.shape, "cold", cacheBytesOf(row.backend, lastCacheBytes)).copies : 1;
  const lack = memoryLack(row.shape, copies, request.memoryBytes);
  if (lack !== null) return skipped(lack);
  const kernels: PreparedKernel[] = [];
  try {
    const backend = await backends.get(row);
    const work = workOfShape(row.shape);
    const breathe = breather(request.clock);
    for (let i = 0; i < copies; i++) {
      await breathe();
      if (interrupted?.aborted) return null;
      const kernel = await backend.prepare(work);
      if (kernel.refused) return skipped(kernel.reason);
      kernels.push(kernel);
    }
    await breathe();
    const settings = { ...request.timing, budgetSeconds, ...(interrupted === undefined ? {} : { interrupted }) };
    return timedResult(row, await timeKernel(backend, kernels, request.clock, settings), request.clock);
  } catch (error) {
    if (interrupted?.aborted) return null;
    await backends.drop(row);
    return failed(row, error);
  } finally {
    for (const kernel of kernels) releaseQuietly(kernel);
  }
}

/** Preparing large data takes seconds, and a signal's handler has its turn only where this is called. */
function breather(clock: Clock): () => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  return async () => {
    if (clock.nowSeconds() - last < 0.1) return;
    await clock.pause(0);
    last = clock.nowSeconds();
  };
}

function failed(row: GridRow, error: unknown): RowResult {
  return { row, status: "failed", reason: error instanceof Error ? error.message : String(error), time: null };
}

function timedResult(row: GridRow, time: KernelTime, clock: Clock): RowResult {
  if (time.status !== "unresolved") return { row, status: time.status, reason: null, time };
  const runs = `${time.runsPerSample} runs take ${formatSeconds(time.medianSeconds * time.runsPerSample)}`;
  const reason = `${runs}, under 200 times the clock's resolution of ${formatSeconds(clock.resolutionSeconds)}`;
  return { row, status: "failed", reason, time: null };
}

/** Why the row's data does not fit into memory, with both numbers; null where it does. */
function memoryLack(shape: MeasuredShape, copies: number, memoryBytes: number): string | null {
  const filled = fillBytes(shape);
  // Of a cache append a copy holds the cache, of which a run moves one row.
  const held = Math.max(shapeBytes(shape).held, shape.kind === "elementwise" ? filled : 0);
  const needed = held * copies + filled;
  return needed <= memoryBytes ? null : memoryLackReason(needed, memoryBytes);
}

/** A dead backend's kernels have nothing left to release. */
function releaseQuietly(kernel: PreparedKernel): void {
  try {
    kernel.release();
  } catch {
    // The failure that killed the backend is in the row already.
  }
}

interface BackendPool {
  get(row: GridRow): Promise<KernelBackend>;
  /** Closes the row's backend; the next row that wants it gets a new one. */
  drop(row: GridRow): Promise<void>;
  close(): Promise<void>;
}

/** Each backend is made once, with each number of threads, since rows of all of them alternate. */
function backendPool(backendOf: MeasureRequest["backendOf"]): BackendPool {
  const made = new Map<string, KernelBackend>();
  const keyOf = ({ backend, threads }: GridRow): string => `${backend} ${threads ?? ""}`;
  const drop = async (key: string): Promise<void> => {
    const backend = made.get(key);
    made.delete(key);
    await backend?.close().catch(() => undefined);
  };
  return {
    async get(row) {
      const backend = made.get(keyOf(row)) ?? (await backendOf(row.backend, row.threads));
      made.set(keyOf(row), backend);
      return backend;
    },
    drop: (row) => drop(keyOf(row)),
    async close() {
      for (const key of [...made.keys()]) await drop(key);
    },
  };
}

interface BudgetShares {
  /** Seconds that the next row may be timed for. */
  next(rowsLeft: number): number;
  spent(seconds: number, timedSeconds: number): void;
}

/** What is left, divided over the rows left, without what preparing a row took so far. */
function budgetShares({ budgetSeconds = null, timing, clock }: MeasureRequest): BudgetShares {
  const mostSeconds = timing?.budgetSeconds ?? usualRowSeconds;
  const from = clock.nowSeconds();
  let rows = 0;
  let beside = 0;
  return {
    next(rowsLeft) {
      if (budgetSeconds === null) return mostSeconds;
      const left = budgetSeconds - (clock.nowSeconds() - from);
      const share = left / rowsLeft - (rows === 0 ? 0 : beside / rows);
      return Math.min(mostSeconds, Math.max(leastRowSeconds, share));
    },
    spent(seconds, timedSeconds) {
      rows += 1;
      beside += Math.max(0, seconds - timedSeconds);
    },
  };
}
