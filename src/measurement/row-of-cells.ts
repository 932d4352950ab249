/**
 * One row of each kind, from its cells and its time, which becomes the row: a spread of `time` makes rows without a fixed shape,
 * slower to make and three times as large (Node 20.20, 300,000 rows: 4.9 s and 1,100 B a row where assigning takes 0.2 s and 315 B).
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
  return Object.assign(time, {
    kind: "attention" as const,
    batch: cells.count("batch"),
    heads: heads.heads,
    kvHeads: heads.kvHeads,
    headDim: cells.count("head_dim"),
    queryTokens: span.queryTokens,
    context: span.context,
    window: windowOf(cells),
    statedKvBytes: cells.optionalNumber("kv_bytes"),
    statedBytesPerSecond: gigabytesPerSecond === null ? null : gigabytesPerSecond * 1e9,
  });
}

export function linearRow(cells: RowCells, time: MeasuredTime): LinearRow {
  return Object.assign(time, {
    kind: "linear" as const,
    what: cells.label("what"),
    m: cells.count("m"),
    k: cells.count("k"),
    n: cells.count("n"),
    statedWeightBytes: cells.optionalNumber("weight_bytes"),
    statedFlops: cells.optionalNumber("flops"),
  });
}

export function elementwiseRow(cells: RowCells, time: MeasuredTime): ElementwiseRow {
  return Object.assign(time, {
    kind: "elementwise" as const,
    op: cells.oneOf("op", elementwiseOps),
    rows: cells.count("rows"),
    features: cells.count("features"),
    gated: cells.label("gated") === null ? false : cells.flag("gated"),
    statedBytes: cells.optionalNumber("bytes"),
  });
}

export function stepRow(cells: RowCells, time: MeasuredTime): StepRow {
  const heads = headCounts(cells);
  return Object.assign(time, {
    kind: "steps" as const,
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
  });
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
