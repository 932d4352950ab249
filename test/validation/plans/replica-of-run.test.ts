import { describe, expect, test } from "vitest";
import { fixedLength } from "../../../src/serving/length-distribution.ts";
import { type RunSetup, replicaOfRun } from "../../../src/validation/plans/replica-of-run.ts";
import { h100, shippedEngine } from "../../fixtures/planned-runs.ts";
import { modelProfile } from "../../fixtures/profiles.ts";

const setup: RunSetup = {
  ...{ model: modelProfile("llama-3.1-8b"), hardware: h100, engine: shippedEngine("vllm") },
  ...{ tensor: 2, pipeline: 1, weights: null, kvCache: null },
  ...{ input: fixedLength(1000), output: fixedLength(200) },
};

describe("the replica of a run", () => {
  test("has the run's layout and no other", () => {
    const planned = replicaOfRun({ ...setup, pipeline: 2 });
    expect(planned).toMatchObject({ layout: { devices: 4, parallelism: { tensor: 2, pipeline: 2, expert: 1 } } });
  });

  test("holds half of the weights on each of two devices: 8.03 billion in 16 bits are 8.03 GB there", () => {
    const planned = replicaOfRun(setup);
    if (typeof planned === "string") throw new Error(planned);
    expect(planned.memory.parts.weightBytes / 1e9).toBeCloseTo(8.03, 1);
  });

  test("is refused in the planner's words where heads do not divide", () => {
    expect(replicaOfRun({ ...setup, tensor: 3 })).toMatch(/^invalid .*3/);
  });
});
