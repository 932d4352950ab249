import { describe, expect, test } from "vitest";
import { engineMemories, fixedBatchMemory, unifiedMemoryReserve } from "../../src/serving/engine-memory.ts";

const all = { ...engineMemories, "a fixed batch": fixedBatchMemory };

describe.each(Object.entries(all))("what %s keeps of the memory", (id, memory) => {
  test("leaves three quarters of 80 GB at least to weights and caches, and names its source", () => {
    const { reserveShare, runtimeBytes, collectiveBytes, fragmentationShare, source } = memory;
    const kept = reserveShare + fragmentationShare + (runtimeBytes + collectiveBytes) / 80e9;
    expect(kept).toBeGreaterThanOrEqual(0);
    expect(kept).toBeLessThan(0.25);
    expect(kept === 0).toBe(id === "ideal");
    expect(source.length).toBeGreaterThan(20);
  });

  test("comes in pages of a power of two rows, for one request at least", () => {
    expect(Number.isInteger(Math.log2(memory.pageRows))).toBe(true);
    expect(Number.isInteger(memory.maxSequences)).toBe(true);
    expect(memory.maxSequences).toBeGreaterThanOrEqual(1);
  });
});

test("vLLM leaves a tenth untouched by default (gpu_memory_utilization 0.9)", () => {
  expect(engineMemories.vllm.reserveShare).toBeCloseTo(0.1, 12);
  expect(engineMemories.vllm.pageRows).toBe(16);
});

test("a fixed batch keeps nothing back for requests that might come", () => {
  expect(fixedBatchMemory.reserveShare + fixedBatchMemory.fragmentationShare).toBe(0);
  expect(fixedBatchMemory.runtimeBytes).toBeGreaterThan(0);
});

test("a computer keeps a part of the memory that it shares with its GPU", () => {
  expect(unifiedMemoryReserve).toBeGreaterThan(0);
  expect(unifiedMemoryReserve).toBeLessThan(0.5);
});
