/**
 * One measured time: of a kernel call, a collective, a whole decode step, or a result of a whole engine. Seconds and bytes inside,
 * whatever the table's columns are in. A row keeps the cells of columns that nobody here knows, so that they are not lost.
 */

/** The kinds that `measure` times on this machine. */
export type MeasuredKind = "attention" | "linear" | "elementwise" | "steps";

export const measuredKinds: readonly MeasuredKind[] = ["attention", "linear", "elementwise", "steps"];

export function isMeasuredKind(kind: MeasurementKind): kind is MeasuredKind {
  return (measuredKinds as readonly MeasurementKind[]).includes(kind);
}

export type MeasurementKind = MeasuredKind | "mla" | "moe" | "collectives" | "engine";

export const measurementKinds: readonly MeasurementKind[] = [
  "attention",
  "linear",
  "elementwise",
  "mla",
  "moe",
  "collectives",
  "steps",
  "engine",
];

/** The small kernels of a step, named as the library's operations are. */
export type ElementwiseOp =
  | "normalization"
  | "rotary-embedding"
  | "feed-forward-activation"
  | "residual"
  | "cache-append";

export const elementwiseOps: readonly ElementwiseOp[] = [
  "normalization",
  "rotary-embedding",
  "feed-forward-activation",
  "residual",
  "cache-append",
];

/** What rows of every kind have. Labels are null where the table has no such column or the cell is empty. */
export interface MeasuredTime {
  /** Line in the table, the header being line 1. */
  readonly line: number;
  /** Cells of the table's otherColumns, in their order. */
  readonly otherCells: readonly string[];
  readonly gpu: string | null;
  readonly kernel: string | null;
  readonly engine: string | null;
  readonly engineVersion: string | null;
  /** Where the row comes from. */
  readonly source: string | null;
  /** Format of the weights, or of keys and values where the row is of attention. */
  readonly dtype: string;
  /** Format of keys and values where it is another than dtype. */
  readonly kvDtype: string | null;
  /** Format of activations; null where the table does not say, and it follows from dtype and machine. */
  readonly activations: string | null;
  /** Format that the kernel multiplies in where the table says so; else it follows from what is stored and activations. */
  readonly multiplies: string | null;
  /** Threads of a processor that did the work. */
  readonly threads: number | null;
  /** Whether the data came from memory (true) or from caches as far as it fits (false); null counts as from memory. */
  readonly cold: boolean | null;
  /** Devices that share the work (tensor parallelism). */
  readonly tp: number;
  /** The median; may be zero or negative where a clock or a file is wrong: the audit's concern. */
  readonly seconds: number;
  readonly minSeconds: number | null;
  readonly maxSeconds: number | null;
  /** Median absolute deviation. */
  readonly madSeconds: number | null;
  readonly repetitions: number | null;
}

/** Causal attention: the last `queryTokens` of each sequence over `context` rows, their own among them; decode has one. */
export interface AttentionRow extends MeasuredTime {
  readonly kind: "attention";
  readonly batch: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** 1 in decode; in prefill the prompt's tokens computed now. */
  readonly queryTokens: number;
  readonly context: number;
  readonly window: number | null;
  /** As the table states them: K and V read once. */
  readonly statedKvBytes: number | null;
  readonly statedBytesPerSecond: number | null;
}

/** y = x Wᵀ: x is [m, k], W is [n, k]. */
export interface LinearRow extends MeasuredTime {
  readonly kind: "linear";
  /** Which layer this is: a label. */
  readonly what: string | null;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly statedWeightBytes: number | null;
  readonly statedFlops: number | null;
}

/** A small kernel: norm, rotary embedding, activation, residual or cache append of `rows` tokens. */
export interface ElementwiseRow extends MeasuredTime {
  readonly kind: "elementwise";
  readonly op: ElementwiseOp;
  readonly rows: number;
  /** Elements a token: d_model, d_ff, heads × head size, or a cached row's. */
  readonly features: number;
  /** Of an activation: whether a gate is multiplied in. */
  readonly gated: boolean;
  readonly statedBytes: number | null;
}

/** Latent attention (MLA) without its projections. */
export interface MlaRow extends MeasuredTime {
  readonly kind: "mla";
  readonly batch: number;
  readonly heads: number;
  readonly queryTokens: number;
  readonly context: number;
  readonly kvLoraRank: number;
  readonly ropeDim: number;
  readonly nopeHeadDim: number;
  readonly vHeadDim: number;
  /** All heads read the compressed rows, as decode does; else keys and values of each head, projected before the call. */
  readonly absorbed: boolean;
}

