/**
 * What a reference kernel runs on: a memory of tensors and an arithmetic. Kernels are written once against it; the plain
 * processor only computes, the counting one also keeps a tally of every read, write and operation while it runs.
 *
 * A tensor lies in memory: reading or writing an element moves bytes. What a kernel keeps in a Float64Array of its own is on
 * the chip, free to read again, so that "each row read once" is something the loops have to do and not a promise.
 */

/** What a tensor holds, as the cost model splits bytes. */
export type Role = "weights" | "cache" | "activations";

export interface Tensor {
  readonly length: number;
  read(index: number): number;
  write(index: number, value: number): void;
  /** A read that docs/counting.md leaves out; tallied apart. */
  readAside(index: number): number;
}

export type ActivationFunction = "silu" | "gelu" | "relu" | "sigmoid";

export interface Arithmetic {
  /** a b + c inside a matrix product. */
  multiplyAdd(a: number, b: number, c: number): number;
  add(a: number, b: number): number;
  subtract(a: number, b: number): number;
  multiply(a: number, b: number): number;
  divide(a: number, b: number): number;
  maximum(a: number, b: number): number;
  exponential(a: number): number;
  logarithm(a: number): number;
  squareRoot(a: number): number;
  /** Counts as 4 operations whichever it is (rule F3 in docs/counting.md). */
  activation(kind: ActivationFunction, a: number): number;
}

export interface Processor {
  readonly arithmetic: Arithmetic;
  /** The same operations for work that the counting rules leave out: a vector's scalars, rescaling, routing. */
  readonly aside: Arithmetic;
  /** Puts values in memory, without a copy; bytesPerElement is that of the format that they stand for. */
  tensor(role: Role, values: Float64Array, bytesPerElement: number): Tensor;
}

/** Reads `length` elements once, into an array on the chip. */
export function load(tensor: Tensor, offset: number, length: number): Float64Array {
  const values = new Float64Array(length);
  for (let i = 0; i < length; i++) values[i] = tensor.read(offset + i);
  return values;
}

/** Writes an array on the chip to memory. */
export function store(tensor: Tensor, offset: number, values: Float64Array): void {
  for (let i = 0; i < values.length; i++) tensor.write(offset + i, values[i] as number);
}
