/** A linear layer laid out for assembly/linear.ts: W as stored-matrix.ts says; x as [T, k] and, for several tokens, by fours. */
import type { LinearWork } from "../kernel.ts";
import { type MatrixPlaces, storeMatrixRow } from "./stored-matrix.ts";
import { formatNumbers, paddedElements, rowBytes, storeRow, type WasmFormat } from "./stored-rows.ts";
import { kernelNumbers, MemoryLayout, roundUp, type WasmJob, writeWords } from "./wasm-job.ts";

/** Tiles of assembly/linear.ts. */
const tileRows = 32;
const tileColumns = 256;
const tasksPerThread = 16;

export type LinearShape = Pick<LinearWork, "tokens" | "inFeatures" | "outFeatures">;

/** What kernels that run one after the other may share. */
export interface LinearBuffers {
  readonly packed: number;
  readonly scratch: number;
}

export interface LinearPlaces extends MatrixPlaces, LinearBuffers {
  /** [T, k], rows padded with zeros. */
  readonly x: number;
  /** [T, n]. */
  readonly y: number;
  /** 0: none. */
  readonly bias: number;
}

export function linearJob(work: LinearWork, format: WasmFormat, threads: number): WasmJob {
  const { tokens, inFeatures: k, outFeatures: n } = work;
  const layout = new MemoryLayout();
  const places: LinearPlaces = {
    ...matrixPlaces(n, k, format, layout),
    x: layout.take(tokens * paddedElements(k) * 4),
    y: layout.take(tokens * n * 4),
    bias: work.bias === null ? 0 : layout.take(n * 4),
    ...linearBuffers(work, threads, layout),
  };
  const { weights, scales, x, y, bias } = places;
  return {
    bytes: layout.bytes,
    parallel: true,
    before: packsInput(work),
    fill(view) {
      const matrix = { weights, scales, rows: n };
      for (let row = 0; row < n; row++) storeMatrixRow(view, format, work.weights, row * k, k, matrix, row);
      for (let t = 0; t < tokens; t++) storeRow(view, "f32", work.input, t * k, k, x + t * paddedElements(k) * 4, 0);
      if (work.bias !== null) view.f32.set(work.bias, bias / 4);
      writeWords(view, linearWords(work, format, threads, places));
    },
    output: (view) => Float64Array.from(view.f32.subarray(y / 4, y / 4 + tokens * n)),
  };
}

export function matrixPlaces(rows: number, columns: number, format: WasmFormat, layout: MemoryLayout): MatrixPlaces {
  const weights = layout.take(rows * rowBytes(format, columns));
  return { weights, scales: layout.take(format === "int8" ? rows * 4 : 0) };
}

export function linearBuffers(
  { tokens, inFeatures }: LinearShape,
  threads: number,
  layout: MemoryLayout,
): LinearBuffers {
  const fours = Math.ceil(tokens / 4);
  const packed = layout.take(tokens > 1 ? fours * paddedElements(inFeatures) * 16 : 0);
  return { packed, scratch: layout.take(threads * scratchBytesOf(tokens)) };
}

/** Whether the input is packed before the threads start. */
export function packsInput({ tokens }: LinearShape): boolean {
  return tokens > 1;
}

function scratchBytesOf(tokens: number): number {
  return roundUp(tileRows * (Math.ceil(tokens / 4) * 16 + tileColumns * 4), 128);
}

/** Words of the job, for assembly/linear.ts. */
export function linearWords(shape: LinearShape, format: WasmFormat, threads: number, places: LinearPlaces): number[] {
  const { tokens, inFeatures: k, outFeatures: n } = shape;
  const { weights, scales, x, y, bias, packed, scratch } = places;
  const rows = roundUp(n / (threads * tasksPerThread), tileRows);
  const tasks = [Math.ceil(n / rows), rows, scratch, scratchBytesOf(tokens), n];
  const head = [kernelNumbers.linear, formatNumbers[format], paddedElements(k), tokens];
  return [...head, ...tasks, weights, scales, x, y, bias, packed];
}
