/** One shape of each kind, for tests that hold for all. */
import type {
  AttentionShape,
  ElementwiseShape,
  LinearShape,
  MeasuredShape,
  StepShape,
} from "../../src/measurement/measured-shape.ts";
import { elementwiseOps } from "../../src/measurement/measurement-row.ts";

export const attentionShape: AttentionShape = {
  kind: "attention",
  dtype: "bf16",
  batch: 2,
  heads: 8,
  kvHeads: 2,
  headDim: 16,
  context: 32,
};

export const linearShape: LinearShape = { kind: "linear", dtype: "int8", what: "up", m: 3, k: 16, n: 32 };

export const elementwiseShapes: readonly ElementwiseShape[] = elementwiseOps.map((op) => ({
  kind: "elementwise",
  op,
  dtype: op === "cache-append" ? "bf16" : "fp32",
  rows: 2,
  features: 32,
  headDim: op === "rotary-embedding" ? 16 : null,
  gated: op === "feed-forward-activation" ? true : null,
}));

export const stepShape: StepShape = {
  kind: "steps",
  model: "small",
  dtype: "bf16",
  kvDtype: "int8",
  layers: 2,
  dModel: 32,
  heads: 4,
  kvHeads: 2,
  headDim: 8,
  dFf: 64,
  gated: true,
  vocab: 96,
  window: null,
  batch: 2,
  context: 8,
};

export const everyShape: readonly MeasuredShape[] = [attentionShape, linearShape, ...elementwiseShapes, stepShape];
