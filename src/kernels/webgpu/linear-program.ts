/** Linear layers as dispatches: weights in as few buffers as the device's bindings allow, whole rows in each. */
import type { LinearWork, Values } from "../kernel.ts";
import { floatsReader, type GpuBufferPlan, type GpuProgram, GpuProgramBuilder } from "./gpu-program.ts";
import { type GpuTraits, workgroupGrid } from "./gpu-traits.ts";
import { type GpuFormat, quadsOf, storedBytes, storeRow, storeScale } from "./stored-quads.ts";
import { streamedLinearKernel } from "./streamed-linear-kernel.ts";
import { tiledLinearKernel } from "./tiled-linear-kernel.ts";

/** Rows of x up to which W is streamed instead of tiled. */
const mostStreamedTokens = 16;

/** Rows [firstRow, firstRow + rows) of a matrix in storage. */
export interface StoredMatrixPart {
  readonly firstRow: number;
  readonly rows: number;
  readonly weights: GpuBufferPlan;
  readonly scales: GpuBufferPlan | null;
}

export interface StoredMatrix {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly format: GpuFormat;
  readonly parts: readonly StoredMatrixPart[];
  readonly bias: GpuBufferPlan | null;
}

/** A matrix [n, k] in storage, filled from its values or drawn later. */
export function storedMatrix(
  builder: GpuProgramBuilder,
  format: GpuFormat,
  inFeatures: number,
  outFeatures: number,
  values: Values | "drawn",
  bias: GpuBufferPlan | null,
): StoredMatrix {
  const each = Math.max(1, Math.floor(builder.traits.bindingBytes / storedBytes(format, 1, inFeatures)));
  const parts: StoredMatrixPart[] = [];
  for (let firstRow = 0; firstRow < outFeatures; firstRow += each) {
    const rows = Math.min(each, outFeatures - firstRow);
    const eachRow = (visit: (row: number, from: number) => void): void => {
      for (let row = 0; row < rows; row++) visit(row, (firstRow + row) * inFeatures);
    };
    const filled = (fill: (into: ArrayBuffer, values: Values) => void): GpuBufferPlan["fill"] =>
      values === "drawn" ? "drawn" : (into) => fill(into, values);
    const weights = builder.buffer(
      "weights",
      storedBytes(format, rows, inFeatures),
      filled((into, from) => eachRow((row, at) => storeRow(into, format, row, from, at, inFeatures))),
    );
    const scales = filled((into, from) => eachRow((row, at) => storeScale(into, row, from, at, inFeatures)));
    parts.push({
      firstRow,
      rows,
      weights,
      scales: format === "int8" ? builder.buffer("weights' scales", 4 * rows, scales) : null,
    });
  }
  return { inFeatures, outFeatures, format, parts, bias };
}

/** y[T, n] of x[T, k], each row of x padded to quads, or all of them packed. */
export function addLinear(
  builder: GpuProgramBuilder,
  matrix: StoredMatrix,
  tokens: number,
  input: GpuBufferPlan,
  output: GpuBufferPlan,
  packedInput: boolean,
): void {
  const { inFeatures, outFeatures, format, bias } = matrix;
  for (const { firstRow, rows, weights, scales } of matrix.parts) {
    const shape = { tokens, inFeatures, packedInput, outFeatures, firstRow, rows, format, bias: bias !== null };
    const streamed = tokens <= mostStreamedTokens ? streamedLinearKernel(shape, builder.traits) : null;
    const { kernel, workgroups } = streamed ?? tiledLinearKernel(shape, builder.traits);
    const optional = [scales, bias].filter((buffer) => buffer !== null);
    builder.dispatch(kernel, [input, weights, output, ...optional], workgroupGrid(workgroups, builder.traits));
  }
}

export function linearProgram(work: LinearWork, format: GpuFormat, traits: GpuTraits): GpuProgram {
  const { tokens, inFeatures, outFeatures } = work;
  const builder = new GpuProgramBuilder(traits);
  const input = builder.buffer("inputs", tokens * quadsOf(inFeatures) * 16, (into) => {
    for (let t = 0; t < tokens; t++) storeRow(into, "f32", t, work.input, t * inFeatures, inFeatures);
  });
  const bias = work.bias === null ? null : builder.floats("bias", work.bias);
  const matrix = storedMatrix(builder, format, inFeatures, outFeatures, work.weights, bias);
  const output = builder.buffer("outputs", tokens * outFeatures * 4);
  addLinear(builder, matrix, tokens, input, output, false);
  return builder.program({ buffers: [output], read: floatsReader(tokens * outFeatures) });
}
