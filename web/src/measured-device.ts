/**
 * Measures the visitor's GPU with the library's own kernels and timing method: ceilings, attention with all K/V heads (MHA) and with
 * one (MQA), a matrix product; and asks the roofline at those ceilings what the same rows should take. Loaded when asked for.
 */
import { type Hardware, withCeilings } from "ridgepoint";
import { csvRows } from "ridgepoint/drawing";
import {
  type AttentionRow,
  type Ceilings,
  type Clock,
  clockOf,
  findBrowserGpu,
  gridRows,
  isSoftwareAdapter,
  type KernelBackend,
  type LinearRow,
  machineLabel,
  measureCeilings,
  measureRows,
  mountainLevels,
  type RowResult,
  readMeasurementTable,
  resultCells,
  rowPredictor,
  tableColumns,
  webgpuBackend,
} from "ridgepoint/measuring";

export interface MeasuredDevice {
  readonly adapter: string;
  readonly isSoftware: boolean;
  /** In the layout of docs/measurement-format.md. */
  readonly ceilings: Readonly<Record<string, number | string>>;
  readonly kernelStartSeconds: number | null;
  readonly rows: readonly ComparedRow[];
  readonly speedups: readonly MqaSpeedup[];
  readonly tables: { readonly "attention.csv": string; readonly "linear.csv": string };
  /** What could not be measured, and why. */
  readonly notes: readonly string[];
}

export interface ComparedRow {
  readonly what: "MHA" | "MQA" | "matrix";
  readonly context: number | null;
  readonly bytes: number;
  readonly measuredSeconds: number;
  readonly predictedSeconds: number;
}

/** How many times as fast attention is with one K/V head as with all. */
export interface MqaSpeedup {
  readonly context: number;
  readonly measured: number;
  readonly predicted: number;
}

export interface MeasureProgress {
  readonly say: (text: string) => void;
  readonly interrupted: AbortSignal;
}

export type MeasureAnswer =
  | { readonly measured: MeasuredDevice }
  /** Why nothing was measured: no WebGPU, no adapter. */
  | { readonly measured: null; readonly reason: string };

const threads = 1;
const formats = ["f32", "f16"] as const;
/** What a page may take: the browser does not say how much memory there is. */
const memoryBytes = 2 ** 31;
const heads = 32;
const headDim = 128;
const contexts = { gpu: [1024, 4096, 8192], software: [256, 1024] } as const;
const matrix = { what: "matrix", m: 256, k: 2048, n: 2048 };

/** @throws the signal's reason where it was interrupted */
export async function measureDevice({ say, interrupted }: MeasureProgress): Promise<MeasureAnswer> {
  say("Looking for a GPU");
  const backend = webgpuBackend(findBrowserGpu);
  const state = await backend.availability();
  if (!state.available) return { measured: null, reason: state.reason };
  const clock = browserClock();
  try {
    say(`Measuring memory and arithmetic of ${state.description}`);
    const ceilings = await measureCeilings([{ threads, backend }], clock, {
      lastCacheBytes: null,
      formats,
      quick: true,
      rounds: 1,
      budgetSeconds: 20,
      timing: { budgetSeconds: 0.1, leastSamples: 5 },
      onProgress: (done) => say(`Measuring memory and arithmetic: ${done} points done`),
      interrupted,
    });
    const results = await measuredRows(backend, clock, isSoftwareAdapter(state.description), { say, interrupted });
    interrupted.throwIfAborted();
    return { measured: measuredDevice(state.description, ceilings, results) };
  } finally {
    await backend.close();
  }
}

async function measuredRows(
  backend: KernelBackend,
  clock: Clock,
  isSoftware: boolean,
  { say, interrupted }: MeasureProgress,
): Promise<readonly RowResult[]> {
  const rows = gridRows({
    backends: [{ name: "webgpu", threads: [null] }],
    temperature: "auto",
    lastCacheBytes: 0,
    attention: {
      ...{ formats: ["fp16"], heads, kvHeads: [heads, 1], headDims: [headDim], batches: [1] },
      contexts: contexts[isSoftware ? "software" : "gpu"],
    },
    linear: { formats: ["fp16"], rows: [matrix.m], shapes: [matrix] },
  });
  const { results } = await measureRows({
    rows,
    // The backend stays open for the rows after one that failed, unless its device was lost.
    backendOf: () => Promise.resolve(backend),
    clock,
    timing: { budgetSeconds: 2, leastSamples: 5 },
    budgetSeconds: 15,
    lastCacheBytes: 0,
    memoryBytes,
    record: () => Promise.resolve(),
    onRow: ({ shape }, done) => say(`Measuring ${shape.kind}: ${done} of ${rows.length} done`),
    interrupted,
  });
  return results;
}

