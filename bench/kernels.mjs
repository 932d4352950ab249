/**
 * `node bench/kernels.mjs [ROUNDS] [PART OF A NAME]`: the WebAssembly kernels beside this machine's ceilings. Kernel and ceiling run in turns, and what
 * is printed is the median of their ratios, since machines are noisy; nothing here passes or fails.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { buildWasm } from "../scripts/build-wasm.mjs";

const root = join(import.meta.dirname, "..");
const rounds = Number(process.argv[2] ?? 9);
/** Only lines whose name holds this. */
const only = process.argv[3] ?? "";
const context = 32768;
const headDim = 128;
const bytesPerElement = { f32: 4, bf16: 2, int8: 1 };
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const seconds = async (kernel) => {
  const from = performance.now();
  await kernel.run();
  return (performance.now() - from) / 1e3;
};

await buildWasm(root);
const { wasmBackend, spawnNodeThread, readJob, multiplyAddJob } = await loadKernels();
console.log(`\nNode ${process.version}, ${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores`);
for (const threads of [1, 2]) await measure(threads);

async function measure(threads) {
  const backend = wasmBackend({ threads }, spawnNodeThread);
  const { description } = await backend.availability();
  const readBytes = 512 * 2 ** 20;
  const read = await ready(backend.prepareJob(readJob(readBytes)));
  const arithmetic = multiplyAddJob(64, 100_000);
  const peak = await ready(backend.prepareJob(arithmetic));
  const flops = 2 * arithmetic.multiplyAdds;
  console.log(`\n${description}; median of ${rounds} ratios, lowest and highest`);

  for (const format of ["f32", "bf16", "int8"]) {
    await report(
      backend,
      attention(16, 16, format),
      `attention, MHA, ${format}`,
      read,
      readBytes,
      "read ceiling",
      "GB/s",
    );
  }
  await report(
    backend,
    attention(16, 4, "f32"),
    "attention, 4 heads a K/V head, f32",
    read,
    readBytes,
    "read ceiling",
    "GB/s",
  );
  for (const format of ["f32", "bf16", "int8"]) {
    await report(backend, linear(1, format), `linear, one row, ${format}`, read, readBytes, "read ceiling", "GB/s");
  }
  for (const format of ["f32", "bf16"]) {
    await report(
      backend,
      attention(32, 1, format),
      `attention, MQA, ${format}`,
      peak,
      flops,
      "multiply-add peak",
      "GFLOP/s",
    );
  }
  await report(backend, linear(32, "f32"), "linear, 32 rows, f32", peak, flops, "multiply-add peak", "GFLOP/s");
  await backend.close();
}

/** One line: the kernel's rate as a share of the ceiling's, run in turns. */
async function report(backend, { work, bytes, flops }, name, ceiling, ceilingAmount, ceilingName, unit) {
  if (!name.includes(only)) return;
  const kernel = await ready(backend.prepare(work));
  const amount = unit === "GB/s" ? bytes : flops;
  const ratios = [];
  const rates = [];
  // V8 compiles again what has run some times, on a thread of its own.
  for (let round = 0; round < 5; round++) {
    await kernel.run();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (let round = -1; round < rounds; round++) {
    // The ceiling before and after, so that a drift of the machine falls on both.
    const first = ceilingAmount / (await seconds(ceiling));
    const rate = amount / (await seconds(kernel));
    const second = ceilingAmount / (await seconds(ceiling));
    if (round < 0) continue;
    ratios.push((100 * rate) / ((first + second) / 2));
    rates.push(rate / 1e9);
  }
  kernel.release();
  const spread = `${Math.min(...ratios).toFixed(0)} to ${Math.max(...ratios).toFixed(0)} %`;
  console.log(
    `  ${name.padEnd(36)} ${median(ratios).toFixed(0).padStart(3)} % of the ${ceilingName} (${spread}), ${median(rates).toFixed(1)} ${unit}`,
  );
}

async function ready(prepared) {
  const kernel = await prepared;
  if (kernel.refused) throw new Error(kernel.reason);
  return kernel;
}

/** Repeats a few thousand random numbers: what is multiplied is of no matter, that memory is read is. */
function numbers(length) {
  const values = new Float32Array(length);
  const some = Float32Array.from({ length: 4099 }, (_, i) => Math.sin(i * i + 1));
  for (let at = 0; at < length; at += some.length) values.set(some.subarray(0, Math.min(some.length, length - at)), at);
  return values;
}

/** Decode attention at the context above; keys and values are made of the same numbers but stored twice. */
function attention(heads, kvHeads, format) {
  const rows = numbers(context * kvHeads * headDim);
  const shape = { kind: "attention", heads, kvHeads, headDim, contexts: [context], capacity: context, queryTokens: 1 };
  const operands = { queries: numbers(heads * headDim), keys: rows, values: rows, sinks: null };
  const scales = format === "int8" ? 4 : 0;
  return {
    work: { ...shape, reach: { window: null, chunk: null }, format, ...operands },
    bytes: 2 * context * kvHeads * (headDim * bytesPerElement[format] + scales),
    flops: 4 * context * heads * headDim,
  };
}

function linear(tokens, format) {
  const [k, n] = tokens === 1 ? [4096, 16384] : [4096, 4096];
  const operands = { input: numbers(tokens * k), weights: numbers(n * k), bias: null };
  return {
    work: { kind: "linear", tokens, inFeatures: k, outFeatures: n, format, ...operands },
    bytes: n * k * bytesPerElement[format],
    flops: 2 * tokens * n * k,
  };
}

/** The backend from source, bundled into a temporary folder. */
async function loadKernels() {
  const folder = await mkdtemp(join(root, "node_modules", ".kernels-"));
  try {
    const sources = ["wasm-backend", "spawn-thread-node", "ceiling-jobs"];
    const entry = sources.map((name) => `export * from "./src/kernels/wasm/${name}.ts";`).join("\n");
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
