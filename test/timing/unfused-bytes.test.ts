import { expect, test } from "vitest";
import { stepPredictor } from "../../src/analysis/predict-step.ts";
import { predictStep } from "../../src/index.ts";
import { calibrated } from "../../src/timing/calibrated.ts";
import { executionProfiles } from "../../src/timing/engines.ts";
import { unfusedBytes } from "../../src/timing/unfused-bytes.ts";
import { modelProfile } from "../fixtures/profiles.ts";
import { roundFit, roundHardware } from "../fixtures/synthetic-fit.ts";

const timing = calibrated(roundHardware, roundFit, executionProfiles["pytorch-graph"]);

function predictor(attentionKernel: "fused" | "materialized", model = "llama-2-7b") {
  return stepPredictor(modelProfile(model), roundHardware, { timing, step: { attentionKernel } });
}

test("logits and weights of 32 heads over 1024 rows, written and read in 16 bits: 262,144 bytes", () => {
  const unfused = predictor("materialized");
  predictStep(unfused, { batch: 1, context: 1024 });
  const attention = unfused.plan.operations.find(({ name }) => name === "attention")!;
  expect(unfusedBytes(attention)!(unfused.tape.point)).toBe(262_144);
  const fused = predictor("fused").plan.operations.find(({ name }) => name === "attention")!;
  expect(unfusedBytes(fused)).toBeNull();
});

test("a step whose logits are written and read takes as much longer as their bytes take", () => {
  const point = { batch: 64, context: 4096 };
  const [fused, unfused] = (["fused", "materialized"] as const).map((kernel) => predictStep(predictor(kernel), point));
  const bytes = unfused!.totals.bytes - fused!.totals.bytes;
  expect(unfused!.seconds! - fused!.seconds!).toBeCloseTo(bytes / 1e12, 9);
});
