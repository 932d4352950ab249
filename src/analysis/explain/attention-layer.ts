/**
 * One attention layer in the setting of Shazeer 2019: width d, h heads of d / h, keys and values as wide, n tokens a sequence
 * and b sequences. Its operations are the project's own, counted in elements instead of bytes; beside each stand the
 * polynomials in b, n, d, h (and s, the tokens so far) that its formulas' symbols come to.
 */
import { attentionCore } from "../../operations/attention-core.ts";
import { cacheAppend } from "../../operations/cache-append.ts";
import type { Formulas, OperationDefinition, StepPoint } from "../../operations/operation.ts";
import { projection } from "../../operations/projection.ts";
import { type AnyShape, plannedOperation } from "../../step/planned-operation.ts";
import { constant, monomial, type Polynomial } from "./polynomial.ts";

export interface LayerNumbers {
  readonly b: number;
  readonly n: number;
  readonly d: number;
  readonly h: number;
}

export interface LayerSetting {
  readonly multiQuery: boolean;
  /** One new token a call and n calls, or all n at once. */
  readonly incremental: boolean;
  /** Logits and weights written to memory and read again. */
  readonly materialized: boolean;
}

export interface LayerOperation {
  readonly name: string;
  readonly formulas: Formulas;
  readonly symbols: Readonly<Record<string, Polynomial>>;
  readonly definition: OperationDefinition<AnyShape>;
  /** The shape in numbers; d / h must be whole. */
  shape(numbers: LayerNumbers): AnyShape;
}

const [b, n, s] = [term({ b: 1 }), term({ n: 1 }), term({ s: 1 })];
const one = constant(1);
const elements = { kvBytesPerElement: 1, activationBytesPerElement: 1 };

export function attentionLayer(setting: LayerSetting): LayerOperation[] {
  const { multiQuery, incremental, materialized } = setting;
  // New tokens a call, tokens in the cache once they are in it, and new tokens of all sequences.
  const [Q, S] = incremental ? [one, s] : [n, n];
  const T = incremental ? b : term({ b: 1, n: 1 });
  const kvHeads = ({ h }: LayerNumbers): number => (multiQuery ? 1 : h);
  const kv = multiQuery ? term({ d: 1, h: -1 }, 2) : term({ d: 1 }, 2);
  const common = { B: b, G: b, Q, S, T, N: constant(0), W: constant(0), ...units };
  return [
    layerOperation("q/k/v projection", projection, (x) => linearShape(x.d, x.d + 2 * kvHeads(x) * (x.d / x.h)), {
      T,
      k: term({ d: 1 }),
      n: [...term({ d: 1 }), ...kv],
      ...units,
    }),
    layerOperation(
      "cache append",
      cacheAppend,
      (x) => ({
        ...elements,
        elementsPerToken: 2 * kvHeads(x) * (x.d / x.h),
        update: "in-place" as const,
        rowsKept: null,
      }),
      { ...common, c: kv },
    ),
    layerOperation(
      "attention",
      attentionCore,
      (x) => ({
        ...elements,
        heads: x.h,
        headDim: x.d / x.h,
        rowElements: 2 * kvHeads(x) * (x.d / x.h),
        reach: { window: null, chunk: null },
        mode: "causal" as const,
        materialized,
        outputGate: false,
        weightBytes: 0,
      }),
      { ...common, Hq: term({ h: 1 }), D: term({ d: 1, h: -1 }), c: kv },
    ),
    layerOperation("output projection", projection, (x) => linearShape(x.d, x.d), {
      T,
      k: term({ d: 1 }),
      n: term({ d: 1 }),
      ...units,
    }),
  ];
}

/** The workload of one call, s tokens being in the cache once it is done; all n at once where not incremental. */
export function layerPoint({ b, n }: LayerNumbers, incremental: boolean, s: number): StepPoint {
  const queryTokens = incremental ? 1 : n;
  return {
    sequences: b,
    requests: b,
    queryTokens,
    context: incremental ? s : n,
    sourceContext: 0,
    tokens: b * queryTokens,
    logitsTokens: b,
  };
}

/** In elements: one a number. A projection's bias has none. */
const units: Readonly<Record<string, Polynomial>> = { ew: one, ea: one, ekv: one, eb: one, nb: constant(0) };

function term(exponents: Readonly<Record<string, number>>, coefficient = 1): Polynomial {
  return [monomial(coefficient, exponents)];
}

function linearShape(inFeatures: number, outFeatures: number) {
  return {
    inFeatures,
    outFeatures,
    weightBytesPerElement: 1,
    biasElements: 0,
    biasBytesPerElement: 1,
    activationBytesPerElement: 1,
  };
}

function layerOperation<Shape>(
  name: string,
  definition: OperationDefinition<Shape>,
  shape: (numbers: LayerNumbers) => Shape,
  symbols: Readonly<Record<string, Polynomial>>,
): LayerOperation {
  const shapeOf = (numbers: LayerNumbers): AnyShape => plannedOperation(name, definition, shape(numbers), "bf16").shape;
  const planned = plannedOperation(name, definition, shape({ b: 1, n: 1, d: 1, h: 1 }), "bf16");
  return {
    name,
    formulas: definition.formulas(shape({ b: 1, n: 1, d: 1, h: 1 })),
    symbols,
    definition: planned.definition,
    shape: shapeOf,
  };
}
