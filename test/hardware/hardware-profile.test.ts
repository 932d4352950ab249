import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hardwareFromProfile } from "../../src/hardware/hardware-profile.ts";
import { parseHardwareProfile } from "../../src/hardware/hardware-profile-schema.ts";
import { InvalidInput } from "../../src/quantity/invalid-input.ts";

const folder = new URL("../../hardware-profiles/", import.meta.url);

function read(id: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`${id}.json`, folder), "utf8")) as Record<string, unknown>;
}

function machine(id: string) {
  return hardwareFromProfile(parseHardwareProfile(read(id)));
}

/** h100-sxm with some of its parts replaced; undefined leaves a part out. */
function h100With(parts: Record<string, unknown>): unknown {
  return JSON.parse(JSON.stringify({ ...read("h100-sxm"), ...parts }));
}

const h100Memory = {
  type: "HBM3",
  capacity: { value: "80 GB", source: "a datasheet" },
  bandwidth: { value: "3.35 TB/s", source: "a datasheet" },
};

describe("figures of datasheets, in SI units", () => {
  // NVIDIA H100 datasheet (SXM5, dense halves of the sparse figures); capacity read from a device.
  test("H100 SXM", () => {
    const h100 = machine("h100-sxm");
    expect(h100.memoryBandwidthBytesPerSecond).toBe(3.35e12);
    expect(h100.memoryCapacityBytes).toBe(85_017_493_504);
    expect(h100.memoryCapacityNote).toMatch(/device reports.*printed as 80 GB/);
    expect(h100.peakFlopsPerSecond).toEqual({ fp32: 67e12, bf16: 989e12, fp16: 989e12, fp8: 1979e12, int8: 1979e12 });
    expect(h100.link).toEqual({ name: "NVLink 4", bytesPerSecond: 450e9 });
    expect(h100.caches).toEqual([{ name: "L2", bytes: 50 * 2 ** 20, bandwidthBytesPerSecond: null }]);
    expect(h100.processors).toBe(132);
    expect(h100.powerWatts).toBe(700);
    expect(h100.node).toEqual({ devices: 8, link: { name: "InfiniBand NDR", bytesPerSecond: 50e9 } });
    expect(h100.pricePerHourUsd).toBe(3.29);
    expect(h100.basis).toBe("datasheet");
  });

  // Columns: bandwidth, capacity, bf16 or (V100, T4) fp16 peak; NVIDIA, AMD, Intel, Google and AWS product pages.
  test.each<[string, number, number, number]>([
    ["v100-sxm-32g", 900e9, 32e9, 125e12],
    ["t4", 320e9, 16e9, 65e12],
    ["a100-40g-sxm", 1555e9, 40e9, 312e12],
    ["a100-80g-sxm", 2039e9, 80e9, 312e12],
    ["a100-80g-pcie", 1935e9, 80e9, 312e12],
    ["l4", 300e9, 24e9, 121e12],
    ["l40s", 864e9, 46068 * 2 ** 20, 362.05e12],
    ["h100-pcie", 2e12, 80e9, 756.5e12],
    ["h200", 4.8e12, 141e9, 989e12],
    ["b200", 8e12, 180e9, 2250e12],
    ["gb200", 8e12, 189471 * 2 ** 20, 2500e12],
    ["b300", 8e12, 275040 * 2 ** 20, 2250e12],
    ["rtx-4090", 1008e9, 24e9, 165.15e12],
    ["mi250x", 3.28e12, 128e9, 383e12],
    ["mi300x", 5.3e12, 192e9, 1307.4e12],
    ["mi355x", 8e12, 288e9, 2500e12],
    ["gaudi2", 2.45e12, 96e9, 432e12],
    ["tpu-v2", 700e9, 16 * 2 ** 30, 45e12],
    ["tpu-v5p", 2765e9, 95e9, 459e12],
    ["trainium2", 2.9e12, 96 * 2 ** 30, 667e12],
    ["apple-m2-max", 400e9, 96e9, 13.49e12],
    ["xeon-8480p", 307.2e9, 4e12, 114.7e12],
  ])("%s", (id, bandwidth, capacity, sixteenBitPeak) => {
    const { memoryBandwidthBytesPerSecond, memoryCapacityBytes, peakFlopsPerSecond } = machine(id);
    expect(memoryBandwidthBytesPerSecond).toBe(bandwidth);
    expect(memoryCapacityBytes).toBe(capacity);
    expect(peakFlopsPerSecond.bf16 ?? peakFlopsPerSecond.fp16).toBe(sixteenBitPeak);
  });

  // One device's rate in one direction to its peers together: half of what is printed for both directions.
  test.each<[string, number]>([
    ["a100-80g-sxm", 300e9],
    ["h200", 450e9],
    ["b200", 900e9],
    ["mi300x", 448e9],
    ["t4", 16e9],
    ["tpu-v5e", 200e9],
  ])("link of %s", (id, bytesPerSecond) => {
    expect(machine(id).link?.bytesPerSecond).toBe(bytesPerSecond);
  });

  // Devices that the link joins, and a device's share of what joins their nodes: 400 Gb/s are 50 GB/s.
  test.each<[string, number, number | null]>([
    ["a100-80g-sxm", 8, 25e9],
    ["b300", 8, 100e9],
    ["gb200", 72, 50e9],
    ["h100-nvl", 2, 64e9],
    ["t4", 8, 12.5e9 / 8],
    ["mi300x", 8, 50e9],
    ["gaudi3", 8, 75e9],
    ["tpu-v5e", 256, 25e9 / 8],
    ["trainium2", 16, 25e9],
    ["apple-m2-max", 1, null],
  ])("node of %s", (id, devices, bytesPerSecond) => {
    const { node } = machine(id);
    expect(node?.devices).toBe(devices);
    expect(node?.link?.bytesPerSecond ?? null).toBe(bytesPerSecond);
  });

  // Streaming multiprocessors, compute units and GPU cores of vendors' product pages.
  test.each<[string, number | null]>([
    ["a100-80g-sxm", 108],
    ["rtx-4090", 128],
    ["mi300x", 304],
    ["apple-m2-ultra", 76],
    ["tpu-v5e", null],
  ])("processors of %s", (id, processors) => {
    expect(machine(id).processors).toBe(processors);
  });

  test("a printed capacity says that it is the printed one", () => {
    expect(machine("a100-80g-sxm").memoryCapacityNote).toBe(
      "printed figure, 80 GB; what the device reports is not known",
    );
  });
});

