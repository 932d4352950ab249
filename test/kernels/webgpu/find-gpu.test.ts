import { delimiter } from "node:path";
import { describe, expect, it } from "vitest";
import { DeviceWatch } from "../../../src/kernels/webgpu/device-watch.ts";
import { findBrowserGpu } from "../../../src/kernels/webgpu/found-gpu.ts";
import { findNodeGpu } from "../../../src/kernels/webgpu/found-gpu-node.ts";
import { openDevice } from "../../../src/kernels/webgpu/open-device.ts";
import { PipelineCache } from "../../../src/kernels/webgpu/pipeline-cache.ts";
import { reasonLine } from "../../../src/kernels/webgpu/reason-line.ts";
import { webgpuBackend } from "../../../src/kernels/webgpu/webgpu-backend.ts";
import { wgslKernel } from "../../../src/kernels/webgpu/wgsl-kernel.ts";

/** Stands for Dawn: a GPU object whose adapter is there once the driver's variable has this value. */
function dawnWith(driver: string | null) {
  const requestAdapter = async () => (driver !== null && process.env["VK_ICD_FILENAMES"] === driver ? {} : null);
  return { create: () => ({ requestAdapter }) };
}

async function withoutDriver<T>(work: () => Promise<T>): Promise<T> {
  const { VK_ICD_FILENAMES: before } = process.env;
  delete process.env["VK_ICD_FILENAMES"];
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env["VK_ICD_FILENAMES"];
    else process.env["VK_ICD_FILENAMES"] = before;
  }
}

describe("findNodeGpu", () => {
  it("says what to install where the package is missing", async () => {
    const error = Object.assign(new Error("Cannot find package 'webgpu' imported from here"), {
      code: "ERR_MODULE_NOT_FOUND",
    });
    expect(await findNodeGpu({ load: () => Promise.reject(error) })).toEqual({
      gpu: null,
      reason: "the package webgpu is not installed: npm install webgpu",
    });
  });

  it("says why the package does not load where it is there", async () => {
    const load = () => Promise.reject(new Error("dawn.node: wrong ELF class\n  at require"));
    expect(await findNodeGpu({ load })).toEqual({
      gpu: null,
      reason: "the package webgpu does not load: dawn.node: wrong ELF class at require",
    });
    const inner = Object.assign(new Error("Cannot find package 'debug'"), { code: "ERR_MODULE_NOT_FOUND" });
    expect(await findNodeGpu({ load: () => Promise.reject(inner) })).toMatchObject({
      reason: "the package webgpu does not load: Cannot find package 'debug'",
    });
  });

  it("takes the software driver only where no adapter is found without it, and says so", () =>
    withoutDriver(async () => {
      const here = import.meta.filename;
      const found = await findNodeGpu({ load: async () => dawnWith(here), drivers: ["/nowhere.json", here] });
      expect(found).toMatchObject({ note: `driver of ${here}` });
      expect(process.env["VK_ICD_FILENAMES"]).toBe(here);
    }));

  it("says what to install where there is no adapter at all, and leaves the environment as it was", () =>
    withoutDriver(async () => {
      const none = { load: async () => dawnWith(null) };
      const advice = /install a GPU driver with Vulkan, or SwiftShader.*apt-get install chromium libvulkan1$/;
      expect(await findNodeGpu({ ...none, drivers: [] })).toMatchObject({ reason: expect.stringMatching(advice) });
      const failing = await findNodeGpu({ ...none, drivers: [import.meta.filename] });
      expect(failing).toMatchObject({ reason: expect.stringContaining(`not even with ${import.meta.filename}`) });
      expect(process.env["VK_ICD_FILENAMES"]).toBeUndefined();
    }));

  it("names the variable where the driver that it points to gives no adapter, and the file that is not there", () =>
    withoutDriver(async () => {
      const none = { load: async () => dawnWith(null) };
      process.env["VK_ICD_FILENAMES"] = "/nowhere.json";
      expect(await findNodeGpu(none)).toEqual({
        gpu: null,
        reason: "Dawn finds no adapter with VK_ICD_FILENAMES=/nowhere.json, which does not exist: correct or unset it",
      });
      const here = import.meta.filename;
      process.env["VK_ICD_FILENAMES"] = here;
      expect(await findNodeGpu(none)).toMatchObject({
        reason: `Dawn finds no adapter with VK_ICD_FILENAMES=${here}: correct or unset it`,
      });
      process.env["VK_ICD_FILENAMES"] = [here, "/nowhere.json"].join(delimiter);
      expect(await findNodeGpu(none)).toMatchObject({
        reason: expect.stringContaining("where /nowhere.json does not exist"),
      });
    }));
});

