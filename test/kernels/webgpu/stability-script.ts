/** What stability.test.ts runs in a process of its own; prints one line of JSON. */
import type { KernelWork, PreparedKernel } from "../../../src/kernels/kernel.ts";
import { findNodeGpu } from "../../../src/kernels/webgpu/found-gpu-node.ts";
import { webgpuBackend } from "../../../src/kernels/webgpu/webgpu-backend.ts";
import { seededRandom } from "../../../src/quantity/seeded-random.ts";
import { attention } from "../conformance.ts";

const backend = webgpuBackend(findNodeGpu);
const random = seededRandom(1);

async function prepared(work: KernelWork): Promise<PreparedKernel> {
  const kernel = await backend.prepare(work);
  if (kernel.refused) throw new Error(kernel.reason);
  return kernel;
}

const kernel = await prepared(attention(random, { heads: 2, kvHeads: 1, headDim: 64, contexts: [30], format: "f32" }));
await kernel.run();
const before = await kernel.output();
let early = 0;
// Submissions of one dispatch and of 25: 10,000 dispatches in all.
const many = new Array<PreparedKernel>(25).fill(kernel);
for (let i = 1; i <= 400; i++) {
  for (let single = 0; single < 5; single++) await kernel.run();
  await backend.runInOrder(many.slice(5));
  if (i === 80) early = process.memoryUsage.rss();
}
const runBytes = process.memoryUsage.rss() - early;
const after = await kernel.output();
kernel.release();

const copy: KernelWork = { kind: "stream", stream: "copy", workingSetBytes: 16e6, passes: 1 };
for (let i = 1; i <= 60; i++) {
  const stream = await prepared(copy);
  await stream.run();
  stream.release();
  if (i === 20) early = process.memoryUsage.rss();
}
const allocationBytes = process.memoryUsage.rss() - early;
await backend.close();
console.log(JSON.stringify({ answersEqual: before.every((x, i) => x === after[i]), runBytes, allocationBytes }));
