import { describe, expect, it } from "vitest";
import { countDecodeStep } from "../../src/analysis/count-decode-step.ts";
import { predictStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const llama = modelProfile("llama-2-7b");

describe("countDecodeStep", () => {
  it("counts the K/V bytes of its docstring: (512 + 1) × 524,288", () => {
    expect(countDecodeStep(llama, { batch: 1, context: 512 }).totals.kvBytes).toBe(268_959_744);
  });

  it("counts what a prediction counts, operation by operation", () => {
    const workload = { batch: 4, context: 700 };
    const counted = countDecodeStep(llama, workload);
    const predicted = predictStep(stepPredictor(llama, hardwareProfile("h100-sxm")), workload);
    expect(counted.totals).toEqual(predicted.totals);
    expect(counted.footprint).toEqual(predicted.footprint);
    expect(counted.operations).toEqual(predicted.operations.map(({ seconds: _s, bound: _b, ...rest }) => rest));
  });

  it("takes formats and the phase", () => {
    const half = countDecodeStep(llama, { batch: 1, context: 512 }, { kvCache: parseNumberFormat("fp8") });
    expect(half.totals.kvBytes).toBe(268_959_744 / 2);
    const prefill = countDecodeStep(llama, { batch: 1, context: 512 }, { phase: "prefill" });
    expect(prefill.totals.matmulFlops).toBeGreaterThan(500 * 2 * 6.4e9);
  });
});
