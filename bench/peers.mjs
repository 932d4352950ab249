/**
 * `node bench/peers.mjs [ROUNDS]`: the WebAssembly kernels beside onnxruntime-node, in f32, on the same shapes and threads, in turns.
 * Attention is GroupQueryAttention with one new token over a cache of context − 1 rows; past and present are one buffer, so that
 * nothing is copied but the token's own row. A linear layer of one row is MatMul with constant weights, which onnxruntime may
 * pack beforehand as it likes. Timed is a run from call to answer, on either side. Nothing here passes or fails.
 */
import { cpus } from "node:os";
import { attention, linear, loadKernels, median, ready, seconds, warmUp } from "./kernel-cases.mjs";
import { onnxModel } from "./onnx-model.mjs";

const rounds = Number(process.argv[2] ?? 9);
const peer = await import("onnxruntime-node").then(
  (module) => module.default ?? module,
  () => null,
);
if (peer === null) {
  console.log("\nNo peer: install it with `cd bench && ONNXRUNTIME_NODE_INSTALL=skip npm ci`.");
} else {
  const { wasmBackend, spawnNodeThread } = await loadKernels();
  console.log(
    `\nNode ${process.version}, ${cpus()[0]?.model ?? "unknown processor"}, onnxruntime-node ${peer.env.versions.node}`,
  );
  console.log(`f32; median of ${rounds} ratios, its time over ours (above 1: ours is faster)`);
  const cases = [
    ["attention, MHA, 16 heads", () => attention(16, 16, "f32"), groupQueryAttention],
    ["attention, 4 heads a K/V head", () => attention(32, 8, "f32"), groupQueryAttention],
    ["attention, MQA, 32 heads", () => attention(32, 1, "f32"), groupQueryAttention],
    ["linear, one row", () => linear(1, "f32"), matMul],
  ];
  for (const threads of [1, 2]) {
    const backend = wasmBackend({ threads }, spawnNodeThread);
    for (const [name, make, peerOf] of cases) await compare(backend, threads, name, make().work, peerOf);
    await backend.close();
  }
}

async function compare(backend, threads, name, work, peerOf) {
  const kernel = await ready(backend.prepare(work));
  const theirs = await peerOf(work, { intraOpNumThreads: threads, interOpNumThreads: 1 });
  await warmUp(kernel.run);
  await warmUp(theirs.run);
  const off = largestDifference(await kernel.output(), theirs.output());
  const [ratios, ours, others] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    // A pause, since its threads wait for more work busily and would take ours their processor.
    await pause();
    others.push(await seconds(theirs.run));
    await pause();
    ours.push(await seconds(kernel.run));
    ratios.push(others[round] / ours[round]);
  }
  kernel.release();
  await theirs.release();
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  const times = `${(1e3 * median(ours)).toFixed(1)} ms and ${(1e3 * median(others)).toFixed(1)} ms`;
  const line = `${median(ratios).toFixed(2)} (${range}), ${times}, answers differ by ${off.toExponential(0)}`;
  console.log(`  ${threads} thread${threads === 1 ? " " : "s"} ${name.padEnd(32)} ${line}`);
}

function pause() {
  return new Promise((resolve) => setTimeout(resolve, 50));
}

/** Of the largest element. */
function largestDifference(ours, theirs) {
  let [top, off] = [0, 0];
  ours.forEach((value, i) => {
    top = Math.max(top, Math.abs(theirs[i]));
    off = Math.max(off, Math.abs(value - theirs[i]));
  });
  return off / top;
}

async function groupQueryAttention({ heads, kvHeads, headDim, capacity, queries, keys, values }, options) {
  const cache = [1, kvHeads, capacity, headDim];
  const token = [1, 1, kvHeads * headDim];
  const value = (name, shape, type) => ({ name, shape, type });
  const model = onnxModel({
    op: "GroupQueryAttention",
    domain: "com.microsoft",
    version: 1,
    attributes: { num_heads: heads, kv_num_heads: kvHeads },
    inputs: [
      value("query", [1, 1, heads * headDim]),
      value("key", token),
      value("value", token),
      value("past_key", cache),
      value("past_value", cache),
      value("seqlens_k", [1], 6),
      value("total_sequence_length", [1], 6),
    ],
    outputs: [value("output", [1, 1, heads * headDim]), value("present_key", cache), value("present_value", cache)],
  });
  const session = await peer.InferenceSession.create(model, options);
  const past = (rows) => new peer.Tensor("float32", headByHead(rows, capacity, kvHeads, headDim), cache);
  const last = (rows) => new peer.Tensor("float32", rows.slice((capacity - 1) * kvHeads * headDim), token);
  const [pastKey, pastValue] = [past(keys), past(values)];
  const output = new peer.Tensor("float32", new Float32Array(heads * headDim), [1, 1, heads * headDim]);
  const feeds = {
    query: new peer.Tensor("float32", queries, [1, 1, heads * headDim]),
    key: last(keys),
    value: last(values),
    past_key: pastKey,
    past_value: pastValue,
    seqlens_k: new peer.Tensor("int32", Int32Array.of(capacity - 1), [1]),
    total_sequence_length: new peer.Tensor("int32", Int32Array.of(capacity), [1]),
  };
  return running(session, feeds, { output, present_key: pastKey, present_value: pastValue }, "output");
}

/** [S, Hkv, D] as [Hkv, S, D]. */
function headByHead(rows, context, kvHeads, headDim) {
  const out = new Float32Array(rows.length);
  for (let row = 0; row < context; row++) {
    for (let head = 0; head < kvHeads; head++) {
      const from = (row * kvHeads + head) * headDim;
      out.set(rows.subarray(from, from + headDim), (head * context + row) * headDim);
    }
  }
  return out;
}

async function matMul({ inFeatures: k, outFeatures: n, input, weights }, options) {
  const transposed = new Float32Array(k * n);
  for (let row = 0; row < n; row++) for (let i = 0; i < k; i++) transposed[i * n + row] = weights[row * k + i];
  const model = onnxModel({
    op: "MatMul",
    version: 17,
    inputs: [{ name: "x", shape: [1, k] }],
    constants: [{ name: "w", shape: [k, n], values: transposed }],
    outputs: [{ name: "y", shape: [1, n] }],
  });
  const session = await peer.InferenceSession.create(model, options);
  const y = new peer.Tensor("float32", new Float32Array(n), [1, n]);
  return running(session, { x: new peer.Tensor("float32", input, [1, k]) }, { y }, "y");
}

function running(session, feeds, fetches, answer) {
  let last = null;
  return {
    run: async () => {
      last = await session.run(feeds, fetches);
    },
    output: () => last[answer].data,
    release: () => session.release(),
  };
}
