/** Random attention problems for the tests of the reference, and the workload point that the cost model counts them at. */
import fc from "fast-check";
import { plainProcessor } from "../../../src/kernels/reference/plain-processor.ts";
import type { Processor } from "../../../src/kernels/reference/processor.ts";
import { type SoftmaxAttentionArguments, softmaxAttention } from "../../../src/kernels/reference/softmax-attention.ts";
import type { AttentionCoreShape } from "../../../src/operations/attention-core.ts";
import type { Reach } from "../../../src/operations/attention-span.ts";
import type { StepPoint } from "../../../src/operations/operation.ts";
import { seededRandom } from "../../../src/quantity/seeded-random.ts";

export interface AttentionCase {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly contexts: readonly number[];
  readonly queryTokens: number;
  readonly sequencesPerCache: number;
  readonly mode: "causal" | "cross" | "bidirectional";
  readonly reach: Reach;
  readonly sinks: boolean;
  readonly gate: boolean;
  readonly seed: number;
}

export const kvBytes = 2;
export const activationBytes = 4;
export const weightBytes = 8;
export const noReach: Reach = { window: null, chunk: null };

const small = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });

/** MHA, GQA and MQA; windows, chunks; causal over equal contexts, across, both ways. */
export const anyAttentionCase: fc.Arbitrary<AttentionCase> = fc
  .record({
    group: small(4),
    kvHeads: small(3),
    headDim: fc.constantFrom(2, 4, 5),
    caches: small(3),
    queryTokens: small(4),
    earlier: fc.integer({ min: 0, max: 12 }),
    beams: small(3),
    mode: fc.constantFrom("causal" as const, "causal" as const, "cross" as const, "bidirectional" as const),
    reach: fc.oneof(
      fc.constant(noReach),
      small(8).map((window) => ({ window, chunk: null })),
      small(8).map((chunk) => ({ window: null, chunk })),
    ),
    sinks: fc.boolean(),
    gate: fc.boolean(),
    seed: fc.integer(),
  })
  .map(({ group, caches, earlier, beams, ...rest }) => {
    const all = rest.queryTokens + earlier;
    const context = rest.mode === "bidirectional" ? rest.queryTokens : rest.mode === "cross" ? earlier + 1 : all;
    return {
      ...rest,
      heads: group * rest.kvHeads,
      contexts: new Array<number>(caches).fill(context),
      sequencesPerCache: rest.mode === "cross" ? beams : 1,
      reach: rest.mode === "causal" ? rest.reach : noReach,
    };
  });

export interface AttentionData {
  readonly queries: Float64Array;
  readonly keys: Float64Array;
  readonly values: Float64Array;
  readonly sinks: Float64Array;
  readonly gate: Float64Array;
}

/** Keys and values are [cache, capacity, Hkv, D] with room for the longest context. */
export function attentionData(c: AttentionCase, deviation = 1): AttentionData {
  const random = seededRandom(c.seed);
  const queries = c.contexts.length * c.sequencesPerCache * c.queryTokens * c.heads * c.headDim;
  const rows = c.contexts.length * Math.max(...c.contexts) * c.kvHeads * c.headDim;
  return {
    queries: random.normals(queries, deviation),
    keys: random.normals(rows),
    values: random.normals(rows),
    sinks: random.normals(c.heads),
    gate: random.normals(queries),
  };
}

/** Runs the case; the output [T, Hq, D]. */
export function attend(
  c: AttentionCase,
  data: AttentionData,
  kernel: SoftmaxAttentionArguments["kernel"] = { kind: "fused" },
  p: Processor = plainProcessor,
): Float64Array {
  const capacity = Math.max(...c.contexts);
  const output = new Float64Array(data.queries.length);
  const queryOffset = (token: number, head: number): number => (token * c.heads + head) * c.headDim;
  const rowOffset = (cache: number, row: number, head: number): number =>
    ((cache * capacity + row) * c.kvHeads + head) * c.headDim;
  const rows = c.mode === "bidirectional" ? "activations" : "cache";
  const rowBytes = c.mode === "bidirectional" ? activationBytes : kvBytes;
  softmaxAttention(p, {
    ...c,
    queries: p.tensor("activations", data.queries, activationBytes),
    queryOffset,
    rows: {
      keys: p.tensor(rows, data.keys, rowBytes),
      values: p.tensor(rows, data.values, rowBytes),
      keyOffset: rowOffset,
      valueOffset: rowOffset,
    },
    sinks: c.sinks ? p.tensor("weights", data.sinks, weightBytes) : null,
    gate: c.gate ? { tensor: p.tensor("activations", data.gate, activationBytes), offset: queryOffset } : null,
    output: p.tensor("activations", output, activationBytes),
    kernel,
  });
  return output;
}

/** The shape that the cost model counts for a case. */
export function shapeOf(c: AttentionCase, materialized: boolean): AttentionCoreShape {
  return {
    heads: c.heads,
    headDim: c.headDim,
    rowElements: 2 * c.kvHeads * c.headDim,
    reach: c.reach,
    mode: c.mode,
    materialized,
    outputGate: c.gate,
    weightBytes: c.sinks ? c.heads * weightBytes : 0,
    kvBytesPerElement: kvBytes,
    activationBytesPerElement: activationBytes,
  };
}

/** The point of a case, its contexts equal; one request a cache. */
export function pointOf(c: AttentionCase): StepPoint {
  return stepPoint(c.contexts.length, c.sequencesPerCache, c.queryTokens, c.contexts[0] as number);
}

export function stepPoint(requests: number, beams: number, queryTokens: number, context: number): StepPoint {
  const sequences = requests * beams;
  const tokens = sequences * queryTokens;
  return { requests, sequences, queryTokens, context, sourceContext: context, tokens, logitsTokens: tokens };
}

/** The largest difference, by the largest magnitude of what is expected. */
export function relativeError(actual: Float64Array, expected: Float64Array): number {
  let difference = 0;
  let magnitude = 1e-300;
  expected.forEach((value, i) => {
    difference = Math.max(difference, Math.abs(value - (actual[i] as number)));
    magnitude = Math.max(magnitude, Math.abs(value));
  });
  return actual.length === expected.length ? difference / magnitude : Number.POSITIVE_INFINITY;
}
