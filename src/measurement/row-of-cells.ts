/**
 * One row of each kind, from its cells and its time. Rows are written out field by field: spreading `time` into them made
 * reading a large table a hundred times slower and its rows three times as large (Node 20.20, 300,000 rows: 4.8 s instead of
 * 0.06 s, 1,400 B a row instead of 340 B).
 */
import {
  type AttentionRow,
  type ElementwiseRow,
  elementwiseOps,
  type LinearRow,
  type MeasuredTime,
  type StepRow,
} from "./measurement-row.ts";
import type { RowCells } from "./row-cells.ts";

export function attentionRow(cells: RowCells, time: MeasuredTime): AttentionRow {
  const heads = headCounts(cells);
  const span = spanOf(cells);
  const gigabytesPerSecond = cells.optionalNumber("gb_per_s");
  return {
    line: time.line,
    otherCells: time.otherCells,
    gpu: time.gpu,
    kernel: time.kernel,
    engine: time.engine,
    engineVersion: time.engineVersion,
    source: time.source,
    dtype: time.dtype,
    kvDtype: time.kvDtype,
    activations: time.activations,
    multiplies: time.multiplies,
    threads: time.threads,
    cold: time.cold,
    tp: time.tp,
    seconds: time.seconds,
    minSeconds: time.minSeconds,
    maxSeconds: time.maxSeconds,
    madSeconds: time.madSeconds,
    repetitions: time.repetitions,
    kind: "attention",
    batch: cells.count("batch"),
    heads: heads.heads,
    kvHeads: heads.kvHeads,
    headDim: cells.count("head_dim"),
    queryTokens: span.queryTokens,
    context: span.context,
    window: windowOf(cells),
    statedKvBytes: cells.optionalNumber("kv_bytes"),
    statedBytesPerSecond: gigabytesPerSecond === null ? null : gigabytesPerSecond * 1e9,
  };
}

export function linearRow(cells: RowCells, time: MeasuredTime): LinearRow {
  return {
    line: time.line,
    otherCells: time.otherCells,
    gpu: time.gpu,
    kernel: time.kernel,
    engine: time.engine,
    engineVersion: time.engineVersion,
    source: time.source,
    dtype: time.dtype,
    kvDtype: time.kvDtype,
    activations: time.activations,
    multiplies: time.multiplies,
    threads: time.threads,
    cold: time.cold,
    tp: time.tp,
    seconds: time.seconds,
    minSeconds: time.minSeconds,
    maxSeconds: time.maxSeconds,
    madSeconds: time.madSeconds,
    repetitions: time.repetitions,
    kind: "linear",
    what: cells.label("what"),
    m: cells.count("m"),
    k: cells.count("k"),
    n: cells.count("n"),
    statedWeightBytes: cells.optionalNumber("weight_bytes"),
    statedFlops: cells.optionalNumber("flops"),
  };
}

export function elementwiseRow(cells: RowCells, time: MeasuredTime): ElementwiseRow {
  const name = cells.label("op");
  const op = elementwiseOps.find((each) => each === name);
  if (op === undefined) throw cells.refused("op", wantedOps);
  return {
    line: time.line,
    otherCells: time.otherCells,
    gpu: time.gpu,
    kernel: time.kernel,
    engine: time.engine,
    engineVersion: time.engineVersion,
    source: time.source,
    dtype: time.dtype,
    kvDtype: time.kvDtype,
    activations: time.activations,
    multiplies: time.multiplies,
    threads: time.threads,
    cold: time.cold,
    tp: time.tp,
    seconds: time.seconds,
    minSeconds: time.minSeconds,
    maxSeconds: time.maxSeconds,
    madSeconds: time.madSeconds,
    repetitions: time.repetitions,
    kind: "elementwise",
    op,
    rows: cells.count("rows"),
    features: cells.count("features"),
    gated: cells.label("gated") === null ? false : cells.flag("gated"),
    statedBytes: cells.optionalNumber("bytes"),
  };
}

const wantedOps: string = `wants ${elementwiseOps.slice(0, -1).join(", ")} or ${elementwiseOps.at(-1)}`;

export function stepRow(cells: RowCells, time: MeasuredTime): StepRow {
  const heads = headCounts(cells);
  return {
    line: time.line,
    otherCells: time.otherCells,
    gpu: time.gpu,
    kernel: time.kernel,
    engine: time.engine,
    engineVersion: time.engineVersion,
    source: time.source,
    dtype: time.dtype,
    kvDtype: time.kvDtype,
    activations: time.activations,
    multiplies: time.multiplies,
    threads: time.threads,
    cold: time.cold,
    tp: time.tp,
    seconds: time.seconds,
    minSeconds: time.minSeconds,
    maxSeconds: time.maxSeconds,
    madSeconds: time.madSeconds,
    repetitions: time.repetitions,
    kind: "steps",
    model: cells.label("model"),
    layers: layersOf(cells),
    dModel: cells.count("d_model"),
    heads: heads.heads,
    kvHeads: heads.kvHeads,
    headDim: cells.count("head_dim"),
    dFf: cells.count("d_ff"),
    gated: cells.flag("gated"),
    vocab: cells.count("vocab"),
    batch: cells.count("batch"),
    context: cells.count("context"),
    window: windowOf(cells),
    statedParametersRead: cells.optionalNumber("params_read"),
    statedKvBytes: cells.optionalNumber("kv_bytes"),
    statedWeightBytes: cells.optionalNumber("weight_bytes"),
    statedTokensPerSecond: cells.optionalNumber("tokens_per_s"),
  };
}

/** New tokens are among the rows that they attend to. */
export function spanOf(cells: RowCells): { queryTokens: number; context: number } {
  const context = cells.count("context");
  const queryTokens = cells.optionalCount("query_tokens") ?? 1;
  if (queryTokens > context) throw cells.refused("query_tokens", `at most the context ${context}`);
  return { queryTokens, context };
}

function headCounts(cells: RowCells): { heads: number; kvHeads: number } {
  const heads = cells.count("heads");
  const kvHeads = cells.count("kv_heads");
  if (heads % kvHeads !== 0) throw cells.refused("kv_heads", `must divide heads ${heads}`);
  return { heads, kvHeads };
}

/** Ten times the deepest model known would still be fewer. */
const mostLayers = 10_000;

function layersOf(cells: RowCells): number {
  const layers = cells.count("layers");
  if (layers > mostLayers) throw cells.refused("layers", `at most ${mostLayers}`);
  return layers;
}

/** Empty and 0 are no window. */
function windowOf(cells: RowCells): number | null {
  const window = cells.optionalNumber("window");
  return window === null || window === 0 ? null : cells.count("window");
}
