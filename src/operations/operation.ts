/**
 * The shape that every operation shares: how it counts, its formula as a reader sees it, and where both come from.
 * A file an operation; a property test holds `count` and `formulas` equal for random shapes.
 */

/** The workload of one evaluation of a step, in the symbols of the formulas. */
export interface StepPoint {
  /** B: sequences on this device, beams included. */
  readonly sequences: number;
  /** Requests on this device: sequences / beams. */
  readonly requests: number;
  /** Q: new tokens a sequence. */
  readonly queryTokens: number;
  /** S: rows of the cache a sequence once the new tokens are in it. */
  readonly context: number;
  /** Rows of the encoder's output a request; 0 in decoder-only models. */
  readonly sourceContext: number;
  /** T = B Q: new tokens in all. */
  readonly tokens: number;
  /** Tokens whose logits are computed: all when decoding, the last of each sequence in a prefill. */
  readonly logitsTokens: number;
}

/** What one operation costs. Bytes count reads and writes once each. */
export interface Counts {
  /** All floating-point operations: matmulFlops and elementwise ones. */
  flops: number;
  /** Two a multiply-add of a matrix product. */
  matmulFlops: number;
  weightBytes: number;
  /** Cache read and written: keys, values, latent rows, states. */
  kvBytes: number;
  activationBytes: number;
  /** Bytes that one device sends over its link. */
  linkBytes: number;
}

/** Formulas as mathjs reads them, one a figure; a figure that is always zero is left out. */
export type Formulas = Readonly<Partial<Record<"matmulFlops" | "otherFlops" | CountedBytes, string>>>;
export type CountedBytes = "weightBytes" | "kvBytes" | "activationBytes" | "linkBytes";

export interface OperationDefinition<Shape> {
  /** The file's name. */
  readonly kind: string;
  readonly source: string;
  /** Counts one instance into `into`, every field. */
  count(shape: Shape, point: StepPoint, into: Counts): void;
  /** The formulas for this shape, in the symbols that `symbols` gives values to. */
  formulas(shape: Shape): Formulas;
  symbols(shape: Shape, point: StepPoint): Readonly<Record<string, number>>;
}

export function emptyCounts(): Counts {
  return { flops: 0, matmulFlops: 0, weightBytes: 0, kvBytes: 0, activationBytes: 0, linkBytes: 0 };
}

/** Sets all fields; the operations end with it so that none is left over from an earlier evaluation. */
export function setCounts(
  into: Counts,
  matmulFlops: number,
  otherFlops: number,
  weightBytes: number,
  kvBytes: number,
  activationBytes: number,
  linkBytes: number,
): void {
  into.flops = matmulFlops + otherFlops;
  into.matmulFlops = matmulFlops;
  into.weightBytes = weightBytes;
  into.kvBytes = kvBytes;
  into.activationBytes = activationBytes;
  into.linkBytes = linkBytes;
}
