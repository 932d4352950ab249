/** What the operations of a decode step share: the program, its tokens, and the dispatches that several parts make. */
import type { Model } from "../../architecture/model.ts";
import { normEpsilon, rotaryBase } from "../reference/step-frame.ts";
import type { DecodeStepTensors, StoredNorm } from "./decode-step-tensors.ts";
import { elementwiseWorkgroups } from "./elementwise-grid.ts";
import type { GpuBufferPlan, GpuProgramBuilder } from "./gpu-program.ts";
import { workgroupGrid } from "./gpu-traits.ts";
import { addLinear, type StoredMatrix } from "./linear-program.ts";
import { normalizationKernel, type VectorPlaces } from "./normalization-kernel.ts";
import { residualKernel } from "./residual-kernel.ts";
import { type RotaryShape, rotaryKernel, rotaryTurns, rotaryWorkgroups } from "./rotary-kernel.ts";
import type { GpuFormat } from "./stored-quads.ts";

export class DecodeStepFrame {
  readonly builder: GpuProgramBuilder;
  readonly tensors: DecodeStepTensors;
  readonly model: Model;
  /** One new token a sequence. */
  readonly tokens: number;
  readonly context: number;
  readonly cacheFormat: GpuFormat;
  private readonly scratch = new Map<string, GpuBufferPlan>();

  constructor(parts: Pick<DecodeStepFrame, "builder" | "tensors" | "model" | "tokens" | "context" | "cacheFormat">) {
    this.builder = parts.builder;
    this.tensors = parts.tensors;
    this.model = parts.model;
    this.tokens = parts.tokens;
    this.context = parts.context;
    this.cacheFormat = parts.cacheFormat;
  }

  /** Rows [T, width] of float32; the same name and width give the same buffer, which layers use one after the other. */
  rows(name: string, width: number): GpuBufferPlan {
    return this.remembered(`${name} ${width}`, () => this.builder.buffer(name, 4 * this.tokens * width));
  }

  linear(matrix: StoredMatrix, input: GpuBufferPlan, output: GpuBufferPlan): void {
    addLinear(this.builder, matrix, this.tokens, input, output, true);
  }

  /** Norms rows [T, d] of the stream into other rows. */
  norm(w: StoredNorm, input: GpuBufferPlan, output: GpuBufferPlan): void {
    this.normalize(w, this.model.dModel, 1, null, input === output ? [output] : [input, output]);
  }

  /** Norms `each` vectors of a token's row where they lie. */
  normInPlace(w: StoredNorm, features: number, places: VectorPlaces, rows: GpuBufferPlan): void {
    this.normalize(w, features, places.each, places, [rows]);
  }

  /** Turns `each` vectors of a token's row where they lie. */
  rotate(headDim: number, rotaryDim: number, places: VectorPlaces, rows: GpuBufferPlan): void {
    const shape: RotaryShape = { vectors: this.tokens * places.each, headDim, rotaryDim, places };
    const positions = new Array<number>(this.tokens).fill(this.context - 1);
    const turns = this.remembered(`turns ${rotaryDim}`, () =>
      this.builder.floats("turns", rotaryTurns(positions, rotaryDim, rotaryBase)),
    );
    const { builder } = this;
    builder.dispatch(rotaryKernel(shape), [rows, turns], workgroupGrid(rotaryWorkgroups(shape), builder.traits));
  }

  /** x += y, rows [T, d]. */
  add(x: GpuBufferPlan, y: GpuBufferPlan): void {
    const elements = this.tokens * this.model.dModel;
    const { builder } = this;
    builder.dispatch(residualKernel(elements), [x, y], workgroupGrid(elementwiseWorkgroups(elements), builder.traits));
  }

  private normalize(
    w: StoredNorm,
    features: number,
    each: number,
    places: VectorPlaces | null,
    rows: readonly GpuBufferPlan[],
  ): void {
    const { builder, tokens, model } = this;
    const inPlace = places ?? (rows.length === 1 ? { each: 1, first: 0, tokenStride: features } : null);
    const shape = { norm: model.norm, vectors: tokens * each, features, epsilon: normEpsilon, inPlace };
    const learned = { weight: w.weight !== null, bias: w.bias !== null };
    const kernel = normalizationKernel({ ...shape, ...learned }, builder.traits);
    const optional = [w.weight, w.bias].filter((buffer) => buffer !== null);
    builder.dispatch(kernel, [...rows, ...optional], workgroupGrid(shape.vectors, builder.traits));
  }

  private remembered(key: string, make: () => GpuBufferPlan): GpuBufferPlan {
    const plan = this.scratch.get(key) ?? make();
    this.scratch.set(key, plan);
    return plan;
  }
}
