/** What the kernel benchmarks share: works of a size that no cache holds, the backend from source, and how a run is timed. */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { buildWasm } from "../scripts/build-wasm.mjs";

const root = join(import.meta.dirname, "..");
const context = 32768;
const headDim = 128;
/** Formats as the library counts them. */
const countedFormat = { f32: "fp32", bf16: "bf16", int8: "int8" };

export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

export async function seconds(run) {
  const from = performance.now();
  await run();
  return (performance.now() - from) / 1e3;
}

/** V8 compiles what has run some times anew, on a thread of its own; a kernel's first runs are slower. */
export async function warmUp(run) {
  for (let round = 0; round < 5; round++) {
    await run();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export async function ready(prepared) {
  const kernel = await prepared;
  if (kernel.refused) throw new Error(kernel.reason);
  return kernel;
}

/** Repeats a few thousand numbers: what is multiplied is of no matter, that memory is read is. */
export function numbers(length) {
  const values = new Float32Array(length);
  const some = Float32Array.from({ length: 4099 }, (_, i) => Math.sin(i * i + 1));
  for (let at = 0; at < length; at += some.length) values.set(some.subarray(0, Math.min(some.length, length - at)), at);
  return values;
}

/**
 * Decode attention at the context above; keys and values are made of the same numbers but stored twice. Bytes and FLOPs are the
 * library's count of `shape` (shapeBytes of loadKernels), int8 without its scales.
 */
export function attention(heads, kvHeads, format) {
  const rows = numbers(context * kvHeads * headDim);
  const shape = { kind: "attention", heads, kvHeads, headDim, contexts: [context], capacity: context, queryTokens: 1 };
  const operands = { queries: numbers(heads * headDim), keys: rows, values: rows, sinks: null };
  return {
    work: { ...shape, reach: { window: null, chunk: null }, format, ...operands },
    shape: { kind: "attention", dtype: countedFormat[format], batch: 1, heads, kvHeads, headDim, context },
  };
}

export function linear(tokens, format) {
  const [k, n] = tokens === 1 ? [4096, 16384] : [4096, 4096];
  const operands = { input: numbers(tokens * k), weights: numbers(n * k), bias: null };
  return {
    work: { kind: "linear", tokens, inFeatures: k, outFeatures: n, format, ...operands },
    shape: { kind: "linear", dtype: countedFormat[format], m: tokens, k, n },
  };
}

/** The backend and the library's counts from source, bundled into a temporary folder. */
export async function loadKernels() {
  await buildWasm(root);
  const folder = await mkdtemp(join(root, "node_modules", ".kernels-"));
  try {
    const sources = ["kernels/wasm/wasm-backend", "kernels/wasm/spawn-thread-node", "measurement/shape-bytes"];
    const entry = sources.map((name) => `export * from "./src/${name}.ts";`).join("\n");
    const build = await rolldown({
      cwd: root,
      input: "kernels",
      platform: "node",
      plugins: [
        {
          name: "kernels",
          resolveId: (id) => (id === "kernels" ? join(root, "kernels.ts") : null),
          load: (id) => (id === join(root, "kernels.ts") ? entry : null),
        },
      ],
    });
    await build.write({ dir: folder, entryFileNames: "kernels.mjs", codeSplitting: false });
    await build.close();
    return await import(pathToFileURL(join(folder, "kernels.mjs")).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