describe("reasonLine", () => {
  it("is the message of an error, or the thing thrown, on one line", () => {
    expect(reasonLine(new Error("a\n  b "))).toBe("a b");
    expect(reasonLine("plain\ntext")).toBe("plain text");
  });
});

describe("findBrowserGpu", () => {
  it("is the navigator's, or the reason that it has none", async () => {
    const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
    const gpu = {};
    Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true });
    expect(await findBrowserGpu()).toEqual({ gpu, note: null });
    Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
    expect(await findBrowserGpu()).toMatchObject({ gpu: null, reason: expect.stringContaining("no WebGPU") });
    if (before === undefined) Reflect.deleteProperty(globalThis, "navigator");
    else Object.defineProperty(globalThis, "navigator", before);
  });
});

const limits = {
  maxBufferSize: 1e9,
  maxStorageBufferBindingSize: 1e8 + 3,
  maxStorageBuffersPerShaderStage: 10,
  maxComputeWorkgroupStorageSize: 32_768,
  maxComputeInvocationsPerWorkgroup: 1024,
  maxComputeWorkgroupSizeX: 512,
  maxComputeWorkgroupsPerDimension: 65_535,
};
const info = { vendor: "acme", architecture: "", device: "acme", description: "X1", isFallbackAdapter: false };

function fakeGpu(adapter: unknown, languageFeatures: string[] = []) {
  const gpu = { wgslLanguageFeatures: new Set(languageFeatures), requestAdapter: async () => adapter };
  return async () => ({ gpu: gpu as unknown as GPU, note: null });
}

/** A device that is lost or complains when it is told to. */
function fakeDevice(features: Iterable<string>) {
  let lose: (info: { message: string; reason: string }) => void = () => {};
  let complain: (event: { error: { message: string } }) => void = () => {};
  const lost = new Promise<{ message: string; reason: string }>((resolve) => {
    lose = resolve;
  });
  const device = {
    features: new Set(features),
    limits,
    lost,
    addEventListener: (_: string, listener: typeof complain) => {
      complain = listener;
    },
  };
  return {
    device: device as unknown as GPUDevice,
    lose: (message: string) => lose({ message, reason: "unknown" }),
    complain: (message: string) => complain({ error: { message } }),
  };
}

