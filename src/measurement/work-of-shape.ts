/** The work that a backend is handed to measure a shape. */
import type { KernelWork, StorageFormat } from "../kernels/kernel.ts";
import { networkActivation } from "../kernels/network-activation.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { AttentionShape, ElementwiseShape, MeasuredShape } from "./measured-shape.ts";
import { referenceFormat, stepOptionsOf } from "./shape-bytes.ts";
import { stepModel } from "./step-model.ts";
import { timingValues } from "./timing-values.ts";

const storage: Readonly<Record<string, StorageFormat>> = {
  fp32: "f32",
  fp16: "f16",
  bf16: "bf16",
  int8: "int8",
  [referenceFormat]: "f64",
};

/** Formats that some backend stores, as tables name them. */
export const measuredFormats: readonly string[] = ["fp32", "fp16", "bf16", "int8"];

/** Rows of the cache that a new one is appended to: where it is written matters, not how many there are. */
const appendCapacity = 16;
const epsilon = 1e-5;
const rotaryBase = 10_000;

/** @throws InvalidInput for a format that no backend stores */
export function workOfShape(shape: MeasuredShape): KernelWork {
  const format = storage[shape.dtype];
  if (format === undefined) throw new InvalidInput("format", shape.dtype, `wants ${measuredFormats.join(", ")}`);
  switch (shape.kind) {
    case "attention":
      return attentionWork(shape, format);
    case "linear":
      return {
        kind: "linear",
        tokens: shape.m,
        inFeatures: shape.k,
        outFeatures: shape.n,
        format,
        input: timingValues(shape.m * shape.k),
        weights: timingValues(shape.n * shape.k, 2),
        bias: null,
      };
    case "elementwise":
      return elementwiseWork(shape, format);
    case "steps": {
      const { batch, context } = shape;
      return { kind: "decode-step", model: stepModel(shape), options: stepOptionsOf(shape), seed: 1, batch, context };
    }
  }
}

function attentionWork(shape: AttentionShape, format: StorageFormat): KernelWork {
  const { batch, heads, kvHeads, headDim, context } = shape;
  // Keys serve as values too: a backend copies both, and half the memory is enough here.
  const rows = timingValues(batch * context * kvHeads * headDim);
  return {
    kind: "attention",
    heads,
    kvHeads,
    headDim,
    contexts: new Array<number>(batch).fill(context),
    capacity: context,
    queryTokens: 1,
    reach: { window: null, chunk: null },
    format,
    queries: timingValues(batch * heads * headDim, 2),
    keys: rows,
    values: rows,
    sinks: null,
  };
}

function elementwiseWork(shape: ElementwiseShape, format: StorageFormat): KernelWork {
  const { rows, features } = shape;
  const input = timingValues(rows * features);
  switch (shape.op) {
    case "normalization":
      return {
        kind: "normalization",
        norm: "rms",
        vectors: rows,
        features,
        epsilon,
        input,
        weight: timingValues(features, 2),
        bias: null,
      };
    case "rotary-embedding": {
      const headDim = shape.headDim ?? features;
      return {
        kind: "rotary-embedding",
        heads: features / headDim,
        headDim,
        rotaryDim: headDim,
        base: rotaryBase,
        positions: Array.from({ length: rows }, (_, i) => i),
        input,
      };
    }
    case "feed-forward-activation": {
      const gated = shape.gated === true;
      const both = gated ? timingValues(rows * 2 * features) : input;
      const activation = networkActivation(gated);
      return { kind: "feed-forward-activation", tokens: rows, dFf: features, gated, activation, input: both };
    }
    case "residual":
      return { kind: "residual", x: input, y: timingValues(rows * features, 2) };
    case "cache-append":
      return {
        kind: "cache-append",
        rowElements: features,
        capacity: appendCapacity,
        contexts: new Array<number>(rows).fill(appendCapacity),
        queryTokens: 1,
        format,
        cache: timingValues(rows * appendCapacity * features),
        rows: input,
      };
  }
}

/** Bytes of the numbers that a shape's work is filled with; a whole step's are drawn by its backend. */
export function fillBytes(shape: MeasuredShape): number {
  const bytes = Float32Array.BYTES_PER_ELEMENT;
  switch (shape.kind) {
    case "attention":
      return bytes * shape.batch * shape.context * shape.kvHeads * shape.headDim;
    case "linear":
      return bytes * (shape.n + shape.m) * shape.k;
    case "elementwise":
      return bytes * shape.rows * shape.features * (shape.op === "cache-append" ? appendCapacity : 2);
    case "steps":
      return 0;
  }
}
