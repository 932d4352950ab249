import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hardwareFromProfile } from "../../src/hardware/hardware-profile.ts";
import { parseHardwareProfile } from "../../src/hardware/hardware-profile-schema.ts";

const folder = new URL("../../hardware-profiles/", import.meta.url);
const shipped = readdirSync(folder).map((file) => ({
  file,
  text: readFileSync(new URL(file, folder), "utf8"),
}));
const profiles = shipped.map(({ text }) => parseHardwareProfile(JSON.parse(text)));

test("at least 60 devices, of every family named in the guide", () => {
  expect(shipped.length).toBeGreaterThanOrEqual(60);
  const vendors = new Set(profiles.map(({ vendor }) => vendor));
  expect([...vendors].sort()).toEqual(["AMD", "AWS", "Apple", "Google", "Intel", "NVIDIA"]);
  expect(new Set(profiles.map(({ kind }) => kind))).toEqual(new Set(["gpu", "tpu", "accelerator", "soc", "cpu"]));
});

test("ids and aliases name one device each", () => {
  const names = profiles.flatMap(({ id, aliases }) => [id, ...aliases]);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  expect(twice).toEqual([]);
});

test.each([
  ["h100", "h100-sxm"],
  ["h100-80gb", "h100-sxm"],
  ["a100", "a100-80g-sxm"],
  ["a100-40gb", "a100-40g-sxm"],
  ["v100", "v100-sxm-32g"],
  ["mi300", "mi300x"],
  ["4090", "rtx-4090"],
  ["rtx4090", "rtx-4090"],
  ["m2-max", "apple-m2-max"],
])("%s is an alias of %s", (alias, id) => {
  expect(profiles.find(({ aliases }) => aliases.includes(alias))?.id).toBe(id);
});

describe.each(shipped)("$file", ({ file, text }) => {
  const raw: unknown = JSON.parse(text);
  const profile = parseHardwareProfile(raw);
  const hardware = hardwareFromProfile(profile);

  test("is named after its id", () => {
    expect(file).toBe(`${profile.id}.json`);
  });

  test("gives every figure a source", () => {
    const figures = figuresIn(raw);
    expect(figures.length).toBeGreaterThanOrEqual(3);
    for (const { source } of figures) expect(String(source).length).toBeGreaterThan(7);
  });

  test("has figures of a size that one device can have", () => {
    const { memoryBandwidthBytesPerSecond: bandwidth, peakFlopsPerSecond: peak } = hardware;
    expect(bandwidth).toBeGreaterThan(50e9);
    expect(bandwidth).toBeLessThan(20e12);
    expect(hardware.memoryCapacityBytes).toBeGreaterThan(8e9);
    expect(hardware.memoryCapacityBytes).toBeLessThan(10e12);
    expect(hardware.memoryCapacityNote).not.toBeNull();
    const rates = Object.values(peak);
    expect(rates.length).toBeGreaterThan(0);
    for (const rate of rates) {
      expect(rate).toBeGreaterThan(0.5e12);
      // The fastest dense rate of any device here is the GB300's fp4, 15e15.
      expect(rate).toBeLessThanOrEqual(15e15);
    }
    if (hardware.link !== null) expect(hardware.link.bytesPerSecond).toBeLessThan(bandwidth * 1.3);
    if (hardware.powerWatts !== null) expect(hardware.powerWatts).toBeGreaterThan(30);
    if (hardware.powerWatts !== null) expect(hardware.powerWatts).toBeLessThanOrEqual(1400);
  });

  test("gives dense rates: fp8 is at most 2.2 times 16 bits and fp4 4 times fp8, where a sparse rate would double that", () => {
    const { fp32, bf16, fp16, fp8, fp4 } = hardware.peakFlopsPerSecond;
    const half = bf16 ?? fp16;
    if (half !== undefined && fp8 !== undefined) expect(fp8 / half).toBeLessThanOrEqual(2.2);
    if (fp8 !== undefined && fp4 !== undefined) expect(fp4 / fp8).toBeLessThanOrEqual(4.001);
    if (half !== undefined && fp32 !== undefined) expect(half / fp32).toBeGreaterThanOrEqual(1);
  });

  test("has the processors of a GPU, and no impossible rate of each", () => {
    if (profile.kind === "gpu" || profile.vendor === "Apple") expect(hardware.processors).not.toBeNull();
    const { fp32 } = hardware.peakFlopsPerSecond;
    if (hardware.processors === null || fp32 === undefined) return;
    // 64 to 256 multiply-adds a clock at 1 to 3 GHz; 0.2 to 1.5 TFLOP/s a processor.
    expect(fp32 / hardware.processors).toBeGreaterThan(0.15e12);
    expect(fp32 / hardware.processors).toBeLessThan(1.0e12);
  });

  test("stands in a node wherever its link is known, and several devices of a node are linked faster than nodes are", () => {
    const { node, link } = hardware;
    if (link !== null) expect(node).not.toBeNull();
    if (node === null) return;
    if (node.devices > 1) expect(link).not.toBeNull();
    if (node.link !== null) expect(node.link.bytesPerSecond).toBeLessThanOrEqual(link?.bytesPerSecond ?? 0);
  });

  test("has the price of one device, of a day or a commit that can be named", () => {
    const { pricePerHour } = profile;
    expect(hardware.pricePerHourUsd === null).toBe(pricePerHour === undefined);
    if (pricePerHour === undefined) return;
    expect(hardware.pricePerHourUsd).toBeGreaterThanOrEqual(0.05);
    expect(hardware.pricePerHourUsd).toBeLessThanOrEqual(50);
    expect(pricePerHour.source).toMatch(/@[0-9a-f]{7}|20\d\d-[01]\d-[0-3]\d/);
    expect(pricePerHour.note).toMatch(/^(listed as )?on /);
  });

  test("prints a capacity in powers of 1000 as such", () => {
    const [number = "", unit = ""] = profile.memory.capacity.value.split(" ");
    const factor = { GB: 1e9, TB: 1e12, GiB: 2 ** 30 }[unit];
    expect(factor).toBeDefined();
    if (profile.memory.reportedCapacity === undefined) {
      expect(hardware.memoryCapacityBytes).toBe(Number(number) * (factor ?? Number.NaN));
    }
  });
});

/** Every object with a value: a figure, wherever it stands. */
function figuresIn(value: unknown): { source?: unknown }[] {
  if (typeof value !== "object" || value === null) return [];
  if (Object.hasOwn(value, "value")) return [value];
  return Object.values(value).flatMap(figuresIn);
}
