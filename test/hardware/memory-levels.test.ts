import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Cache, Hardware } from "../../src/hardware/hardware.ts";
import { levelHolding, memoryLevels, withoutCaches } from "../../src/hardware/memory-levels.ts";
import { hardwareProfile } from "../fixtures/profiles.ts";

const cache = (name: string, bytes: number, bandwidthBytesPerSecond: number | null): Cache => ({
  name,
  bytes,
  bandwidthBytesPerSecond,
});
const machine = (...caches: Cache[]): Hardware => ({
  ...hardwareProfile("h100-sxm"),
  memoryBandwidthBytesPerSecond: 10e9,
  caches,
});
const names = (hardware: Hardware): string[] => memoryLevels(hardware).map((level) => level.name);

describe("memoryLevels", () => {
  it("are the caches of known bandwidth, innermost first, then memory", () => {
    const levels = memoryLevels(
      machine(cache("L3", 2 ** 25, 20e9), cache("L1", 2 ** 15, 90e9), cache("L2", 2 ** 20, null)),
    );
    expect(levels.map(({ name, bytes, bytesPerSecond, isCache }) => [name, bytes, bytesPerSecond, isCache])).toEqual([
      ["L1", 2 ** 15, 90e9, true],
      ["L3", 2 ** 25, 20e9, true],
      ["memory", Number.POSITIVE_INFINITY, 10e9, false],
    ]);
    expect(levels[0]?.secondsPerByte).toBe(1 / 90e9);
  });

  it("leave out a cache that is no faster than the level outside it", () => {
    expect(names(machine(cache("L3", 2 ** 25, 10e9)))).toEqual(["memory"]);
    expect(names(machine(cache("L2", 2 ** 20, 19e9), cache("L3", 2 ** 25, 20e9)))).toEqual(["L3", "memory"]);
    expect(names(machine(cache("L2", 2 ** 20, 21e9), cache("L3", 2 ** 25, 20e9)))).toEqual(["L2", "L3", "memory"]);
  });

  it("hold a set up to their last byte", () => {
    const levels = memoryLevels(machine(cache("L2", 1000, 30e9), cache("L3", 5000, 20e9)));
    const held = [0, 1000, 1001, 5000, 5001, 1e15].map((bytes) => levelHolding(levels, bytes).name);
    expect(held).toEqual(["L2", "L2", "L3", "L3", "memory", "memory"]);
  });

  it("of any machine, more bytes never take less time", () => {
    const anyCache = fc.record({
      name: fc.constant("L"),
      bytes: fc.integer({ min: 1, max: 1e9 }),
      bandwidthBytesPerSecond: fc.option(fc.double({ min: 1e6, max: 1e13, noNaN: true })),
    });
    fc.assert(
      fc.property(fc.array(anyCache, { maxLength: 5 }), fc.nat(2e9), fc.nat(2e9), (caches, a, b) => {
        const levels = memoryLevels(machine(...caches));
        const seconds = (bytes: number): number => bytes * levelHolding(levels, bytes).secondsPerByte;
        expect(seconds(Math.min(a, b))).toBeLessThanOrEqual(seconds(Math.max(a, b)));
      }),
    );
  });
});

describe("withoutCaches", () => {
  it("keeps what caches hold and takes away how fast they are", () => {
    const h100 = machine({ name: "L2", bytes: 52_428_800, bandwidthBytesPerSecond: 5.5e12 });
    expect(names(h100)).toEqual(["L2", "memory"]);
    expect(withoutCaches(h100)).toEqual({
      ...h100,
      caches: [{ name: "L2", bytes: 52_428_800, bandwidthBytesPerSecond: null }],
    });
    expect(names(withoutCaches(h100))).toEqual(["memory"]);
  });
});
