/** The small operations laid out for assembly/elementwise.ts; all threads share those that are large enough to gain by it. */
import type { ActivationWork, NormalizationWork, ResidualWork, RotaryWork } from "../kernel.ts";
import { activationWords, normWords, packedVectors, residualWords, rotaryWords, sharing } from "./elementwise-words.ts";
import type { MemoryView } from "./memory-view.ts";
import { MemoryLayout, roundUp, type WasmJob, writeWords } from "./wasm-job.ts";

export function normalizationJob(work: NormalizationWork, threads: number): WasmJob {
  const layout = new MemoryLayout();
  const { vectors, features } = work;
  const length = vectors * features;
  const x = layout.take(length * 4);
  const y = layout.take(length * 4);
  const [weight = 0, bias = 0] = [work.weight, work.bias].map((v) => (v === null ? 0 : layout.take(features * 4)));
  const shared = sharing(8 * length, threads);
  return {
    bytes: layout.bytes,
    parallel: shared > 1,
    fill(view) {
      view.f32.set(work.input, x / 4);
      if (work.weight !== null) view.f32.set(work.weight, weight / 4);
      if (work.bias !== null) view.f32.set(work.bias, bias / 4);
      const [input, output] = [packedVectors(x, features * 4), packedVectors(y, features * 4)];
      writeWords(view, normWords({ ...work, vectorsPerToken: 1, input, output, weight, bias }, shared));
    },
    output: (view) => floats(view, y, length),
  };
}

/** Sines and cosines are a table made beforehand, as in practice. */
export function rotaryJob(work: RotaryWork, threads: number): WasmJob {
  const layout = new MemoryLayout();
  const { heads, headDim } = work;
  const half = work.rotaryDim / 2;
  const x = layout.take(work.input.length * 4);
  const y = layout.take(work.input.length * 4);
  const cosines = layout.take(work.positions.length * half * 4);
  const sines = layout.take(work.positions.length * half * 4);
  const shared = sharing(8 * work.input.length, threads);
  return {
    bytes: layout.bytes,
    parallel: shared > 1,
    fill(view) {
      view.f32.set(work.input, x / 4);
      fillAngles(view, work.positions, work.base, half, cosines, sines);
      const shape = { vectors: work.positions.length * heads, vectorsPerToken: heads, elements: headDim, half };
      const input = packedVectors(x, headDim * 4, heads);
      const output = packedVectors(y, headDim * 4, heads);
      writeWords(view, rotaryWords({ ...shape, input, output, cosines, sines, factor: 1 }, shared));
    },
    output: (view) => floats(view, y, work.input.length),
  };
}

/** Cosines and sines of each token's angles, [T, half] each: position · base^(−i / half). */
export function fillAngles(
  view: MemoryView,
  positions: readonly number[],
  base: number,
  half: number,
  cosines: number,
  sines: number,
): void {
  positions.forEach((position, token) => {
    for (let i = 0; i < half; i++) {
      const angle = position * base ** (-i / half);
      view.f32[cosines / 4 + token * half + i] = Math.cos(angle);
      view.f32[sines / 4 + token * half + i] = Math.sin(angle);
    }
  });
}

export function activationJob(work: ActivationWork, threads: number): WasmJob {
  const layout = new MemoryLayout();
  const { tokens, dFf, activation } = work;
  const stride = (work.gated ? 2 : 1) * dFf * 4;
  const outputStride = roundUp(dFf, 4) * 4;
  const x = layout.take(tokens * stride);
  const y = layout.take(tokens * outputStride);
  const shared = sharing(tokens * (stride + outputStride), threads);
  return {
    bytes: layout.bytes,
    parallel: shared > 1,
    fill(view) {
      view.f32.set(work.input, x / 4);
      const factor = work.gated ? { at: x + dFf * 4, stride } : null;
      const [input, output] = [
        { at: x, stride },
        { at: y, stride: outputStride },
      ];
      writeWords(view, activationWords({ activation, tokens, features: dFf, input, factor, output }, shared));
    },
    output(view) {
      const output = new Float64Array(tokens * dFf);
      for (let t = 0; t < tokens; t++) output.set(floats(view, y + t * outputStride, dFf), t * dFf);
      return output;
    },
  };
}

export function residualJob(work: ResidualWork, threads: number): WasmJob {
  const layout = new MemoryLayout();
  const features = work.x.length;
  const stride = roundUp(features, 4) * 4;
  const [x, y, sum] = [layout.take(stride), layout.take(stride), layout.take(stride)];
  const shared = sharing(3 * stride, threads);
  return {
    bytes: layout.bytes,
    parallel: shared > 1,
    fill(view) {
      view.f32.set(work.x, x / 4);
      view.f32.set(work.y, y / 4);
      const rows = (at: number) => ({ at, stride });
      writeWords(view, residualWords({ tokens: 1, features, x: rows(x), y: rows(y), output: rows(sum) }, shared));
    },
    output: (view) => floats(view, sum, features),
  };
}

function floats(view: MemoryView, at: number, length: number): Float64Array {
  return Float64Array.from(view.f32.subarray(at / 4, at / 4 + length));
}
