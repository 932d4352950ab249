import { describe, expect, it } from "vitest";
import { workingSets } from "../../src/measurement/ceiling-grid.ts";
import type { StreamCeiling } from "../../src/measurement/ceilings.ts";
import type { CacheDescription } from "../../src/measurement/machine-description.ts";
import { mountainLevels } from "../../src/measurement/memory-mountain.ts";
import { describedMachine } from "./fake-machine.ts";

const { caches } = describedMachine();
const [KiB, MiB] = [1024, 2 ** 20];

/** Reads at the rate that `rate` says, GB/s of a working set in bytes. */
function reads(rate: (bytes: number) => number, threads = 1): StreamCeiling[] {
  return workingSets(32 * MiB, 2).map((workingSetBytes) => {
    const median = 1e9 * rate(workingSetBytes);
    const bytesPerSecond = { median, least: median, largest: median, deviation: 0, samples: 9 };
    return { stream: "read", threads, workingSetBytes, bytesPerSecond };
  });
}

const steps = (bytes: number): number => (bytes <= 32 * KiB ? 100 : bytes <= MiB ? 50 : bytes <= 32 * MiB ? 20 : 8);
const named = (levels: ReturnType<typeof mountainLevels>) =>
  levels.map(({ name, bytes, bytesPerSecond }) => [name, bytes, bytesPerSecond / 1e9]);

describe("mountainLevels", () => {
  it("finds the capacities that the system says and the bandwidth of each level", () => {
    expect(named(mountainLevels(reads(steps), 1, caches))).toEqual([
      ["L1", 32 * KiB, 100],
      ["L2", MiB, 50],
      ["L3", 32 * MiB, 20],
      ["memory", null, 8],
    ]);
  });

  it("counts a cache of each core once a thread, a shared one once", () => {
    const two = (bytes: number): number =>
      bytes <= 64 * KiB ? 200 : bytes <= 2 * MiB ? 100 : bytes <= 32 * MiB ? 40 : 16;
    expect(named(mountainLevels(reads(two, 2), 2, caches))).toEqual([
      ["L1", 64 * KiB, 200],
      ["L2", 2 * MiB, 100],
      ["L3", 32 * MiB, 40],
      ["memory", null, 16],
    ]);
  });

  it("takes no point near a capacity: a slope between the levels changes nothing", () => {
    const sloped = (bytes: number): number =>
      bytes > 16 * MiB && bytes < 128 * MiB ? 20 - (12 * Math.log2(bytes / (16 * MiB))) / 3 : steps(bytes);
    expect(named(mountainLevels(reads(sloped), 1, caches)).slice(2)).toEqual([
      ["L3", 32 * MiB, 20],
      ["memory", null, 8],
    ]);
  });

  it("gives a cache of which the machine has only a slice what the curve shows of it", () => {
    const sliced = (bytes: number): number => (bytes <= 32 * KiB ? 100 : bytes <= MiB ? 50 : bytes <= 6 * MiB ? 20 : 8);
    const l3 = mountainLevels(reads(sliced), 1, caches)[2];
    expect(l3).toMatchObject({ name: "L3", statedBytes: 32 * MiB, bytesPerSecond: 20e9 });
    expect(l3?.bytes).toBeGreaterThan(4 * MiB);
    expect(l3?.bytes).toBeLessThanOrEqual(6 * MiB);
  });

  it("leaves out a cache that is no faster than what lies outside it", () => {
    const flat = (bytes: number): number => (bytes <= MiB ? 50 : bytes <= 32 * MiB ? 20 : 8);
    expect(named(mountainLevels(reads(flat), 1, caches)).map(([name]) => name)).toEqual(["L2", "L3", "memory"]);
    const busy = (bytes: number): number => (bytes <= 32 * KiB ? 30 : bytes <= MiB ? 50 : 8);
    expect(named(mountainLevels(reads(busy), 1, caches))).toEqual([
      ["L2", MiB, 50],
      ["memory", null, 8],
    ]);
  });

  it("one slow point inside a cache does not end it", () => {
    const dip = (bytes: number): number => (Math.abs(bytes / (4 * MiB) - 1) < 0.1 ? 9 : steps(bytes));
    expect(mountainLevels(reads(dip), 1, caches)[2]).toMatchObject({ bytes: 32 * MiB, bytesPerSecond: 20e9 });
  });

  it("finds the levels in the curve where the system says nothing", () => {
    const levels = mountainLevels(reads(steps), 1, []);
    expect(levels.map(({ name, statedBytes }) => [name, statedBytes])).toEqual([
      ["L1", null],
      ["L2", null],
      ["L3", null],
      ["memory", null],
    ]);
    expect(levels.map(({ bytesPerSecond }) => bytesPerSecond / 1e9)).toEqual([100, 50, 20, 8]);
    expect(levels[1]?.bytes).toBe(MiB);
    expect(
      named(
        mountainLevels(
          reads(() => 8),
          1,
          [],
        ),
      ),
    ).toEqual([["memory", null, 8]]);
  });

  it("on a system that counts no instances takes the first level for each core's own", () => {
    const mac: CacheDescription[] = [
      { level: 1, type: "data", bytes: 32 * KiB, sharedBy: 1, instances: null },
      { level: 2, type: "unified", bytes: 4 * MiB, sharedBy: 4, instances: null },
    ];
    const levels = mountainLevels(
      reads((bytes) => (bytes <= 128 * KiB ? 100 : bytes <= 4 * MiB ? 50 : 8), 4),
      4,
      mac,
    );
    expect(levels.map(({ bytes }) => bytes)).toEqual([128 * KiB, 4 * MiB, null]);
  });

  it("without a point beyond four last caches takes the largest for memory's", () => {
    const huge: CacheDescription[] = [{ level: 3, type: "unified", bytes: 2 ** 30, sharedBy: 1, instances: 1 }];
    expect(mountainLevels(reads(steps), 1, huge).at(-1)).toMatchObject({
      name: "memory",
      points: 1,
      bytesPerSecond: 8e9,
    });
  });

  it("refuses a number of threads that was not measured", () => {
    expect(() => mountainLevels(reads(steps), 3, caches)).toThrow("no read was measured on 3 threads");
  });
});
