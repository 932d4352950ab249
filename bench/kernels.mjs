/**
 * `node bench/kernels.mjs [ROUNDS] [PART OF A NAME]`: the WebAssembly kernels beside this machine's ceilings, as shares of the bytes that a
 * plain loop reads and of the multiply-adds that one does in registers on operands of the kernel's own format. Kernel and ceilings run
 * in turns, and what is printed is the median of the ratios, since machines are noisy; nothing here passes or fails.
 */
import { cpus } from "node:os";
import { attention, linear, loadKernels, median, ready, seconds, warmUp } from "./kernel-cases.mjs";

const rounds = Number(process.argv[2] ?? 9);
/** Only lines whose name holds this. */
const only = process.argv[3] ?? "";
const readBytes = 512 * 2 ** 20;
const formats = ["f32", "bf16", "int8"];
const cases = [
  ...formats.map((format) => [`attention, MHA, ${format}`, format, () => attention(16, 16, format)]),
  ...formats.map((format) => [`attention, 4 heads a K/V head, ${format}`, format, () => attention(32, 8, format)]),
  ...formats.map((format) => [`attention, MQA, 32 heads, ${format}`, format, () => attention(32, 1, format)]),
  ...formats.map((format) => [`linear, one row, ${format}`, format, () => linear(1, format)]),
  ...formats.map((format) => [`linear, 32 rows, ${format}`, format, () => linear(32, format)]),
];

const { wasmBackend, spawnNodeThread, shapeBytes } = await loadKernels();
console.log(`\nNode ${process.version}, ${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores`);
for (const threads of [1, 2]) await measure(threads);

async function measure(threads) {
  const backend = wasmBackend({ threads }, spawnNodeThread);
  const { description } = await backend.availability();
  const stream = { kind: "stream", stream: "read", workingSetBytes: readBytes, passes: 1 };
  const read = await ready(backend.prepare(stream));
  await warmUp(read.run);
  const peaks = {};
  for (const format of formats) {
    peaks[format] = await ready(backend.prepare({ kind: "multiply-add", format, multiplyAdds: 3e8 }));
    await warmUp(peaks[format].run);
  }
  const bandwidths = [];
  const rates = { f32: [], bf16: [], int8: [] };
  console.log(`\n${description}; median of ${rounds} ratios (lowest to highest)`);
  console.log(`  ${"".padEnd(36)} ${"of bytes read".padEnd(24)} of multiply-adds`);
  for (const [name, format, make] of cases) {
    if (!name.includes(only)) continue;
    const peak = peaks[format];
    const { work, shape } = make();
    const { moved: bytes, matmulFlops: flops } = shapeBytes(shape);
    const kernel = await ready(backend.prepare(work));
    await warmUp(kernel.run);
    const shares = { bytes: [], flops: [] };
    for (let round = 0; round < rounds; round++) {
      // A ceiling before and after, so that a drift of the machine falls on both.
      const [read1, peak1] = [await seconds(read.run), await seconds(peak.run)];
      const took = await seconds(kernel.run);
      const [read2, peak2] = [await seconds(read.run), await seconds(peak.run)];
      const bandwidth = (2 * read.amount) / (read1 + read2);
      const rate = (4 * peak.amount) / (peak1 + peak2);
      shares.bytes.push((100 * bytes) / took / bandwidth);
      shares.flops.push((100 * flops) / took / rate);
      bandwidths.push(bandwidth / 1e9);
      rates[format].push(rate / 1e9);
    }
    kernel.release();
    console.log(`  ${name.padEnd(36)} ${shown(shares.bytes).padEnd(24)} ${shown(shares.flops)}`);
  }
  console.log(`  read ${shown(bandwidths, "GB/s")}`);
  for (const format of formats) {
    if (rates[format].length > 0) console.log(`  multiply-adds, ${format} ${shown(rates[format], "GFLOP/s")}`);
  }
  await backend.close();
}

function shown(values, unit = "%") {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(0).padStart(3)} ${unit} (${low.toFixed(0)} to ${high.toFixed(0)})`;
}
