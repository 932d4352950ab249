/** Cache append laid out for assembly/row-copies.ts: rows brought into the cache's format and to the end of each sequence's. */
import type { CacheAppendWork } from "../kernel.ts";
import { packedVectors, sharing, storeWords } from "./elementwise-words.ts";
import { loadRow, rowBytes, storeRow, type WasmFormat } from "./stored-rows.ts";
import { MemoryLayout, type WasmJob, writeWords } from "./wasm-job.ts";

export function cacheAppendJob(work: CacheAppendWork, format: WasmFormat, threads: number): WasmJob {
  const { rowElements, capacity, queryTokens, contexts } = work;
  const layout = new MemoryLayout();
  const stored = rowBytes(format, rowElements);
  const cacheRows = contexts.length * capacity;
  const vectors = contexts.length * queryTokens;
  const rows = layout.take(work.rows.length * 4);
  const cache = layout.take(cacheRows * stored);
  const scales = layout.take(format === "int8" ? cacheRows * 4 : 0);
  const targets = layout.take(vectors * 8);
  const shared = sharing(vectors * (rowElements * 4 + stored), threads);
  return {
    bytes: layout.bytes,
    parallel: shared > 1,
    fill(view) {
      view.f32.set(work.rows, rows / 4);
      for (let row = 0; row < cacheRows; row++) {
        const from = row * rowElements;
        storeRow(view, format, work.cache, from, rowElements, cache + row * stored, scales + row * 4);
      }
      contexts.forEach((context, s) => {
        for (let t = 0; t < queryTokens; t++) {
          const row = s * capacity + context - queryTokens + t;
          view.words.set([cache + row * stored, scales + row * 4], targets / 4 + 2 * (s * queryTokens + t));
        }
      });
      const input = packedVectors(rows, rowElements * 4);
      const shape = { format, vectors, vectorsPerToken: 1, elements: rowElements };
      writeWords(view, storeWords({ ...shape, input, targets }, shared));
    },
    output(view) {
      const output = new Float64Array(cacheRows * rowElements);
      for (let row = 0; row < cacheRows; row++) {
        const values = loadRow(view, format, cache + row * stored, scales + row * 4, rowElements);
        output.set(values, row * rowElements);
      }
      return output;
    },
  };
}
