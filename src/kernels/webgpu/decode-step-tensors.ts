/** A decode step's weights and caches in storage buffers, and how the random numbers get there, row by row as they are drawn. */

import { seededRandom } from "../../quantity/seeded-random.ts";
import type { DecodeStepWork } from "../kernel.ts";
import { type DrawnRows, DrawnTensor, drawRows } from "../reference/drawn-weights.ts";
import type { Tensor } from "../reference/processor.ts";
import type { LinearWeights, NormWeights } from "../reference/weight-source.ts";
import type { StoredPairs } from "./attention-dispatches.ts";
import type { GpuBufferPlan, GpuProgram, GpuProgramBuilder } from "./gpu-program.ts";
import { type StoredMatrix, storedMatrix } from "./linear-program.ts";
import { type GpuFormat, storedBytes, storeRow, storeScale } from "./stored-quads.ts";

export interface StoredNorm {
  readonly weight: GpuBufferPlan | null;
  readonly bias: GpuBufferPlan | null;
}

/** A layer's keys and values: [B, Hkv, context, D] each. */
export interface StoredCache extends StoredPairs {
  readonly kvHeads: number;
  readonly headDim: number;
}

type Contents = (plan: GpuBufferPlan) => ArrayBuffer;

export class DecodeStepTensors {
  private readonly builder: GpuProgramBuilder;
  /** How 16-bit weights are stored. */
  private readonly half: "f16" | "bf16";
  private readonly takers: ((contents: Contents) => DrawnRows)[] = [];
  private readonly matrices = new Map<Tensor, StoredMatrix>();
  private readonly caches: StoredCache[] = [];

  constructor(builder: GpuProgramBuilder, half: "f16" | "bf16") {
    this.builder = builder;
    this.half = half;
  }

  /** A matrix [n, k]; one that serves twice, as a table and as the LM head, is stored once. */
  matrix(tensor: Tensor, inFeatures: number, outFeatures: number, bias: GpuBufferPlan | null = null): StoredMatrix {
    const before = this.matrices.get(tensor);
    if (before !== undefined) return { ...before, bias };
    const format = this.formatOf(tensor);
    const matrix = storedMatrix(this.builder, format, inFeatures, outFeatures, "drawn", bias);
    this.matrices.set(tensor, matrix);
    this.takers.push((contents) => ({
      tensor,
      rowLength: inFeatures,
      take: (row, values) => {
        const part = matrix.parts.findLast(({ firstRow }) => firstRow <= row);
        if (part === undefined) return;
        storeRow(contents(part.weights), format, row - part.firstRow, values, 0, inFeatures);
        if (part.scales !== null) storeScale(contents(part.scales), row - part.firstRow, values, 0, inFeatures);
      },
    }));
    return matrix;
  }

  linear(w: LinearWeights): StoredMatrix {
    return this.matrix(w.matrix, w.inFeatures, w.outFeatures, this.vector("bias", w.bias));
  }

  norm(w: NormWeights): StoredNorm {
    return { weight: this.vector("norm weights", w.weight), bias: this.vector("norm biases", w.bias) };
  }

  /** Numbers that are stored as float32 whatever the format, since they are few. */
  vector(name: string, tensor: Tensor | null): GpuBufferPlan | null {
    if (tensor === null) return null;
    const plan = this.builder.buffer(name, 4 * tensor.length, "drawn");
    this.takers.push((contents) => ({
      tensor,
      rowLength: tensor.length,
      take: (_row, values) => new Float32Array(contents(plan)).set(values),
    }));
    return plan;
  }

  cache(kvHeads: number, headDim: number, format: GpuFormat, batch: number, context: number): StoredCache {
    const rows = batch * kvHeads * context;
    const stored = (name: string): GpuBufferPlan =>
      this.builder.buffer(name, storedBytes(format, rows, headDim), "drawn");
    const scales = (name: string): GpuBufferPlan | null =>
      format === "int8" ? this.builder.buffer(name, 4 * rows, "drawn") : null;
    const cache: StoredCache = {
      kvHeads,
      headDim,
      firstPair: 0,
      pairs: batch * kvHeads,
      rowOf: (pair) => pair * context,
      keys: stored("keys"),
      values: stored("values"),
      keyScales: scales("keys' scales"),
      valueScales: scales("values' scales"),
    };
    this.caches.push(cache);
    return cache;
  }

  /** Draws weights, the caches' earlier rows and the new tokens, in the reference's order. */
  draw(work: DecodeStepWork, cacheFormat: GpuFormat, tokens: GpuBufferPlan): NonNullable<GpuProgram["draw"]> {
    return async (contents) => {
      const takers = this.takers.map((taker) => taker(contents));
      await drawRows(seededRandom(work.seed), takers, nextTurnOfEvents);
      const random = seededRandom(work.seed + 1);
      for (const cache of this.caches) {
        for (let sequence = 0; sequence < work.batch; sequence++) {
          for (let row = 0; row < work.context - 1; row++) {
            const values = random.normals(2 * cache.kvHeads * cache.headDim);
            storeCacheRow(contents, cache, cacheFormat, sequence, row, values);
          }
          await nextTurnOfEvents();
        }
      }
      const chosen = new Uint32Array(contents(tokens));
      for (let sequence = 0; sequence < work.batch; sequence++) chosen[sequence] = random.below(work.model.vocab);
    };
  }

  private formatOf(tensor: Tensor): GpuFormat {
    const bytes = tensor instanceof DrawnTensor ? tensor.bytesPerElement : 0;
    if (bytes === 4) return "f32";
    if (bytes === 2) return this.half;
    if (bytes === 1) return "int8";
    throw new TypeError(`weights of ${bytes} bytes an element are not stored`);
  }
}

/** One token's row of a layer, keys of all heads before values. */
function storeCacheRow(
  contents: Contents,
  cache: StoredCache,
  format: GpuFormat,
  sequence: number,
  row: number,
  values: Float64Array,
): void {
  const { kvHeads, headDim } = cache;
  for (let head = 0; head < kvHeads; head++) {
    const to = cache.rowOf(sequence * kvHeads + head) + row;
    const store = (rows: GpuBufferPlan, scales: GpuBufferPlan | null, from: number): void => {
      storeRow(contents(rows), format, to, values, from, headDim);
      if (scales !== null) storeScale(contents(scales), to, values, from, headDim);
    };
    store(cache.keys, cache.keyScales, head * headDim);
    store(cache.values, cache.valueScales, (kvHeads + head) * headDim);
  }
}

function nextTurnOfEvents(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
