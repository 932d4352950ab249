import { expect, test } from "vitest";
import { publishedRun } from "../../../src/validation/published/published-run.ts";
import { halves } from "../../../src/validation/published/run-halves.ts";
import { runWork } from "../../../src/validation/published/run-work.ts";
import { engineRow, shippedProfiles } from "../../fixtures/engine-rows.ts";

type Cells = Readonly<Record<string, string | number>>;

function counted(cells: Cells) {
  const run = publishedRun(engineRow(cells), shippedProfiles);
  if (typeof run === "string") throw new Error(run);
  return { run, work: runWork(run, 1e12) };
}

test("machines in the order of their bandwidth, dealt alternately; all runs of one stay together", () => {
  const machines = ["H200", "L40S", "H100-SXM-80GB", "A100-SXM-80GB", "L40S"];
  const runs = machines.map((hardware) => counted({ hardware, precision: hardware.startsWith("A") ? "fp16" : "fp8" }));
  // 864, 2039, 3350 and 4800 GB/s.
  expect(halves(runs)).toEqual([1, 0, 0, 1, 0]);
});

test("one machine alone is dealt by its models, in the order of their parameters", () => {
  const row = { engine: "vLLM", hardware: "MI300X", devices: 8, tp: 8, metric: "latency_s", value: 20, stat: "whole" };
  const runs = ["Llama 3.1 405B", "Llama 3.1 8B", "Llama 3.1 70B"].map((model) => counted({ ...row, model }));
  expect(halves(runs)).toEqual([0, 0, 1]);
});

test("no runs have no halves", () => {
  expect(halves([])).toEqual([]);
});
