/**
 * One measured time, of an attention call, a linear layer, a small kernel or a whole decode step. Seconds and bytes inside, whatever the
 * table's columns are in. A row keeps the cells of columns that nobody here knows, so that they are not lost.
 */

export type MeasurementKind = "attention" | "linear" | "elementwise" | "steps";

export const measurementKinds: readonly MeasurementKind[] = ["attention", "linear", "elementwise", "steps"];

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

/** Decode attention: one query token a sequence over a cache of `context` rows. */
export interface AttentionRow extends MeasuredTime {
  readonly kind: "attention";
  readonly batch: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
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

export type MeasurementRow = AttentionRow | LinearRow | ElementwiseRow | StepRow;

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
