/**
 * Appending the new tokens' rows to the cache, c elements a token and layer.
 * In place: Q rows written. By concatenation: the old rows that stay are read and all are written, as the paper's incremental
 * code does; a window keeps w, so that of its old rows w − Q stay.
 *   in place       kvBytes = B Q c e_kv
 *   concatenation  kvBytes = B (2 S − Q) c e_kv; with a window B (max(min(S, w) − Q, 0) + min(S, w)) c e_kv
 * The rows come from activations: T c e_a read. Rows and elements of latent attention count the same way.
 * Source: Shazeer 2019, the incremental code of sections 2.4 and 3.1.
 * @example in place, B 1, Q 1, c 8192 (Llama-2-7B), bf16: 16_384 K/V bytes
 */
import { type OperationDefinition, setCounts } from "./operation.ts";

export interface CacheAppendShape {
  /** c: elements a token. */
  readonly elementsPerToken: number;
  readonly kvBytesPerElement: number;
  readonly activationBytesPerElement: number;
  readonly update: "in-place" | "concat";
  /** Most rows kept a sequence, by window or chunk; null where all are. */
  readonly rowsKept: number | null;
}

export const cacheAppend: OperationDefinition<CacheAppendShape> = {
  kind: "cache-append",
  source: "Shazeer 2019, sections 2.4 and 3.1",
  count(shape, point, into) {
    const kept = shape.rowsKept ?? Number.POSITIVE_INFINITY;
    const rows =
      shape.update === "in-place"
        ? point.queryTokens
        : Math.max(Math.min(point.context, kept) - point.queryTokens, 0) + Math.min(point.context, kept);
    setCounts(
      into,
      0,
      0,
      0,
      point.sequences * rows * shape.elementsPerToken * shape.kvBytesPerElement,
      point.tokens * shape.elementsPerToken * shape.activationBytesPerElement,
      0,
    );
  },
  formulas: (shape) => ({
    kvBytes:
      shape.update === "in-place"
        ? "B * Q * c * ekv"
        : shape.rowsKept === null
          ? "B * (2 * S - Q) * c * ekv"
          : "B * (max(min(S, w) - Q, 0) + min(S, w)) * c * ekv",
    activationBytes: "T * c * ea",
  }),
  symbols: (shape, point) => ({
    B: point.sequences,
    Q: point.queryTokens,
    S: point.context,
    T: point.tokens,
    c: shape.elementsPerToken,
    ekv: shape.kvBytesPerElement,
    ea: shape.activationBytesPerElement,
    ...(shape.rowsKept === null ? {} : { w: shape.rowsKept }),
  }),
};
