/**
 * Communication between N devices, as bytes that one device sends over its link. Each token sends n elements.
 *   all-reduce    2 (N − 1) / N T n e   ring: reduce-scatter and all-gather; (N − 1) / N T n additions
 *   all-gather    (N − 1) / N T n e     n elements in all, each device holds 1 / N of them
 *   reduce-scatter  the first half of an all-reduce: (N − 1) / N T n e, and (N − 1) / N T n additions
 *   all-to-all    (N − 1) / N T n e     each device keeps what it sends to itself
 *   send          T n e                 one device to the next
 * Source: Thakur et al. 2005 (ring algorithms); Patarasuk and Yuan 2009 (2 (N − 1) / N is optimal). Start-up time is not counted here.
 * @example all-reduce, N 8, T 1, n 8192, bf16: 28_672 link bytes
 */
import { type OperationDefinition, setCounts } from "./operation.ts";

export interface CollectiveShape {
  readonly algorithm: "all-reduce" | "all-gather" | "reduce-scatter" | "all-to-all" | "send";
  readonly devices: number;
  /** n: elements a token. */
  readonly elements: number;
  readonly bytesPerElement: number;
  /** Whether tokens are those whose logits are computed. */
  readonly ofLogits: boolean;
}

export const collective: OperationDefinition<CollectiveShape> = {
  kind: "collective",
  source: "Thakur et al. 2005; Patarasuk and Yuan 2009",
  count(shape, point, into) {
    const elements = (shape.ofLogits ? point.logitsTokens : point.tokens) * shape.elements;
    const share = (shape.devices - 1) / shape.devices;
    const sent = shape.algorithm === "send" ? 1 : shape.algorithm === "all-reduce" ? 2 * share : share;
    setCounts(into, 0, adds(shape) ? share * elements : 0, 0, 0, 0, sent * elements * shape.bytesPerElement);
  },
  formulas(shape) {
    if (shape.algorithm === "send") return { linkBytes: "T * n * e" };
    const linkBytes = `${shape.algorithm === "all-reduce" ? "2 * " : ""}(X - 1) / X * T * n * e`;
    return adds(shape) ? { otherFlops: "(X - 1) / X * T * n", linkBytes } : { linkBytes };
  },
  symbols: (shape, point) => ({
    X: shape.devices,
    T: shape.ofLogits ? point.logitsTokens : point.tokens,
    n: shape.elements,
    e: shape.bytesPerElement,
  }),
};

function adds({ algorithm }: CollectiveShape): boolean {
  return algorithm === "all-reduce" || algorithm === "reduce-scatter";
}