describe("what a profile may not be", () => {
  test.each<[string, unknown, string]>([
    [
      "no source",
      h100With({ power: { value: "700 W" } }),
      "invalid power.source: missing (hardware profile wants text)",
    ],
    ["an empty source", h100With({ power: { value: "700 W", source: " " } }), "invalid power.source: nothing"],
    [
      "a source missing deep down",
      h100With({ memory: { ...h100Memory, bandwidth: { value: "3.35 TB/s" } } }),
      "invalid memory.bandwidth.source: missing",
    ],
    [
      "a bare string for a figure",
      h100With({ power: "700 W" }),
      'invalid power: "700 W" (hardware profile wants an object)',
    ],
    [
      "a mistyped key",
      h100With({ memory: { ...h100Memory, bandwith: h100Memory.bandwidth } }),
      "(hardware profile has no such key; did you mean bandwidth?)",
    ],
    [
      "a mistyped top-level key",
      h100With({ memroy: 3 }),
      "invalid memroy: 3 (hardware profile has no such key; did you mean",
    ],
    ["an unknown format", h100With({ peak: { fp6: { value: "1 TFLOP/s", source: "x" } } }), "invalid peak.fp6: "],
    [
      "no peak",
      h100With({ peak: {} }),
      "invalid peak: {} (hardware profile wants the rate of at least one number format",
    ],
    ["no memory", h100With({ memory: undefined }), "invalid memory: missing (hardware profile wants an object)"],
    ["an unknown kind", h100With({ kind: "gpuu" }), "wants gpu, tpu, accelerator, soc, cpu; did you mean gpu?)"],
    ["an id with capitals", h100With({ id: "H100" }), "invalid id: H100 (hardware profile wants small letters"],
    ["a list", [], "invalid hardware profile: [] (hardware profile wants an object)"],
  ])("%s", (_, value, message) => {
    expect(() => parseHardwareProfile(value)).toThrow(InvalidInput);
    expect(() => parseHardwareProfile(value)).toThrow(message);
  });

  test("__proto__ keys", () => {
    const text = readFileSync(new URL("h100-sxm.json", folder), "utf8");
    const value: unknown = JSON.parse(text.replace('"peak": {', '"peak": { "__proto__": {},'));
    expect(() => parseHardwareProfile(value)).toThrow("invalid peak.__proto__: {} (hardware profile must not have");
  });

  test.each<[string, unknown, string]>([
    [
      "GB where a bandwidth is due",
      { memory: { ...h100Memory, bandwidth: { value: "3350 GB", source: "x" } } },
      'invalid memory.bandwidth.value: 3350 GB (wants a bandwidth such as "3.35 TB/s"; GB is no bandwidth)',
    ],
    [
      "an unknown unit",
      { peak: { bf16: { value: "989 TFLIP/s", source: "x" } } },
      "invalid peak.bf16.value: 989 TFLIP/s (",
    ],
    [
      "zero",
      { memory: { ...h100Memory, capacity: { value: "0 GB", source: "x" } } },
      "invalid memory.capacity.value: 0 GB (",
    ],
    [
      "too large a number",
      { caches: [{ name: "L2", capacity: { value: "1e400 MB", source: "x" } }] },
      "invalid caches[0].capacity.value: 1e400 MB (",
    ],
    [
      "a negative price",
      { pricePerHour: { value: "-1 USD/h", source: "x" } },
      "invalid pricePerHour.value: -1 USD/h (",
    ],
    [
      "a link in GB",
      { link: { name: "a", bandwidth: { value: "3 GB", source: "x" } } },
      "invalid link.bandwidth.value: 3",
    ],
    [
      "a node of half a device",
      { node: { devices: { value: "0.5", source: "x" } } },
      'invalid node.devices.value: 0.5 (wants a number of devices such as "8")',
    ],
    [
      "a link between nodes in GB",
      {
        node: {
          devices: { value: "8", source: "x" },
          link: { name: "a", bandwidth: { value: "3 GB", source: "x" } },
        },
      },
      "invalid node.link.bandwidth.value: 3 GB (",
    ],
  ])("a figure of %s", (_, parts, message) => {
    const profile = parseHardwareProfile(h100With(parts as Record<string, unknown>));
    expect(() => hardwareFromProfile(profile)).toThrow(InvalidInput);
    expect(() => hardwareFromProfile(profile)).toThrow(message);
  });
});

test("a profile without a node, or without a link between nodes, has none", () => {
  expect(hardwareFromProfile(parseHardwareProfile(h100With({ node: undefined }))).node).toBeNull();
  const alone = { devices: { value: "4", source: "a datasheet" } };
  const parsed = hardwareFromProfile(parseHardwareProfile(h100With({ node: alone })));
  expect(parsed.node).toEqual({ devices: 4, link: null });
  expect(() => parseHardwareProfile(h100With({ node: {} }))).toThrow("invalid node.devices: missing");
});

test("a measured profile with a price keeps both", () => {
  const price = { value: "2.5 USD/h", source: "a price list" };
  const parsed = hardwareFromProfile(parseHardwareProfile(h100With({ basis: "measured", pricePerHour: price })));
  expect(parsed.basis).toBe("measured");
  expect(parsed.pricePerHourUsd).toBe(2.5);
});
