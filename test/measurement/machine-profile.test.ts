import { describe, expect, it } from "vitest";
import { predictStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import { hardwareFromProfile } from "../../src/hardware/hardware-profile.ts";
import { parseHardwareProfile } from "../../src/hardware/hardware-profile-schema.ts";
import { type Ceilings, measureCeilings } from "../../src/measurement/ceilings.ts";
import { machineProfile } from "../../src/measurement/machine-profile.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { modelProfile } from "../fixtures/profiles.ts";
import { describedMachine, fakeMachineBackend, fakeMachineClock, fourLevels } from "./fake-machine.ts";

const ceilings: Ceilings = await (async () => {
  const clock = fakeMachineClock();
  const backends = [1, 2].map((threads) => ({ threads, backend: fakeMachineBackend(fourLevels, threads, clock) }));
  return measureCeilings(backends, clock, { lastCacheBytes: 2 ** 25, quick: true });
})();
const machine = describedMachine();

describe("machineProfile", () => {
  it("is a profile that is read back as the machine that was measured", () => {
    const profile = machineProfile({ ceilings, machine, threads: 2 });
    const read = hardwareFromProfile(parseHardwareProfile(JSON.parse(JSON.stringify(profile))));
    expect(read).toMatchObject({
      id: "made-up-1000-2-threads",
      kind: "cpu",
      vendor: "Made",
      basis: "measured",
      link: null,
    });
    const within = (value: number | null | undefined, wanted: number): void => {
      expect(Math.abs((value ?? 0) / wanted - 1)).toBeLessThan(0.015);
    };
    within(read.memoryBandwidthBytesPerSecond, 16e9);
    within(read.peakFlopsPerSecond.fp32, 80e9);
    within(read.peakFlopsPerSecond.bf16, 64e9);
    within(read.peakFlopsPerSecond.int8, 50e9);
    within(read.kernelStartSeconds, 1e-6);
    expect(read.caches.map(({ name, bytes }) => [name, bytes])).toEqual([
      ["L1", 65_536],
      ["L2", 2_097_152],
      ["L3", 33_554_432],
    ]);
    [200e9, 100e9, 40e9].forEach((rate, i) => {
      within(read.caches[i]?.bandwidthBytesPerSecond, rate);
    });
    expect(read.memoryCapacityBytes).toBe(24e9);
  });

  it("gives each figure its date, versions, threads and spread", () => {
    const profile = machineProfile({ ceilings, machine, threads: 1 });
    const when = "2026-11-25 on 1 thread, ridgepoint 0.1.0, wasm, Node 20.20.2 (V8 11.3)";
    expect(profile.id).toBe("made-up-1000-1-thread");
    expect(profile.memory.bandwidth.source).toContain(when);
    expect(profile.memory.bandwidth.source).toMatch(/median of \d+ working sets, [\d.]+ GB\/s to [\d.]+ GB\/s$/);
    for (const figure of [profile.peak.fp32, profile.peak.bf16, profile.peak.int8, profile.kernelStart]) {
      expect(figure?.source).toContain(when);
      expect(figure?.source).toMatch(/median of \d+ samples, .* to .*, median absolute deviation [\d.e-]+ %$/);
    }
    expect(profile.caches[0]?.bandwidth?.source).toMatch(/one working set$/);
    expect(profile.memory.capacity).toEqual({ value: "22.4 GiB", source: "operating system (Linux 6.1)" });
  });

  it("says of a cache that was found smaller than stated, or not stated at all, that it was measured", () => {
    const slice = describedMachine({
      caches: [{ level: 3, type: "unified", bytes: 2 ** 27, sharedBy: 2, instances: 1 }],
    });
    const smaller = machineProfile({ ceilings, machine: slice, threads: 1 }).caches[0];
    expect(smaller?.capacity.note).toBe("the operating system says 128 MiB, the curve falls before");
    const unknown = machineProfile({ ceilings, machine: describedMachine({ caches: [], version: null }), threads: 1 });
    expect(unknown.caches[0]?.capacity.source).toMatch(
      /^measured .* the largest set still read at about its bandwidth$/,
    );
    expect(unknown.note).not.toContain("0.1.0");
  });

  it("of a GPU is named by its adapter", () => {
    const gpu = { ...ceilings, backend: "webgpu" as const };
    const profile = machineProfile({
      ceilings: gpu,
      machine: describedMachine({ adapter: "Fast Graphics 9 (Vulkan)" }),
      threads: 1,
    });
    expect(profile).toMatchObject({ id: "fast-graphics-9-vulkan-webgpu", kind: "gpu", vendor: "Fast" });
    const named = (adapter: string) =>
      machineProfile({ ceilings: gpu, machine: describedMachine({ adapter }), threads: 1 });
    expect(named("WebGPU on nvidia, H200, driver 580; subgroups; timestamps")).toMatchObject({
      id: "nvidia-h200-driver-580-webgpu",
      name: "nvidia, H200, driver 580 (webgpu, measured)",
      vendor: "nvidia",
      kind: "gpu",
      memory: { capacity: { note: expect.stringContaining("WebGPU does not tell") } },
    });
    expect(named("WebGPU on google, SwiftShader; a software adapter, not a GPU")).toMatchObject({
      id: "google-swiftshader-webgpu",
      kind: "cpu",
      memory: { capacity: { value: "22.4 GiB", source: "operating system (Linux 6.1)" } },
    });
    const nameless = machineProfile({ ceilings: gpu, machine, threads: 1 });
    expect(nameless).toMatchObject({ id: "gpu-webgpu", vendor: "GPU" });
  });

  it("has no cost of a start where none was measured, and is not made without peaks or bandwidth", () => {
    expect(machineProfile({ ceilings: { ...ceilings, starts: [] }, machine, threads: 1 })).not.toHaveProperty(
      "kernelStart",
    );
    const without = (part: Partial<Ceilings>) => () =>
      machineProfile({ ceilings: { ...ceilings, ...part }, machine, threads: 1 });
    expect(without({ multiplyAdds: [] })).toThrow("no multiply-adds were measured on 1 thread");
    expect(without({ streams: [] })).toThrow("no read was measured on 1 thread");
  });
});

describe("a prediction on a measured processor", () => {
  const hardware = hardwareFromProfile(machineProfile({ ceilings, machine, threads: 2 }));
  const model = modelProfile("smollm2-135m");
  const peakOf = (weights: string, activations: string): number => {
    const step = { weights: parseNumberFormat(weights), activations: parseNumberFormat(activations) };
    const endless = { ...hardware, memoryBandwidthBytesPerSecond: 1e20, caches: [] };
    const { totals, seconds } = predictStep(stepPredictor(model, endless, { step }), { batch: 1, context: 64 });
    return totals.flops / (seconds ?? 0);
  };

  it("multiplies in the activations' format: fp32 for the kernels' own, whatever the weights are stored in", () => {
    for (const weights of ["fp32", "bf16", "int8"]) {
      expect(peakOf(weights, "fp32")).toBeCloseTo(hardware.peakFlopsPerSecond.fp32 ?? 0, -3);
    }
    expect(peakOf("bf16", "bf16")).toBeCloseTo(hardware.peakFlopsPerSecond.bf16 ?? 0, -3);
    expect(peakOf("int8", "bf16")).toBeCloseTo(hardware.peakFlopsPerSecond.bf16 ?? 0, -3);
  });
});
