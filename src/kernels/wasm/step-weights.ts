/** Where a decode step's weights lie, and how the random ones get there: matrices row by row in their format, vectors in f32. */
import type { DrawnRows } from "../reference/drawn-weights.ts";
import { DrawnTensor } from "../reference/drawn-weights.ts";
import type { Tensor } from "../reference/processor.ts";
import type { LinearWeights, NormWeights } from "../reference/weight-source.ts";
import { matrixPlaces } from "./linear-job.ts";
import type { MemoryView } from "./memory-view.ts";
import { type MatrixPlaces, storeMatrixRow } from "./stored-matrix.ts";
import type { WasmFormat } from "./stored-rows.ts";
import type { MemoryLayout } from "./wasm-job.ts";

export interface PlacedMatrix extends MatrixPlaces {
  readonly format: WasmFormat;
  readonly rows: number;
  readonly columns: number;
}

export interface PlacedLinear extends PlacedMatrix {
  /** 0: none. */
  readonly bias: number;
}

export interface PlacedNorm {
  readonly weight: number;
  readonly bias: number;
}

const formatOfBytes: Readonly<Record<number, WasmFormat>> = { 4: "f32", 2: "bf16", 1: "int8" };

type Taker = (view: MemoryView) => DrawnRows;

export class StepWeights {
  private readonly layout: MemoryLayout;
  private readonly takers: Taker[] = [];
  private readonly placed = new Map<Tensor, PlacedMatrix>();

  constructor(layout: MemoryLayout) {
    this.layout = layout;
  }

  /** A matrix, placed once however often it is used (an embedding table that is the LM head too). */
  matrix(tensor: Tensor, rows: number, columns: number): PlacedMatrix {
    const before = this.placed.get(tensor);
    if (before !== undefined) return before;
    const format = tensor instanceof DrawnTensor ? formatOfBytes[tensor.bytesPerElement] : undefined;
    if (format === undefined) throw new TypeError("a matrix in f32, bf16 or int8 is wanted");
    const matrix = { ...matrixPlaces(rows, columns, format, this.layout), format, rows, columns };
    this.takers.push((view) => ({
      tensor,
      rowLength: columns,
      take: (row, values) => storeMatrixRow(view, format, values, 0, columns, matrix, row),
    }));
    this.placed.set(tensor, matrix);
    return matrix;
  }

  linear(w: LinearWeights): PlacedLinear {
    return { ...this.matrix(w.matrix, w.outFeatures, w.inFeatures), bias: this.vector(w.bias) };
  }

  norm(w: NormWeights): PlacedNorm {
    return { weight: this.vector(w.weight), bias: this.vector(w.bias) };
  }

  /** 0 where there is none. */
  vector(tensor: Tensor | null): number {
    if (tensor === null) return 0;
    const at = this.layout.take(tensor.length * 4);
    this.take(tensor, (view, values) => view.f32.set(values, at / 4));
    return at;
  }

  /** Hands a whole tensor over as it is drawn. */
  take(tensor: Tensor, take: (view: MemoryView, values: Float64Array) => void): void {
    this.takers.push((view) => ({
      tensor,
      rowLength: tensor.length,
      take: (_row, values) => take(view, values),
    }));
  }

  takersFor(view: MemoryView): DrawnRows[] {
    return this.takers.map((taker) => taker(view));
  }
}
