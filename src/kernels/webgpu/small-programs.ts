/** The small operations as programs: norm, rotary embedding, activation, residual, cache append. */
import type { ActivationWork, CacheAppendWork, NormalizationWork, ResidualWork, RotaryWork } from "../kernel.ts";
import { activationKernel } from "./activation-kernel.ts";
import { addCacheAppend } from "./cache-append-kernel.ts";
import { elementwiseWorkgroups } from "./elementwise-grid.ts";
import { floatsReader, type GpuBufferPlan, type GpuProgram, GpuProgramBuilder } from "./gpu-program.ts";
import { type GpuTraits, workgroupGrid } from "./gpu-traits.ts";
import { normalizationKernel } from "./normalization-kernel.ts";
import { sumKernel } from "./residual-kernel.ts";
import { type RotaryShape, rotaryKernel, rotaryTurns, rotaryWorkgroups } from "./rotary-kernel.ts";
import { type GpuFormat, storedBytes, storeRow, storeScale } from "./stored-quads.ts";
import { storedRowsReader } from "./unstored-row.ts";

export function normalizationProgram(work: NormalizationWork, traits: GpuTraits): GpuProgram {
  const builder = new GpuProgramBuilder(traits);
  const { weight, bias } = work;
  const kernel = normalizationKernel({ ...work, weight: weight !== null, bias: bias !== null, inPlace: null }, traits);
  const buffers = [builder.floats("inputs", work.input), builder.buffer("outputs", 4 * work.input.length)];
  const output = buffers[1] as GpuBufferPlan;
  if (weight !== null) buffers.push(builder.floats("weights", weight));
  if (bias !== null) buffers.push(builder.floats("bias", bias));
  builder.dispatch(kernel, buffers, workgroupGrid(work.vectors, traits));
  return floatProgram(builder, output, work.input.length);
}

/** Turns a copy, so that every run starts from the same input: a first kernel copies, a second turns. */
export function rotaryProgram(work: RotaryWork, traits: GpuTraits): GpuProgram {
  const { heads, headDim, rotaryDim, positions, base } = work;
  const builder = new GpuProgramBuilder(traits);
  const count = work.input.length;
  const input = builder.floats("inputs", work.input);
  const zeros = builder.buffer("zeros", 4 * count);
  const output = builder.buffer("outputs", 4 * count);
  builder.dispatch(sumKernel(count), [input, zeros, output], workgroupGrid(elementwiseWorkgroups(count), traits));
  const places = { each: heads, first: 0, tokenStride: heads * headDim };
  const shape: RotaryShape = { vectors: positions.length * heads, headDim, rotaryDim, places };
  const turns = builder.floats("turns", rotaryTurns(positions, rotaryDim, base));
  builder.dispatch(rotaryKernel(shape), [output, turns], workgroupGrid(rotaryWorkgroups(shape), traits));
  return floatProgram(builder, output, count);
}

export function activationProgram(work: ActivationWork, traits: GpuTraits): GpuProgram {
  const builder = new GpuProgramBuilder(traits);
  const count = work.tokens * work.dFf;
  const output = builder.buffer("outputs", 4 * count);
  const buffers = [builder.floats("inputs", work.input), output];
  builder.dispatch(activationKernel(work), buffers, workgroupGrid(elementwiseWorkgroups(count), traits));
  return floatProgram(builder, output, count);
}

export function residualProgram(work: ResidualWork, traits: GpuTraits): GpuProgram {
  const builder = new GpuProgramBuilder(traits);
  const count = work.x.length;
  const output = builder.buffer("outputs", 4 * count);
  const buffers = [builder.floats("first operands", work.x), builder.floats("second operands", work.y), output];
  builder.dispatch(sumKernel(count), buffers, workgroupGrid(elementwiseWorkgroups(count), traits));
  return floatProgram(builder, output, count);
}

export function cacheAppendProgram(work: CacheAppendWork, format: GpuFormat, traits: GpuTraits): GpuProgram {
  const { rowElements, capacity, contexts, queryTokens } = work;
  const builder = new GpuProgramBuilder(traits);
  const stored = contexts.length * capacity;
  const eachRow = (visit: (row: number, from: number) => void): void => {
    for (let row = 0; row < stored; row++) visit(row, row * rowElements);
  };
  const cache = builder.buffer("cache", storedBytes(format, stored, rowElements), (into) =>
    eachRow((row, from) => storeRow(into, format, row, work.cache, from, rowElements)),
  );
  const fillScales = (into: ArrayBuffer): void =>
    eachRow((row, from) => storeScale(into, row, work.cache, from, rowElements));
  const scales = format === "int8" ? builder.buffer("cache's scales", 4 * stored, fillScales) : null;
  const places = contexts.flatMap((context, sequence) =>
    Array.from({ length: queryTokens }, (_, q) => sequence * capacity + context - queryTokens + q),
  );
  const shape = { format, rows: places.length, heads: 1, elements: rowElements, first: 0, tokenStride: rowElements };
  addCacheAppend(builder, shape, builder.floats("rows", work.rows), builder.words("places", places), cache, scales);
  return builder.program({
    buffers: scales === null ? [cache] : [cache, scales],
    read: storedRowsReader(format, stored, rowElements),
  });
}

function floatProgram(builder: GpuProgramBuilder, output: GpuBufferPlan, count: number): GpuProgram {
  return builder.program({ buffers: [output], read: floatsReader(count) });
}
