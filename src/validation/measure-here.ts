/**
 * Measures kernels, whole steps and ceilings of this machine side by side (sample-in-rounds.ts), in lots that fit into memory
 * together, each a random mixture, so that what drifts falls on all alike. The check between all samples is a read beyond the
 * caches: it leaves nothing of a kernel in them, so that each sample of a cold one reads each copy once, from memory; and its
 * undisturbed times are this run's read ceiling: no kernel that is to be predicted has a say in it. Multiply-adds are sampled in each lot.
 */
import type { KernelBackend, PreparedKernel, StorageFormat } from "../kernels/kernel.ts";
import type { Clock } from "../measurement/clock.ts";
import { describeGridRow } from "../measurement/describe-grid-row.ts";
import type { RowResult } from "../measurement/measured-cells.ts";
import type { GridRow } from "../measurement/measured-shape.ts";
import { type MachineCheck, sampleInRounds } from "../measurement/sample-in-rounds.ts";
import { shapeBytes } from "../measurement/shape-bytes.ts";
import { workOfShape } from "../measurement/work-of-shape.ts";
import { median } from "../quantity/sample-statistics.ts";
import type { SeededRandom } from "../quantity/seeded-random.ts";

export interface MeasureHereRequest {
  readonly backend: KernelBackend;
  readonly rows: readonly GridRow[];
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly lastCacheBytes: number;
  /** What prepared kernels may take of the machine's memory at once. */
  readonly memoryBytes: number;
  readonly rounds: number;
  /** Of what is small and warm. */
  readonly leastSampleSeconds: number;
  /** Seconds that samples may be taken again in, all together. */
  readonly extraSeconds: number;
  /** Whose multiply-adds are sampled. */
  readonly formats: readonly StorageFormat[];
  readonly interrupted?: AbortSignal;
  /** Samples done, and about how many there will be. */
  readonly onProgress?: (done: number, samples: number) => void;
}

export interface MeasuredHere {
  /** In the order of the rows that were asked for. */
  readonly results: readonly RowResult[];
  /** The read ceiling. */
  readonly read: {
    readonly bytesPerSecond: number;
    /** What only the fastest hundredth of the reads passes, over the ceiling: memory gives so much more at times. */
    readonly spread: number;
    readonly workingSetBytes: number;
    readonly samples: number;
  };
  /** Samples of all rows, and how many of them were calm. */
  readonly taken: number;
  readonly calm: number;
  /** FLOPs a second of multiply-adds on each format's operands: median over the lots. */
  readonly peaks: ReadonlyMap<StorageFormat, number>;
}

const tolerance = 0.12;
/** The median of fewer has no interval of 95 %. */
const leastCalm = 6;
/** A cold sample reads so many bytes at least, in so many copies as that takes: a millisecond or two. */
const leastSampleBytes = 32e6;
/** Of one sample of a peak: some milliseconds on a processor's core. */
const multiplyAdds = 1e8;
/** The check reads so many times the last cache. */
const checkCaches = 4;

/** @throws Error naming the row whose kernel failed; the signal's reason where it was interrupted */
export async function measureHere(request: MeasureHereRequest): Promise<MeasuredHere> {
  const { backend, rows, rounds } = request;
  const workingSetBytes = checkCaches * request.lastCacheBytes;
  const stream = await backend.prepare({ kind: "stream", stream: "read", workingSetBytes, passes: 1 });
  if (stream.refused) throw new Error(stream.reason);
  const check: MachineCheck = { kernel: stream, seconds: [] };
  const results = new Map<GridRow, RowResult>();
  const lots = lotsOf(request);
  const ceilings = await preparePeaks(request);
  const counted = { taken: 0, calm: 0 };
  let done = 0;
  for (const lot of lots) {
    const prepared = await prepareLot(lot, request);
    const times = await sampleInRounds(backend, [...prepared, ...ceilings], check, request.clock, {
      ...{ rounds, tolerance, leastCalm, random: request.random },
      extraSeconds: request.extraSeconds / lots.length,
      ...(request.interrupted === undefined ? {} : { interrupted: request.interrupted }),
      onSample: () => request.onProgress?.(Math.min(++done, rounds * rows.length), rounds * rows.length),
    });
    prepared.forEach(({ row, kernels }, i) => {
      const time = times[i]!;
      counted.taken += time.taken;
      counted.calm += time.calm;
      results.set(row, { row, status: time.status === "ok" ? "ok" : "budget", reason: null, time });
      for (const kernel of kernels) kernel.release();
    });
    ceilings.forEach((peak, i) => {
      peak.rates.push((2 * peak.amount) / times[prepared.length + i]!.medianSeconds);
    });
    for (const { row, refusal } of lot) {
      if (refusal !== null) results.set(row, { row, status: "skipped", reason: refusal, time: null });
    }
  }
  stream.release();
  for (const { kernels } of ceilings) for (const kernel of kernels) kernel.release();
  const inOrder = rows.map((row) => results.get(row)!);
  const usualSeconds = median(undisturbed(check.seconds));
  return {
    results: inOrder,
    read: {
      bytesPerSecond: (stream.amount ?? workingSetBytes) / usualSeconds,
      spread: usualSeconds / quantile(check.seconds, 0.01),
      workingSetBytes,
      samples: check.seconds.length,
    },
    ...counted,
    peaks: new Map(ceilings.map(({ format, rates }) => [format, median(rates)])),
  };
}