/** The routed experts of a mixture on the device of `moeTp` × `moeEp` that has most to do. */
export interface MoeRow extends MeasuredTime {
  readonly kind: "moe";
  /** Tokens that choose among all experts, on whichever device these are. */
  readonly tokens: number;
  readonly dModel: number;
  /** Width of a whole expert. */
  readonly dFf: number;
  /** Experts of all devices. */
  readonly experts: number;
  readonly topK: number;
  readonly gated: boolean;
  /** Devices that share each expert's width. */
  readonly moeTp: number;
  /** Groups of devices over which the experts are spread. */
  readonly moeEp: number;
  /** How tokens choose: "balanced", or a power law with its exponent. */
  readonly distribution: Distribution;
}

export type Distribution = "balanced" | `power_law_${number}`;

export type CollectiveOp = "all-reduce" | "all-gather" | "reduce-scatter" | "all-to-all";

export const collectiveOps: readonly CollectiveOp[] = ["all-reduce", "all-gather", "reduce-scatter", "all-to-all"];

/** Communication of `gpus` devices. */
export interface CollectiveRow extends MeasuredTime {
  readonly kind: "collectives";
  readonly op: CollectiveOp;
  readonly gpus: number;
  /**
   * All-reduce: each device's buffer. All-gather: what each device holds at the end. Reduce-scatter: what each holds at the
   * start. All-to-all: what each device sends in all, to itself too.
   */
  readonly messageBytes: number;
}

/** A whole decode step of a decoder-only model, described by its columns; the model's name is a label. */
export interface StepRow extends MeasuredTime {
  readonly kind: "steps";
  readonly model: string | null;
  readonly layers: number;
  readonly dModel: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly dFf: number;
  readonly gated: boolean;
  readonly vocab: number;
  readonly batch: number;
  readonly context: number;
  readonly window: number | null;
  /** Parameters that a step reads: without the input embedding and the final norm. */
  readonly statedParametersRead: number | null;
  readonly statedKvBytes: number | null;
  readonly statedWeightBytes: number | null;
  readonly statedTokensPerSecond: number | null;
}

export type EngineMetric = "tokens_per_s_total" | "tokens_per_s_per_gpu" | "tpot_ms" | "ttft_ms" | "latency_s";

export const engineMetrics: readonly EngineMetric[] = [
  "tokens_per_s_total",
  "tokens_per_s_per_gpu",
  "tpot_ms",
  "ttft_ms",
  "latency_s",
];

/**
 * One figure of a run of a whole engine. Its seconds are the figure as a time: a latency as it is; a throughput as the time in
 * which each of the concurrent sequences gets one token, concurrency / (tokens a second of all devices).
 */
export interface EngineRow extends MeasuredTime {
  readonly kind: "engine";
  readonly engine: string;
  readonly model: string;
  /** Of how many devices the machine is made; gpu names one. */
  readonly devices: number;
  readonly pp: number;
  readonly ep: number;
  /** Requests in flight at once, or of a fixed batch; null where the source does not say. */
  readonly concurrency: number | null;
  /** Tokens of the prompt and of the answer. */
  readonly isl: number | null;
  readonly osl: number | null;
  readonly metric: EngineMetric;
  /** In the metric's unit. */
  readonly value: number;
  /** What the figure is of its sample, or of the run: mean, median, p99, decode, prefill …; a label. */
  readonly stat: string | null;
  readonly note: string | null;
}

export type MeasurementRow =
  | AttentionRow
  | LinearRow
  | ElementwiseRow
  | MlaRow
  | MoeRow
  | CollectiveRow
  | StepRow
  | EngineRow;

/** How query heads share keys and values. @example 32 heads on 8 K/V heads are "GQA" */
export function variantOfHeads(heads: number, kvHeads: number): "MHA" | "GQA" | "MQA" {
  if (heads === kvHeads) return "MHA";
  return kvHeads === 1 ? "MQA" : "GQA";
}

/** As variantOfHeads; null for rows without heads. */
export function variantOfRow(row: MeasurementRow): "MHA" | "GQA" | "MQA" | null {
  return row.kind === "attention" || row.kind === "steps" ? variantOfHeads(row.heads, row.kvHeads) : null;
}

/** What ran: the kernel, else the engine; null where the table names neither. */
export function softwareOf(row: MeasurementRow): string | null {
  return row.kernel ?? row.engine;
}
