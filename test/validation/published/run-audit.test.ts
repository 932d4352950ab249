import { describe, expect, test } from "vitest";
import type { EngineRow } from "../../../src/measurement/measurement-row.ts";
import { type PublishedRun, publishedRun } from "../../../src/validation/published/published-run.ts";
import { brokenRule, leastSeconds, repeatedRuns } from "../../../src/validation/published/run-audit.ts";
import { runWork } from "../../../src/validation/published/run-work.ts";
import { engineRow, shippedProfiles } from "../../fixtures/engine-rows.ts";

type Cells = Readonly<Record<string, string | number>>;

function placed(cells: Cells): PublishedRun {
  const run = publishedRun(engineRow(cells), shippedProfiles);
  if (typeof run === "string") throw new Error(run);
  return run;
}

function broken(cells: Cells) {
  const run = placed(cells);
  return brokenRule(run, runWork(run, run.hardware.memoryBandwidthBytesPerSecond));
}

/** 64 answers of 128 tokens from Llama-2-7B in FP8 on an H100. */
function leastOf(cells: Cells): number {
  const run = placed(cells);
  return leastSeconds(run, runWork(run, run.hardware.memoryBandwidthBytesPerSecond));
}

describe("faster than the datasheet allows", () => {
  test("the least time of a step of one sequence: its weights and its cache at 1008 GB/s", () => {
    const step = { engine: "llama.cpp", model: "Llama-2-7B", precision: "fp16", hardware: "RTX 4090", concurrency: 1 };
    const cells = { ...step, isl: 0, osl: 128, stat: "decode tokens/s", value: 50 };
    // 6.738e9 parameters without the embedding of 32,000 rows, two bytes each; norms too; 64 rows of 524,288 bytes.
    const bytes = 2 * (6_738_415_616 - 32_000 * 4096) + 64 * 524_288;
    expect(leastOf(cells)).toBeGreaterThan((0.999 * bytes) / 1008e9);
    expect(leastOf(cells)).toBeLessThan((1.001 * bytes) / 1008e9);
    expect(broken({ ...cells, value: 0.99 / leastOf(cells) })).toBeNull();
    expect(broken({ ...cells, value: 1.01 / leastOf(cells) })).toBe("impossible");
  });

  test("a prefill faster than its products at the peak", () => {
    const first = { metric: "ttft_ms", concurrency: 1, isl: 2048, osl: "" };
    const least = 1e3 * leastOf({ ...first, value: 30 });
    expect(least).toBeGreaterThan((1e3 * 2 * 6.4e9 * 2048) / 1979e12);
    expect(broken({ ...first, value: least * 1.01 })).toBeNull();
    expect(broken({ ...first, value: least * 0.99 })).toBe("impossible");
  });
});

test("a latency in milliseconds that calls itself seconds", () => {
  const eight = { engine: "vLLM", hardware: "MI300X-192GB-750W", model: "Llama 3.1 70B", devices: 8, tp: 8 };
  const run = { ...eight, concurrency: 1, osl: 2048, metric: "latency_s", stat: "whole generation" };
  expect(broken({ ...run, value: 17.6 })).toBeNull();
  expect(broken({ ...run, value: 17_600 })).toBe("unit");
  // Slow, but no thousand times as slow as the slowest engine.
  expect(broken({ ...run, value: 400 })).toBeNull();
});

test("weights that do not fit into the devices named", () => {
  const two = { model: "LLaMA 70B", precision: "fp16", hardware: "A100-SXM-80GB", value: 20 };
  expect(broken({ ...two, devices: 2, tp: 2, concurrency: 1 })).toBeNull();
  expect(broken({ ...two, devices: 1, tp: 1, concurrency: 1 })).toBe("memory");
});

describe("the same figure twice", () => {
  const of = (...rows: Cells[]): [EngineRow["engineVersion"], string][] => {
    const runs = rows.map(placed);
    return [...repeatedRuns(runs)].map(([run, rule]) => [run.row.engineVersion, rule]);
  };

  test("of a later version the earlier one is left out", () => {
    expect(of({ engine_version: "0.10.0" }, { engine_version: "0.9.0" })).toEqual([["0.9.0", "repeated"]]);
  });

  test("another figure, another batch are other runs", () => {
    expect(of({}, { value: 10_001 }, { concurrency: 32 })).toEqual([]);
  });

  test("a rate of all devices that a later version has as that of each", () => {
    const four = { devices: 4, tp: 4 };
    const early = { ...four, engine_version: "0.6.1", metric: "tokens_per_s_total" };
    const late = { ...four, engine_version: "0.7.1", metric: "tokens_per_s_per_gpu" };
    expect(of(early, late)).toEqual([["0.6.1", "contradicts"]]);
    // Of one device both say the same.
    const one = { devices: 1, tp: 1 };
    expect(of({ ...early, ...one }, { ...late, ...one })).toEqual([["0.6.1", "repeated"]]);
  });
});
