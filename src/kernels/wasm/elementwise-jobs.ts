/** The small operations laid out for assembly/elementwise.ts; each runs on the calling thread. */
import type { ActivationWork, NormalizationWork, ResidualWork, RotaryWork, Values } from "../kernel.ts";
import type { MemoryView } from "./memory-view.ts";
import { floatWord, kernelNumbers, MemoryLayout, roundUp, type WasmJob, writeWords } from "./wasm-job.ts";

export function normalizationJob(work: NormalizationWork): WasmJob {
  const layout = new MemoryLayout();
  const length = work.vectors * work.features;
  const x = layout.take(length * 4);
  const y = layout.take(length * 4);
  const learned = [work.weight, work.bias].map((values) => (values === null ? 0 : layout.take(work.features * 4)));
  return {
    bytes: layout.bytes,
    parallel: false,
    fill(view) {
      view.f32.set(work.input, x / 4);
      [work.weight, work.bias].forEach((values, i) => {
        if (values !== null) view.f32.set(values, (learned[i] as number) / 4);
      });
      const kind = work.norm === "rms" ? 0 : 1;
      const head = [kernelNumbers.normalization, kind, work.vectors, work.features, floatWord(work.epsilon)];
      writeWords(view, [...head, x, y, ...learned]);
    },
    output: (view) => floats(view, y, length),
  };
}

/** Sines and cosines are a table made beforehand, as in practice. */
export function rotaryJob(work: RotaryWork): WasmJob {
  const layout = new MemoryLayout();
  const half = work.rotaryDim / 2;
  const vectors = work.positions.length * work.heads;
  const x = layout.take(work.input.length * 4);
  const y = layout.take(work.input.length * 4);
  const cosines = layout.take(work.positions.length * half * 4);
  const sines = layout.take(work.positions.length * half * 4);
  return {
    bytes: layout.bytes,
    parallel: false,
    fill(view) {
      view.f32.set(work.input, x / 4);
      work.positions.forEach((position, token) => {
        for (let i = 0; i < half; i++) {
          const angle = position * work.base ** (-i / half);
          view.f32[cosines / 4 + token * half + i] = Math.cos(angle);
          view.f32[sines / 4 + token * half + i] = Math.sin(angle);
        }
      });
      writeWords(view, [kernelNumbers.rotary, vectors, work.heads, work.headDim, half, x, y, cosines, sines]);
    },
    output: (view) => floats(view, y, work.input.length),
  };
}

const activations = { silu: 0, gelu: 1, relu: 2 } as const;

export function activationJob(work: ActivationWork): WasmJob {
  const layout = new MemoryLayout();
  const { tokens, dFf } = work;
  const padded = roundUp(dFf, 4);
  const parts = work.gated ? 2 : 1;
  const x = layout.take(tokens * parts * padded * 4);
  const y = layout.take(tokens * padded * 4);
  return {
    bytes: layout.bytes,
    parallel: false,
    fill(view) {
      view.f32.fill(0, x / 4, x / 4 + tokens * parts * padded);
      for (let row = 0; row < tokens * parts; row++) {
        view.f32.set(work.input.subarray(row * dFf, (row + 1) * dFf), x / 4 + row * padded);
      }
      const kind = activations[work.activation];
      writeWords(view, [kernelNumbers.activation, kind, tokens, padded, work.gated ? 1 : 0, x, y]);
    },
    output(view) {
      const output = new Float64Array(tokens * dFf);
      for (let t = 0; t < tokens; t++) output.set(floats(view, y + t * padded * 4, dFf), t * dFf);
      return output;
    },
  };
}

export function residualJob(work: ResidualWork): WasmJob {
  const layout = new MemoryLayout();
  const padded = roundUp(work.x.length, 4);
  const [x, y, sum] = [layout.take(padded * 4), layout.take(padded * 4), layout.take(padded * 4)];
  return {
    bytes: layout.bytes,
    parallel: false,
    fill(view) {
      setPadded(view, work.x, x, padded);
      setPadded(view, work.y, y, padded);
      writeWords(view, [kernelNumbers.residual, padded, x, y, sum]);
    },
    output: (view) => floats(view, sum, work.x.length),
  };
}

function setPadded(view: MemoryView, values: Values, at: number, padded: number): void {
  view.f32.set(values, at / 4);
  view.f32.fill(0, at / 4 + values.length, at / 4 + padded);
}

function floats(view: MemoryView, at: number, length: number): Float64Array {
  return Float64Array.from(view.f32.subarray(at / 4, at / 4 + length));
}
