/** One row of each kind that `measure` does not time itself; assigned to its time, as row-of-cells.ts says why. */
import {
  type CollectiveRow,
  collectiveOps,
  type Distribution,
  type EngineMetric,
  type EngineRow,
  engineMetrics,
  type MeasuredTime,
  type MlaRow,
  type MoeRow,
} from "./measurement-row.ts";
import type { RowCells } from "./row-cells.ts";
import { spanOf } from "./row-of-cells.ts";

export function mlaRow(cells: RowCells, time: MeasuredTime): MlaRow {
  const { queryTokens, context } = spanOf(cells);
  return Object.assign(time, {
    kind: "mla" as const,
    batch: cells.count("batch"),
    heads: cells.count("heads"),
    queryTokens,
    context,
    // The dimensions of DeepSeek-V2 and V3.
    kvLoraRank: cells.optionalCount("kv_lora_rank") ?? 512,
    ropeDim: cells.optionalCount("rope_dim") ?? 64,
    nopeHeadDim: cells.optionalCount("nope_head_dim") ?? 128,
    vHeadDim: cells.optionalCount("v_head_dim") ?? 128,
    absorbed: cells.label("absorbed") === null ? queryTokens === 1 : cells.flag("absorbed"),
  });
}

export function moeRow(cells: RowCells, time: MeasuredTime): MoeRow {
  const experts = cells.count("experts");
  const topK = cells.count("top_k");
  if (topK > experts) throw cells.refused("top_k", `at most the ${experts} experts`);
  const dFf = cells.count("d_ff");
  return Object.assign(time, {
    kind: "moe" as const,
    tokens: cells.count("tokens"),
    dModel: cells.count("d_model"),
    dFf,
    experts,
    topK,
    gated: cells.label("gated") === null ? true : cells.flag("gated"),
    moeTp: partsOf(cells, "moe_tp", dFf, "d_ff"),
    moeEp: partsOf(cells, "moe_ep", experts, "experts"),
    distribution: distributionOf(cells),
  });
}

export function collectiveRow(cells: RowCells, time: MeasuredTime): CollectiveRow {
  const op = cells.oneOf("op", collectiveOps);
  const gpus = cells.count("gpus");
  if (gpus < 2) throw cells.refused("gpus", "a collective has at least 2");
  return Object.assign(time, {
    kind: "collectives" as const,
    op,
    gpus,
    messageBytes: cells.count("message_bytes"),
  });
}

export function engineRow(cells: RowCells, time: MeasuredTime): EngineRow {
  const metric = cells.oneOf("metric", engineMetrics);
  const devices = cells.optionalCount("devices") ?? time.tp * (cells.optionalCount("pp") ?? 1);
  const concurrency = cells.optionalCount("concurrency");
  const value = cells.number("value");
  return Object.assign(time, {
    engine: textOf(cells, "engine", "wants the engine's name"),
    seconds: secondsOf(metric, value, concurrency ?? 1, devices),
    minSeconds: null,
    maxSeconds: null,
    madSeconds: null,
    kind: "engine" as const,
    model: textOf(cells, "model", "wants the model's name"),
    devices,
    pp: cells.optionalCount("pp") ?? 1,
    ep: cells.optionalCount("ep") ?? 1,
    concurrency,
    isl: lengthOf(cells, "isl"),
    osl: lengthOf(cells, "osl"),
    metric,
    value,
    stat: cells.label("stat"),
    note: cells.label("note"),
  });
}

/** A figure as a time; a throughput of zero takes none, which the audit finds. */
function secondsOf(metric: EngineMetric, value: number, concurrency: number, devices: number): number {
  switch (metric) {
    case "tokens_per_s_total":
      return value === 0 ? 0 : concurrency / value;
    case "tokens_per_s_per_gpu":
      return value === 0 ? 0 : concurrency / (value * devices);
    case "tpot_ms":
    case "ttft_ms":
      return value * 1e-3;
    case "latency_s":
      return value;
  }
}

/** A prompt or an answer may have no tokens: a run of decoding alone, or of prefill alone. */
function lengthOf(cells: RowCells, column: string): number | null {
  const length = cells.optionalNumber(column);
  return length === null || length === 0 ? length : cells.count(column);
}

function partsOf(cells: RowCells, column: string, whole: number, wholeColumn: string): number {
  const parts = cells.optionalCount(column) ?? 1;
  if (whole % parts !== 0) throw cells.refused(column, `must divide ${wholeColumn} ${whole}`);
  return parts;
}

function distributionOf(cells: RowCells): Distribution {
  const label = cells.label("distribution") ?? "balanced";
  if (label === "balanced" || isPowerLaw(label)) return label;
  throw cells.refused("distribution", "wants balanced or power_law_x with a number x");
}

function isPowerLaw(label: string): label is Distribution {
  return /^power_law_\d+(\.\d+)?$/.test(label);
}

function textOf(cells: RowCells, column: string, wants: string): string {
  const text = cells.label(column);
  if (text === null) throw cells.refused(column, wants);
  return text;
}