describe("openDevice", () => {
  it("answers with a reason where there is no adapter and where it gives no device", async () => {
    expect(await openDevice(fakeGpu(null), {})).toContain("no adapter");
    const requestDevice = () => Promise.reject(new Error("limit too\nhigh"));
    expect(await openDevice(fakeGpu({ features: new Set(), limits, info, requestDevice }), {})).toBe(
      "the adapter gives no device: limit too high",
    );
    const backend = webgpuBackend(() => Promise.reject(new Error("broken")));
    expect(await backend.availability()).toEqual({ available: false, reason: "WebGPU does not start: broken" });
    expect(await backend.prepare({ kind: "empty" })).toEqual({
      refused: true,
      reason: "WebGPU does not start: broken",
    });
    await backend.close();
    const none = webgpuBackend(async () => ({ gpu: null, reason: "no GPU here" }));
    expect(await none.availability()).toEqual({ available: false, reason: "no GPU here" });
    await none.close();
    await none.close();
  });

  it("asks for all limits, and for subgroups only where kernels can number them", async () => {
    const asked: GPUDeviceDescriptor[] = [];
    const adapter = {
      features: new Set(["timestamp-query", "subgroups", "shader-f16"]),
      limits,
      info,
      requestDevice: async (descriptor: GPUDeviceDescriptor) => {
        asked.push(descriptor);
        return fakeDevice(descriptor.requiredFeatures ?? []).device;
      },
    };
    const plain = await openDevice(fakeGpu(adapter), {});
    const full = await openDevice(fakeGpu(adapter, ["subgroup_id"]), {});
    await openDevice(fakeGpu(adapter, ["subgroup_id"]), { subgroups: false, timestamps: false });
    expect(asked.map(({ requiredFeatures }) => requiredFeatures)).toEqual([
      ["timestamp-query"],
      ["timestamp-query", "subgroups"],
      [],
    ]);
    expect(asked[0]?.requiredLimits).toMatchObject({ maxBufferSize: 1e9, maxStorageBufferBindingSize: 1e8 + 3 });
    expect(plain).toMatchObject({ description: "WebGPU on acme, X1; timestamps", timestamps: true });
    expect(full).toMatchObject({
      description: "WebGPU on acme, X1; subgroups; timestamps",
      // A binding is whole quads.
      traits: { subgroups: true, workgroupThreads: 512, bindingBytes: 1e8 },
    });
  });
});

describe("PipelineCache", () => {
  it("compiles a text once, and again only after 256 others", async () => {
    let compiled = 0;
    const device = {
      pushErrorScope: () => {},
      popErrorScope: async () => null,
      createShaderModule: () => ({ getCompilationInfo: async () => ({ messages: [{ type: "warning" }] }) }),
      createComputePipelineAsync: async () => ({ number: ++compiled }),
    };
    const cache = new PipelineCache(device as unknown as GPUDevice);
    const kernel = (i: number) => wgslKernel({ name: `kernel ${i}`, threads: 1, bindings: [], body: `let x = ${i};` });
    await cache.pipeline(kernel(0));
    for (let i = 1; i < 256; i++) await cache.pipeline(kernel(i));
    await cache.pipeline(kernel(0));
    expect(compiled).toBe(256);
    // Kernel 0 was used last, so that 1 makes room.
    await cache.pipeline(kernel(256));
    await cache.pipeline(kernel(0));
    expect(compiled).toBe(257);
    await cache.pipeline(kernel(1));
    expect(compiled).toBe(258);
  });
});

describe("DeviceWatch", () => {
  it("rejects what is under way when the device is lost, and all that comes later", async () => {
    const { device, lose } = fakeDevice([]);
    const watch = new DeviceWatch(device);
    const never = watch.guarded(() => new Promise<void>(() => {}));
    lose("driver\nreset");
    await expect(never).rejects.toThrow("the GPU device was lost: driver reset");
    await expect(watch.guarded(async () => 1)).rejects.toThrow("the GPU device was lost: driver reset");
  });

  it("blames a failure after the loss on the loss, and one before on itself", async () => {
    const { device, lose } = fakeDevice([]);
    const watch = new DeviceWatch(device);
    await expect(watch.guarded(() => Promise.reject(new Error("own")))).rejects.toThrow("own");
    lose("");
    const failing = watch.guarded(async () => {
      await device.lost;
      throw new Error("map failed");
    });
    await expect(failing).rejects.toThrow("the GPU device was lost: unknown");
  });

  it("reports an error that the device raised meanwhile, once", async () => {
    const { device, complain } = fakeDevice([]);
    const watch = new DeviceWatch(device);
    complain("bad\nbinding");
    await expect(watch.guarded(async () => 1)).rejects.toThrow("the GPU refused work: bad binding");
    expect(await watch.guarded(async () => 1)).toBe(1);
  });
});
