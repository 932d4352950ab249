import { afterAll, describe, expect, it, vi } from "vitest";
import type { KernelBackend, KernelWork, PreparedKernel } from "../../../src/kernels/kernel.ts";
import { referenceBackend } from "../../../src/kernels/reference/reference-backend.ts";
import { findNodeGpu } from "../../../src/kernels/webgpu/found-gpu-node.ts";
import { type OpenDevice, openDevice } from "../../../src/kernels/webgpu/open-device.ts";
import { PipelineCache } from "../../../src/kernels/webgpu/pipeline-cache.ts";
import { webgpuBackend } from "../../../src/kernels/webgpu/webgpu-backend.ts";
import { wgslKernel } from "../../../src/kernels/webgpu/wgsl-kernel.ts";
import { seededRandom } from "../../../src/quantity/seeded-random.ts";
import { answerOf, attention } from "../conformance.ts";
import { requireAdapter } from "./require-adapter.ts";

const backend = webgpuBackend(findNodeGpu);
afterAll(() => backend.close());
const { missing, title } = await requireAdapter(backend);
vi.setConfig({ testTimeout: 60_000 });

const random = seededRandom(1);
const small = attention(random, { heads: 4, kvHeads: 2, headDim: 64, contexts: [40, 3], format: "f32" });

async function prepared(of: KernelBackend, work: KernelWork): Promise<PreparedKernel> {
  const kernel = await of.prepare(work);
  if (kernel.refused) throw new Error(kernel.reason);
  return kernel;
}

/** Equal to so many decimals. */
function expectClose(ours: Float64Array, exact: Float64Array, decimals = 4): void {
  expect(ours).toHaveLength(exact.length);
  const off = ours.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (exact[i] as number))), 0);
  expect(off).toBeLessThan(0.5 * 10 ** -decimals);
}

/** The device that a backend opens, to be lost at will. */
function watchedBackend(): { backend: KernelBackend; device: () => GPUDevice } {
  let opened: GPUDevice | null = null;
  const find = async () => {
    const found = await findNodeGpu();
    if (found.gpu === null) return found;
    const { gpu } = found;
    const requestAdapter = async (options?: GPURequestAdapterOptions) => {
      const adapter = (await gpu.requestAdapter(options)) as GPUAdapter;
      const { features, limits, info } = adapter;
      const requestDevice = async (descriptor?: GPUDeviceDescriptor) => {
        opened = await adapter.requestDevice(descriptor);
        return opened;
      };
      return { features, limits, info, requestDevice };
    };
    return { ...found, gpu: { wgslLanguageFeatures: gpu.wgslLanguageFeatures, requestAdapter } as unknown as GPU };
  };
  return { backend: webgpuBackend(find), device: () => opened as unknown as GPUDevice };
}

