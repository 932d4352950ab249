/**
 * Softmax attention over cached keys and values. MHA, GQA and MQA differ only in kvHeads.
 *   matmul FLOPs   4 B Hq P D            QKᵀ and PV, two FLOPs a multiply-add, P pairs of query and key a sequence
 *   softmax FLOPs  B Hq (5 P + Q D)      scale, maximum, subtract, exp, sum a logit; one division an output element
 *   K/V bytes      B R c e_kv            R rows, c = 2 Hkv D elements a row; each row read once for its group of query heads
 *   activations    2 B Q Hq D e_a        queries read, outputs written; materialised: + 4 B Hq Q R e_a for logits and weights
 * Fused (the default), logits and weights never leave the chip; materialised, both are written and read once.
 * Attention to an encoder's output (cross) sees all its rows, stored once a request and shared by its beams; an encoder's own
 * attention (bidirectional) reads keys and values as activations, not from a cache.
 * Source: Shazeer 2019, section 3; fused: Dao et al. 2022.
 * @example B 1, Hq 32, Hkv 8, Q 1, S 1024, D 128, bf16: 16_777_216 matmul FLOPs, 4_194_304 K/V bytes, 4 FLOPs a byte (Hq / Hkv)
 */
import { type Reach, spanFormulas, spanSymbols, visiblePairs, visibleRows } from "./attention-span.ts";
import { type Formulas, type OperationDefinition, type StepPoint, setCounts } from "./operation.ts";

export interface AttentionCoreShape {
  /** Hq: query heads on this device. */
  readonly heads: number;
  readonly headDim: number;
  /** c: elements of one cached row (2 Hkv D). */
  readonly rowElements: number;
  readonly reach: Reach;
  readonly mode: "causal" | "cross" | "bidirectional";
  readonly materialized: boolean;
  /** An output gate: read, and its sigmoid multiplied in. */
  readonly outputGate: boolean;
  /** Bytes of sinks and relative position biases. */
  readonly weightBytes: number;
  readonly kvBytesPerElement: number;
  readonly activationBytesPerElement: number;
}

export const attentionCore: OperationDefinition<AttentionCoreShape> = {
  kind: "attention-core",
  source: "Shazeer 2019, section 3; Dao et al. 2022",
  count(shape, point, into) {
    const pairs = pairsOf(shape, point);
    const rows = rowsOf(shape, point);
    const outputs = point.tokens * shape.heads * shape.headDim;
    const logits = point.sequences * shape.heads;
    const cached = shape.mode === "bidirectional" ? 0 : keepers(shape, point) * rows * shape.rowElements;
    const read = shape.mode === "bidirectional" ? point.tokens * shape.rowElements : 0;
    setCounts(
      into,
      4 * logits * pairs * shape.headDim,
      logits * 5 * pairs + outputs * (shape.outputGate ? 6 : 1),
      shape.weightBytes,
      cached * shape.kvBytesPerElement,
      ((shape.outputGate ? 3 : 2) * outputs + read + (shape.materialized ? 4 * logits * point.queryTokens * rows : 0)) *
        shape.activationBytesPerElement,
      0,
    );
  },
  formulas(shape): Formulas {
    const causal = spanFormulas(shape.reach);
    const pairs = shape.mode === "causal" ? causal.pairs : shape.mode === "cross" ? "(Q * N)" : "(Q * S)";
    const rows = shape.mode === "causal" ? causal.rows : shape.mode === "cross" ? "N" : "S";
    const gate = shape.outputGate;
    const activation = [`${gate ? 3 : 2} * B * Q * Hq * D`];
    if (shape.mode === "bidirectional") activation.push("B * Q * c");
    if (shape.materialized) activation.push(`4 * B * Hq * Q * ${rows}`);
    return {
      matmulFlops: `4 * B * Hq * ${pairs} * D`,
      otherFlops: `B * Hq * (5 * ${pairs} + ${gate ? "6 * " : ""}Q * D)`,
      ...(shape.weightBytes > 0 ? { weightBytes: "W" } : {}),
      ...(shape.mode === "bidirectional"
        ? {}
        : { kvBytes: `${shape.mode === "cross" ? "G" : "B"} * ${rows} * c * ekv` }),
      activationBytes: `(${activation.join(" + ")}) * ea`,
    };
  },
  symbols: (shape, point) => ({
    B: point.sequences,
    G: point.requests,
    Q: point.queryTokens,
    S: point.context,
    N: point.sourceContext,
    Hq: shape.heads,
    D: shape.headDim,
    c: shape.rowElements,
    W: shape.weightBytes,
    ekv: shape.kvBytesPerElement,
    ea: shape.activationBytesPerElement,
    ...(shape.mode === "causal" ? spanSymbols(shape.reach) : {}),
  }),
};

function pairsOf(shape: AttentionCoreShape, point: StepPoint): number {
  if (shape.mode === "causal") return visiblePairs(point.queryTokens, point.context, shape.reach);
  return point.queryTokens * (shape.mode === "cross" ? point.sourceContext : point.context);
}

function rowsOf(shape: AttentionCoreShape, point: StepPoint): number {
  if (shape.mode === "causal") return visibleRows(point.queryTokens, point.context, shape.reach);
  return shape.mode === "cross" ? point.sourceContext : point.context;
}

/** Who keeps a cache of its own: a sequence; for an encoder's output a request. */
function keepers(shape: AttentionCoreShape, point: StepPoint): number {
  return shape.mode === "cross" ? point.requests : point.sequences;
}
