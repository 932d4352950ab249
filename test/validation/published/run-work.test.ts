import { expect, test } from "vitest";
import { type PublishedRun, publishedRun } from "../../../src/validation/published/published-run.ts";
import { runWork } from "../../../src/validation/published/run-work.ts";
import { engineRow, shippedProfiles } from "../../fixtures/engine-rows.ts";

function placed(cells: Readonly<Record<string, string | number>>): PublishedRun {
  const run = publishedRun(engineRow(cells), shippedProfiles);
  if (typeof run === "string") throw new Error(run);
  return run;
}

test("a run: the prompt's prefill, and as many decode steps as tokens after the first, in the middle of the answer", () => {
  const { call } = runWork(placed({ isl: 128, osl: 2048, precision: "fp16" }), 2e12);
  expect(call.steps).toBe(2047);
  const cache = (call.decode ?? []).reduce(
    (sum, { work, cacheBytes }) => sum + (work === "attention" ? cacheBytes : 0),
    0,
  );
  expect(cache).toBe(64 * (128 + 1024) * 524_288);
  expect(call.prefill).not.toBeNull();
  expect(call.bytesPerSecond).toBe(2e12);
});

test("decoding alone is one step; a time to first token has none", () => {
  const decode = {
    engine: "llama.cpp",
    precision: "q4_0",
    hardware: "RTX 4090",
    concurrency: 1,
    stat: "decode tokens/s",
  };
  const step = runWork(placed({ ...decode, isl: 0 }), 1e12).call;
  expect([step.steps, step.prefill]).toEqual([1, null]);
  const first = runWork(placed({ metric: "ttft_ms", value: 30, osl: "" }), 1e12).call;
  expect(first.decode).toBeNull();
});

test("layers on four devices pass three hand-overs, and each device holds a quarter", () => {
  const cells = {
    engine: "llama.cpp",
    precision: "q4_0",
    hardware: "RTX 4090",
    concurrency: 1,
    isl: 0,
    stat: "decode",
  };
  const one = runWork(placed(cells), 1e12);
  const four = runWork(placed({ ...cells, devices: 4, pp: 4 }), 1e12);
  expect([one.call.stages, four.call.stages]).toEqual([1, 4]);
  expect(four.footprintBytes).toBeCloseTo(one.footprintBytes / 4, 0);
});