describe.skipIf(missing)(title, () => {
  it("names its adapter", async () => {
    const description = expect.stringMatching(/^WebGPU on \S.*timestamps/);
    expect(await backend.availability()).toEqual({ available: true, description });
  });

  it("refuses formats that it does not store, by name", async () => {
    const reason = "the webgpu backend stores f32, f16, bf16 and int8, not f64";
    for (const kind of ["attention", "linear", "cache-append", "multiply-add"] as const) {
      const work = { ...small, kind, format: "f64" } as unknown as KernelWork;
      expect(await backend.prepare(work)).toEqual({ refused: true, reason });
    }
  });

  it("splits keys and values by pairs and weights by rows where a binding is too small, and refuses a single pair", async () => {
    // 40 rows of 64 float32 are 10,240 bytes a pair: one pair a buffer.
    const narrow = webgpuBackend(findNodeGpu, { bindingBytes: 12_000 });
    const exact = await answerOf(referenceBackend(), small);
    expectClose(await answerOf(narrow, small), exact);
    const matrix = { inFeatures: 64, outFeatures: 100, format: "int8", bias: random.normals(100) } as const;
    const layer = {
      kind: "linear",
      tokens: 2,
      ...matrix,
      input: random.normals(128),
      weights: random.normals(6400),
    } as const;
    const split = webgpuBackend(findNodeGpu, { bindingBytes: 1_000 });
    expect(await answerOf(split, layer)).toEqual(await answerOf(backend, layer));
    expect(await split.prepare(small)).toEqual({
      refused: true,
      reason: "the keys of one K/V head take 10240 bytes, a binding of this adapter at most 992",
    });
    const input = random.normals(400);
    expect(await split.prepare({ kind: "residual", x: input, y: input })).toEqual({
      refused: true,
      reason: "the outputs take 1600 bytes, a binding of this adapter at most 992",
    });
    await Promise.all([narrow.close(), split.close()]);
  });

  it("attends with more queries than a workgroup takes, heads of no whole quads, and rows that some queries don't see", async () => {
    const works = [
      attention(random, { heads: 48, kvHeads: 1, headDim: 256, contexts: [70, 9], queryTokens: 3, format: "f32" }),
      attention(random, { heads: 6, kvHeads: 2, headDim: 10, contexts: [300], queryTokens: 2, format: "bf16" }),
      attention(random, {
        heads: 2,
        kvHeads: 1,
        headDim: 16,
        contexts: [900],
        queryTokens: 300,
        reach: { window: 5, chunk: null },
        format: "f32",
        sinks: true,
      }),
    ];
    for (const work of works) {
      const exact = await answerOf(referenceBackend(), work);
      expectClose(await answerOf(backend, work), exact, work.format === "f32" ? 4 : 1.7);
    }
  });

  it("multiplies many rows by many columns in its larger tiles, in each format", async () => {
    const shape = { kind: "linear", tokens: 65, inFeatures: 7, outFeatures: 8200 } as const;
    const operands = { input: random.normals(65 * 7), weights: random.normals(8200 * 7), bias: random.normals(8200) };
    const exact = await answerOf(referenceBackend(), { ...shape, ...operands, format: "f32" });
    for (const format of ["f32", "f16", "int8"] as const) {
      expectClose(
        await answerOf(backend, { ...shape, ...operands, format }),
        exact,
        { f32: 4, f16: 1.5, int8: 0.7 }[format],
      );
    }
  });

  it("moves each byte of a stream once a pass", async () => {
    // 16-byte elements i = 0 … n − 1 hold (i mod 8, 1, 2, 3).
    const quads = 100_003;
    const sum = Array.from({ length: quads }, (_, i) => (i % 8) + 6).reduce((total, x) => total + x);
    const read = { kind: "stream", stream: "read", workingSetBytes: 16 * quads, passes: 1 } as const;
    for (const bindingBytes of [1e9, 160_000]) {
      const streams = webgpuBackend(findNodeGpu, { bindingBytes });
      const kernel = await prepared(streams, read);
      expect(kernel.amount).toBe(16 * quads);
      await kernel.run();
      expect((await kernel.output()).reduce((total, x) => total + x)).toBe(sum);
      for (const stream of ["write", "copy", "triad"] as const) {
        const other = await prepared(streams, { ...read, stream, workingSetBytes: 48_000, passes: 3 });
        expect(other.amount).toBe(144_000);
        await other.run();
        other.release();
      }
      await streams.close();
    }
  });

  it("does at least as many multiply-adds as asked, in each format", async () => {
    for (const format of ["f32", "f16", "bf16", "int8"] as const) {
      const kernel = await prepared(backend, { kind: "multiply-add", format, multiplyAdds: 2e7 });
      expect(kernel.amount).toBeGreaterThanOrEqual(2e7);
      await kernel.run();
      expect([...(await kernel.output())].every(Number.isFinite)).toBe(true);
      kernel.release();
    }
  });

  it("runs in order what it prepared, the same one often, in the device's seconds where it can tell them", async () => {
    const [first, second] = [await prepared(backend, small), await prepared(backend, { kind: "empty" })];
    const seconds = await backend.runInOrder([...new Array<PreparedKernel>(300).fill(first), second, first]);
    expect(seconds).toBeGreaterThan(0);
    const exact = await answerOf(referenceBackend(), small);
    expectClose(await first.output(), exact);
    expect(await backend.runInOrder([])).toBeNull();
    const foreign = await prepared(referenceBackend(), small);
    await expect(backend.runInOrder([foreign])).rejects.toThrow("a kernel of another backend");
  });

  it("answers no seconds without timestamps", async () => {
    const untimed = webgpuBackend(findNodeGpu, { timestamps: false });
    expect(await untimed.runInOrder([await prepared(untimed, small)])).toBeNull();
    await untimed.close();
  });

  it("rejects what runs and what comes later when the device is lost, and opens anew after close", async () => {
    const { backend: losing, device } = watchedBackend();
    const kernel = await prepared(losing, small);
    const running = kernel.run();
    device().destroy();
    await expect(running).rejects.toThrow(/^the GPU device was lost: /);
    await expect(kernel.run()).rejects.toThrow("the GPU device was lost");
    await expect(kernel.output()).rejects.toThrow("the GPU device was lost");
    await expect(losing.prepare(small)).rejects.toThrow("the GPU device was lost");
    await losing.close();
    expect(await answerOf(losing, small)).toEqual(await answerOf(backend, small));
    await losing.close();
  });

  it("reports what the device refuses while it runs", async () => {
    const { backend: watched, device } = watchedBackend();
    const kernel = await prepared(watched, small);
    kernel.release();
    await expect(kernel.run()).rejects.toThrow("the GPU refused work");
    expect(device().features.size).toBeGreaterThan(0);
    await watched.close();
  });

  it("names the kernel and the line that do not compile", async () => {
    const open = (await openDevice(findNodeGpu, {})) as OpenDevice;
    const pipelines = new PipelineCache(open.device);
    const wrong = wgslKernel({ name: "wrong", threads: 1, bindings: [], body: "let x: u32 = 1.5;" });
    await expect(pipelines.pipeline(wrong)).rejects.toThrow(
      /^the kernel "wrong" does not compile: line 4: .* in: let x: u32 = 1.5;$/,
    );
    const wide = wgslKernel({ name: "wide", threads: 1e6, bindings: [], body: "" });
    await expect(pipelines.pipeline(wide)).rejects.toThrow('the kernel "wide" does not compile');
    open.device.destroy();
  });

  it("says which buffer the device has no room for, and leaves none behind", async () => {
    const { backend: watched, device } = watchedBackend();
    await prepared(watched, small);
    const { createBuffer } = device();
    let alive = 0;
    device().createBuffer = (descriptor) => {
      if (descriptor.label === "outputs") throw new RangeError("no memory");
      const buffer = createBuffer.call(device(), descriptor);
      const destroy = buffer.destroy.bind(buffer);
      alive++;
      buffer.destroy = () => {
        alive--;
        destroy();
      };
      return buffer;
    };
    await expect(watched.prepare(small)).rejects.toThrow(
      "the GPU has no room for the outputs of 2048 bytes: no memory",
    );
    expect(alive).toBe(0);
    device().createBuffer = (descriptor) => {
      const buffer = createBuffer.call(device(), descriptor);
      const destroy = buffer.destroy.bind(buffer);
      alive++;
      buffer.destroy = () => {
        alive--;
        destroy();
      };
      return buffer;
    };
    device().createComputePipelineAsync = () => Promise.reject(new Error("no registers"));
    const other = attention(random, { heads: 1, kvHeads: 1, headDim: 24, contexts: [5], format: "f32" });
    await expect(watched.prepare(other)).rejects.toThrow(
      'the kernel "attention over f32" does not compile: no registers',
    );
    expect(alive).toBe(0);
    // More than any device has, which the device itself says.
    device().createBuffer = (descriptor) => createBuffer.call(device(), { ...descriptor, size: 2 ** 50 });
    const huge = { kind: "stream", stream: "read", workingSetBytes: 64, passes: 1 } as const;
    await expect(watched.prepare(huge)).rejects.toThrow("the GPU has no room for the array 0 of 64 bytes: ");
    await watched.close();
  });
});
