/** Cache append laid out for assembly/elementwise.ts: rows copied to their places, f32 or rounded to bf16 beforehand. */
import type { CacheAppendWork } from "../kernel.ts";
import { bf16Bits } from "./stored-rows.ts";
import { kernelNumbers, MemoryLayout, type WasmJob, writeWords } from "./wasm-job.ts";

export function cacheAppendJob(work: CacheAppendWork, format: "f32" | "bf16"): WasmJob {
  const layout = new MemoryLayout();
  const element = format === "f32" ? 4 : 2;
  const bytes = work.rowElements * element;
  const copies = work.contexts.length * work.queryTokens;
  const rows = layout.take(work.rows.length * element);
  const cache = layout.take(work.cache.length * element);
  const targets = layout.take(copies * 4);
  return {
    bytes: layout.bytes,
    parallel: false,
    fill(view) {
      for (const [values, at] of [[work.rows, rows] as const, [work.cache, cache] as const]) {
        if (format === "f32") view.f32.set(values, at / 4);
        else for (let i = 0; i < values.length; i++) view.bf16[at / 2 + i] = bf16Bits(values[i] as number);
      }
      work.contexts.forEach((context, s) => {
        for (let t = 0; t < work.queryTokens; t++) {
          const row = s * work.capacity + context - work.queryTokens + t;
          view.words[targets / 4 + s * work.queryTokens + t] = cache + row * bytes;
        }
      });
      writeWords(view, [kernelNumbers.append, copies, bytes, rows, targets]);
    },
    output(view) {
      if (format === "f32") return Float64Array.from(view.f32.subarray(cache / 4, cache / 4 + work.cache.length));
      const bits = view.bf16.subarray(cache / 2, cache / 2 + work.cache.length);
      return Float64Array.from(new Float32Array(Uint32Array.from(bits, (half) => half * 0x10000).buffer));
    },
  };
}
