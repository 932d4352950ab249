/**
 * Words of the small kernels' jobs, in the order of assembly/elementwise.ts and row-copies.ts. Strides are bytes: from a token's to the next
 * one's, and from a vector of a token to the next. `threads` share the work: all where it is worth a meeting, else one.
 */
import type { ActivationWork, NormalizationWork } from "../kernel.ts";
import { formatNumbers, type WasmFormat } from "./stored-rows.ts";
import { floatWord, kernelNumbers } from "./wasm-job.ts";

/** Bytes that an operation moves before threads share it: on a machine with other work a meeting may wait for a thread that is not running. */
const sharedFrom = 512 * 1024;

/** Threads that share a small operation which moves `bytes`. */
export function sharing(bytes: number, threads: number): number {
  return bytes >= sharedFrom ? threads : 1;
}

/** Vectors in memory. */
export interface Vectors {
  readonly at: number;
  readonly tokenStride: number;
  readonly stride: number;
}

/** Rows that are one after the other. */
export function packedVectors(at: number, stride: number, each = 1): Vectors {
  return { at, tokenStride: each * stride, stride };
}

const words = (v: Vectors): number[] => [v.at, v.tokenStride, v.stride];

export interface NormPlaces {
  readonly norm: NormalizationWork["norm"];
  readonly vectors: number;
  readonly vectorsPerToken: number;
  readonly features: number;
  readonly epsilon: number;
  readonly input: Vectors;
  readonly output: Vectors;
  /** 0: none. */
  readonly weight: number;
  readonly bias: number;
}

export function normWords(p: NormPlaces, threads: number): number[] {
  const shape = [p.norm === "rms" ? 0 : 1, p.vectors, p.vectorsPerToken, p.features, floatWord(p.epsilon)];
  return [kernelNumbers.normalization, ...shape, ...words(p.input), ...words(p.output), p.weight, p.bias, threads];
}

export interface RotaryPlaces {
  readonly vectors: number;
  readonly vectorsPerToken: number;
  readonly elements: number;
  /** r / 2. */
  readonly half: number;
  readonly input: Vectors;
  readonly output: Vectors;
  readonly cosines: number;
  readonly sines: number;
  /** Multiplied into every element. */
  readonly factor: number;
}

export function rotaryWords(p: RotaryPlaces, threads: number): number[] {
  const shape = [kernelNumbers.rotary, p.vectors, p.vectorsPerToken, p.elements, p.half];
  return [...shape, ...words(p.input), ...words(p.output), p.cosines, p.sines, floatWord(p.factor), threads];
}

const activations = { silu: 0, gelu: 1, relu: 2, sigmoid: 3 } as const;

/** Rows of a stride. */
export interface Rows {
  readonly at: number;
  readonly stride: number;
}

export interface ActivationPlaces {
  readonly activation: ActivationWork["activation"] | "sigmoid";
  readonly tokens: number;
  readonly features: number;
  readonly input: Rows;
  /** What is multiplied in; null without. */
  readonly factor: Rows | null;
  readonly output: Rows;
}

export function activationWords(p: ActivationPlaces, threads: number): number[] {
  const operands = [p.input, p.factor ?? { at: 0, stride: 0 }, p.output].flatMap(({ at, stride }) => [at, stride]);
  return [kernelNumbers.activation, activations[p.activation], p.tokens, p.features, ...operands, threads];
}

export interface ResidualPlaces {
  readonly tokens: number;
  readonly features: number;
  readonly x: Rows;
  readonly y: Rows;
  readonly output: Rows;
}

export function residualWords(p: ResidualPlaces, threads: number): number[] {
  const operands = [p.x, p.y, p.output].flatMap(({ at, stride }) => [at, stride]);
  return [kernelNumbers.residual, p.tokens, p.features, ...operands, threads];
}

export interface StorePlaces {
  readonly format: WasmFormat;
  readonly vectors: number;
  readonly vectorsPerToken: number;
  readonly elements: number;
  readonly input: Vectors;
  /** Two words a vector: where it goes, and where its scale. */
  readonly targets: number;
}

export function storeWords(p: StorePlaces, threads: number): number[] {
  const shape = [kernelNumbers.storeRows, formatNumbers[p.format], p.vectors, p.vectorsPerToken];
  return [...shape, ...words(p.input), p.elements, p.targets, threads];
}

export interface LookUpPlaces {
  readonly format: WasmFormat;
  readonly tokens: number;
  readonly table: number;
  readonly tableRows: number;
  readonly scales: number;
  readonly paddedElements: number;
  /** One word a token. */
  readonly rows: number;
  readonly output: number;
}

export function lookUpWords(p: LookUpPlaces): number[] {
  const shape = [kernelNumbers.lookUpRows, formatNumbers[p.format], p.tokens, p.table, p.tableRows, p.scales];
  return [...shape, p.paddedElements, p.rows, p.output];
}
