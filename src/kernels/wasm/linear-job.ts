/** A linear layer laid out for assembly/linear.ts: W as [n, k], rows padded; x as [T, k] and, for several tokens, by fours. */
import type { LinearWork } from "../kernel.ts";
import { formatNumbers, paddedElements, rowBytes, storeRow, type WasmFormat } from "./stored-rows.ts";
import { kernelNumbers, MemoryLayout, roundUp, type WasmJob, writeWords } from "./wasm-job.ts";

/** Tiles of assembly/linear.ts. */
const tileRows = 32;
const tileColumns = 256;
const tasksPerThread = 16;

export function linearJob(work: LinearWork, format: WasmFormat, threads: number): WasmJob {
  const { tokens, inFeatures: k, outFeatures: n } = work;
  const padded = paddedElements(k);
  const bytes = rowBytes(format, k);
  const fours = Math.ceil(tokens / 4);
  const rows = roundUp(n / (threads * tasksPerThread), tileRows);
  const layout = new MemoryLayout();
  const weights = layout.take(n * bytes);
  const scales = layout.take(format === "int8" ? n * 4 : 0);
  const x = layout.take(tokens * padded * 4);
  const packed = layout.take(tokens > 1 ? fours * padded * 16 : 0);
  const y = layout.take(tokens * n * 4);
  const bias = work.bias === null ? 0 : layout.take(n * 4);
  const scratchBytes = roundUp(tileRows * (fours * 16 + tileColumns * 4), 128);
  const scratch = layout.take(threads * scratchBytes);
  return {
    bytes: layout.bytes,
    parallel: true,
    fill(view) {
      for (let row = 0; row < n; row++) {
        storeRow(view, format, work.weights, row * k, k, weights + row * bytes, scales + row * 4);
      }
      for (let t = 0; t < tokens; t++) storeRow(view, "f32", work.input, t * k, k, x + t * padded * 4, 0);
      if (work.bias !== null) view.f32.set(work.bias, bias / 4);
      const tasks = [Math.ceil(n / rows), rows, scratch, scratchBytes, bytes];
      const head = [kernelNumbers.linear, formatNumbers[format], padded, tokens];
      writeWords(view, [...head, ...tasks, weights, scales, x, y, n, bias, packed]);
    },
    output: (view) => Float64Array.from(view.f32.subarray(y / 4, y / 4 + tokens * n)),
  };
}