interface Peak {
  readonly format: StorageFormat;
  readonly amount: number;
  readonly kernels: readonly PreparedKernel[];
  readonly leastSampleSeconds: number;
  /** One a lot. */
  readonly rates: number[];
}

/** Multiply-adds of each format that the backend takes. */
async function preparePeaks({ backend, formats, leastSampleSeconds }: MeasureHereRequest): Promise<Peak[]> {
  const peaks: Peak[] = [];
  for (const format of formats) {
    const kernel = await backend.prepare({ kind: "multiply-add", format, multiplyAdds });
    if (kernel.refused) continue;
    const amount = kernel.amount ?? multiplyAdds;
    peaks.push({ format, amount, kernels: [kernel], leastSampleSeconds, rates: [] });
  }
  return peaks;
}

interface LotRow {
  readonly row: GridRow;
  readonly copies: number;
  refusal: string | null;
}

/** Random mixtures of rows that fit into memory together; a row too large for it alone is a lot of its own. */
function lotsOf({ rows, random, memoryBytes }: MeasureHereRequest): LotRow[][] {
  const lots: LotRow[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const index of random.choose(rows.length, rows.length)) {
    const row = rows[index]!;
    const { moved, held: ofOne } = shapeBytes(row.shape);
    const copies = row.cold ? Math.max(1, Math.ceil(leastSampleBytes / moved)) : 1;
    const held = copies * ofOne;
    if (bytes + held > memoryBytes) {
      lots.push([]);
      bytes = 0;
    }
    bytes += held;
    lots.at(-1)!.push({ row, copies, refusal: null });
  }
  return lots;
}

interface PreparedRow {
  readonly row: GridRow;
  readonly kernels: readonly PreparedKernel[];
  readonly leastSampleSeconds: number;
}

/** Those that the backend takes; the others get its reason. */
async function prepareLot(lot: readonly LotRow[], request: MeasureHereRequest): Promise<PreparedRow[]> {
  const prepared: PreparedRow[] = [];
  for (const each of lot) {
    const kernels: PreparedKernel[] = [];
    const work = workOfShape(each.row.shape);
    for (let copy = 0; copy < each.copies && each.refusal === null; copy++) {
      request.interrupted?.throwIfAborted();
      const kernel = await named(each.row, request.backend.prepare(work));
      if (kernel.refused) each.refusal = kernel.reason;
      else kernels.push(kernel);
    }
    const leastSampleSeconds = each.row.cold ? 0 : request.leastSampleSeconds;
    if (each.refusal === null) prepared.push({ row: each.row, kernels, leastSampleSeconds });
    else for (const kernel of kernels) kernel.release();
    // Signals have their turn between rows.
    await request.clock.pause(0);
  }
  return prepared;
}

async function named<T>(row: GridRow, preparing: Promise<T>): Promise<T> {
  try {
    return await preparing;
  } catch (error) {
    throw new Error(`${describeGridRow(row)}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** That of the sorted samples below which the share of them lies. */
function quantile(seconds: readonly number[], share: number): number {
  return Float64Array.from(seconds).sort()[Math.floor(share * seconds.length)]!;
}

/** The fastest quarter: other programs only make a read slower. */
function undisturbed(seconds: readonly number[]): number[] {
  const sorted = [...seconds].sort((a, b) => a - b);
  return sorted.slice(0, Math.ceil(0.25 * sorted.length));
}
