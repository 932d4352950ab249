import { describe, expect, it } from "vitest";
import { type CacheDescription, lastCacheBytes, machineLabel } from "../../src/measurement/machine-description.ts";

describe("machineLabel", () => {
  it.each([
    ["AMD EPYC 9R14 (TM) CPU @ 2.60GHz", 2, "amd-epyc-9r14-2-threads"],
    ["Intel(R) Core(TM) i7-1185G7 @ 3.00GHz", 8, "intel-core-i7-1185g7-8-threads"],
    ["AMD Ryzen 9 5950X 16-Core Processor", 32, "amd-ryzen-9-5950x-32-threads"],
    ["Apple M1 Pro", 10, "apple-m1-pro-10-threads"],
    ["///", 1, "machine-1-thread"],
  ])("makes of %s with %i threads %s", (processor, cores, label) => {
    expect(machineLabel(processor, cores)).toBe(label);
  });
});

describe("lastCacheBytes", () => {
  const cache = (
    level: number,
    bytes: number,
    instances: number | null,
    type: CacheDescription["type"] = "unified",
  ) => ({
    level,
    bytes,
    instances,
    type,
    sharedBy: 1,
  });

  it("is of all instances of the outermost level, instructions aside", () => {
    const caches = [cache(1, 1000, 2, "data"), cache(2, 5000, 2), cache(3, 7, 1, "instruction")];
    expect(lastCacheBytes({ caches })).toBe(10_000);
    expect(lastCacheBytes({ caches: [cache(3, 8000, null), cache(2, 9000, 4)] })).toBe(8000);
    expect(lastCacheBytes({ caches: [] })).toBeNull();
  });
});