function measuredDevice(adapter: string, measured: Ceilings, results: readonly RowResult[]): MeasuredDevice {
  const name = adapter.replace(/^WebGPU on /, "").split(";")[0] ?? adapter;
  const machine = machineLabel(name, 0).replace(/-0-threads$/, "");
  const labels = { machine, date: new Date().toISOString().slice(0, 10) };
  const table = (kind: "attention" | "linear"): string =>
    csvRows(
      tableColumns(kind),
      results.filter(({ row }) => row.shape.kind === kind).map((result) => resultCells(result, labels)),
    );
  const tables = { "attention.csv": table("attention"), "linear.csv": table("linear") };
  const ceilings = ceilingsFile(machine, measured);
  const predict = rowPredictor(withCeilings(unknownMachine, ceilings));
  const rows = (["attention.csv", "linear.csv"] as const).flatMap((file) =>
    readMeasurementTable(tables[file], file).rows.map((row): ComparedRow => {
      const known = row as AttentionRow | LinearRow;
      const predicted = predict(known, file);
      const isAttention = known.kind === "attention";
      return {
        what: isAttention ? (known.kvHeads === 1 ? "MQA" : "MHA") : "matrix",
        context: isAttention ? known.context : null,
        bytes: predicted.bytes,
        measuredSeconds: known.seconds,
        predictedSeconds: predicted.seconds,
      };
    }),
  );
  const failed = results
    .filter(({ reason }) => reason !== null)
    .map(({ row, reason }) => `${row.shape.kind}: ${reason}`);
  return {
    adapter,
    isSoftware: isSoftwareAdapter(adapter),
    ceilings,
    kernelStartSeconds: measured.starts[0]?.seconds.median ?? null,
    rows,
    speedups: mqaSpeedups(rows),
    tables,
    notes: [...new Set([...measured.refused, ...failed, ...predict.notes()])],
  };
}

function mqaSpeedups(rows: readonly ComparedRow[]): MqaSpeedup[] {
  return rows.flatMap((mha) => {
    const mqa = rows.find(({ what, context }) => what === "MQA" && context === mha.context);
    if (mha.what !== "MHA" || mha.context === null || mqa === undefined) return [];
    const measured = mha.measuredSeconds / mqa.measuredSeconds;
    return [{ context: mha.context, measured, predicted: mha.predictedSeconds / mqa.predictedSeconds }];
  });
}

/** The figures of docs/measurement-format.md, section ceilings.json. */
function ceilingsFile(gpu: string, { streams, multiplyAdds, starts }: Ceilings): Record<string, number | string> {
  const memory = mountainLevels(streams, threads, []).at(-1);
  const largest = Math.max(...streams.map(({ workingSetBytes }) => workingSetBytes));
  const rateOf = (kind: string): number | undefined =>
    streams.find(({ stream, workingSetBytes }) => stream === kind && workingSetBytes === largest)?.bytesPerSecond
      .median;
  const peakOf = (format: string): number | undefined =>
    multiplyAdds.find((each) => each.format === format)?.flopsPerSecond.median;
  const figures = {
    read_bytes_per_s: memory?.bytesPerSecond,
    write_bytes_per_s: rateOf("write"),
    copy_bytes_per_s: rateOf("copy"),
    fp32_flops: peakOf("f32"),
    fp16_flops: peakOf("f16"),
    graph_kernel_gap_s: starts[0]?.seconds.median,
  };
  const known = Object.entries(figures).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return { gpu, ...Object.fromEntries(known) };
}

/** Nothing is known of the visitor's machine but what was measured: the figures here are replaced by it. */
const unknownMachine: Hardware = {
  id: "this-device",
  name: "this device",
  vendor: "unknown",
  kind: "gpu",
  memoryBandwidthBytesPerSecond: 1,
  memoryCapacityBytes: memoryBytes,
  memoryCapacityNote: "a browser does not say",
  peakFlopsPerSecond: {},
  processors: null,
  caches: [],
  link: null,
  node: null,
  kernelStartSeconds: null,
  powerWatts: null,
  pricePerHourUsd: null,
  basis: "measured",
};

function browserClock(): Clock {
  return clockOf(
    () => performance.now() / 1000,
    (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds)),
  );
}
