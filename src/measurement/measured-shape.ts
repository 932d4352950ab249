/**
 * What a row of measurements is about, before it has a time: the shape of a kernel call or of a whole step, in which formats,
 * on which backend. Formats are named as tables name them (fp32, bf16, fp16, int8).
 */
import type { KernelBackend } from "../kernels/kernel.ts";
import type { ElementwiseOp } from "./measurement-row.ts";

export interface AttentionShape {
  readonly kind: "attention";
  /** Format of keys and values. */
  readonly dtype: string;
  readonly batch: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly context: number;
}

/** y = x Wᵀ: x is [m, k], W is [n, k]. */
export interface LinearShape {
  readonly kind: "linear";
  /** Format of the weights. */
  readonly dtype: string;
  /** Which layer this is: a label; empty for none. */
  readonly what: string;
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

export interface ElementwiseShape {
  readonly kind: "elementwise";
  readonly op: ElementwiseOp;
  /** Format of what is read and written; of a cache append that of the cache. */
  readonly dtype: string;
  /** Tokens; of a cache append sequences, each with one new row. */
  readonly rows: number;
  /** Elements a token: d_model, d_ff, heads × head size, or a cached row's. */
  readonly features: number;
  /** Of a rotary embedding. */
  readonly headDim: number | null;
  /** Of an activation. */
  readonly gated: boolean | null;
}

/** The dimensions that make a whole step's model, as the columns of a steps table give them. */
export interface StepDimensions {
  readonly model: string | null;
  readonly layers: number;
  readonly dModel: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly dFf: number;
  readonly gated: boolean;
  readonly vocab: number;
  readonly window: number | null;
}

export interface StepShape extends StepDimensions {
  readonly kind: "steps";
  readonly model: string;
  /** Format of the weights. */
  readonly dtype: string;
  readonly kvDtype: string;
  readonly batch: number;
  readonly context: number;
}

export type MeasuredShape = AttentionShape | LinearShape | ElementwiseShape | StepShape;

/** A row to be measured. */
export interface GridRow {
  readonly shape: MeasuredShape;
  readonly backend: KernelBackend["name"];
  /** Of a processor; null on a GPU. */
  readonly threads: number | null;
  /** Whether the data comes from memory: copies that together pass the last cache twice, taken in turn. */
  readonly cold: boolean;
}
