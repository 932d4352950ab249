/**
 * Beam search: after each step the surviving beams take over their parents' caches. A cache that is concatenated step by step
 * is gathered, read and written whole; one kept in place is shared by pages, and only its index changes.
 * K/V bytes = 2 B R c e_kv with more than one beam a request, else 0; R the rows kept, c elements a row.
 * Source: Shazeer 2019, section 4.3 (beam 4); the gather is that of its incremental code's states.
 * @example 2 requests of 4 beams, R 128, c 2048, bf16: 8_388_608 K/V bytes
 */
import { type OperationDefinition, setCounts } from "./operation.ts";

export interface BeamReorderShape {
  /** c: elements a token. */
  readonly elementsPerToken: number;
  readonly kvBytesPerElement: number;
  /** Most rows kept a sequence; null where all are. */
  readonly rowsKept: number | null;
}

export const beamReorder: OperationDefinition<BeamReorderShape> = {
  kind: "beam-reorder",
  source: "Shazeer 2019, section 4.3",
  count(shape, point, into) {
    const rows = point.sequences > point.requests ? Math.min(point.context, shape.rowsKept ?? point.context) : 0;
    setCounts(into, 0, 0, 0, 2 * point.sequences * rows * shape.elementsPerToken * shape.kvBytesPerElement, 0, 0);
  },
  formulas: (shape) => ({
    kvBytes: `2 * B * ${shape.rowsKept === null ? "S" : "min(S, w)"} * c * ekv * min(B / G - 1, 1)`,
  }),
  symbols: (shape, point) => ({
    B: point.sequences,
    G: point.requests,
    S: point.context,
    c: shape.elementsPerToken,
    ekv: shape.kvBytesPerElement,
    ...(shape.rowsKept === null ? {} : { w: shape.rowsKept }),
  }),
};
