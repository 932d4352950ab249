import { describe, expect, it } from "vitest";
import { executionProfiles } from "../../src/timing/engines.ts";
import { fitStepKernels, stepSamples } from "../../src/validation/fit-step-kernels.ts";
import { calibrationOf, normalNoise, roundFit, roundHardware, syntheticTable } from "../fixtures/synthetic-fit.ts";

const kernels = calibrationOf(roundFit.kernels.filter(({ kind }) => kind !== "small-kernel"));
const profile = executionProfiles["pytorch-graph"];

function fitted(noise?: (row: number) => number, models?: readonly string[]) {
  const table = syntheticTable("steps", {
    ...(noise === undefined ? {} : { noise }),
    ...(models === undefined ? {} : { keep: ([, model]) => models.includes(String(model)) }),
  });
  return fitStepKernels(stepSamples([table]), roundHardware, kernels, profile, 0.8);
}

describe("fitStepKernels", () => {
  it("finds the start-up that made the steps, by either model, and predicts the other", () => {
    const { kernel, startsByLeftOut, heldOut } = fitted();
    expect(kernel).toMatchObject({ kind: "small-kernel", parameters: [expect.closeTo(2.5e-6, 9), 0.8] });
    expect([...startsByLeftOut.keys()]).toEqual(["seven", "eight"]);
    for (const start of startsByLeftOut.values()) expect(start / 2.5e-6).toBeCloseTo(1, 2);
    expect(heldOut).toHaveLength(8);
    for (const { row, predictedSeconds, interval } of heldOut) {
      expect(Math.abs(predictedSeconds / row.seconds - 1)).toBeLessThan(1e-3);
      expect(interval!.low).toBeLessThan(row.seconds);
      expect(interval!.high).toBeGreaterThan(row.seconds);
    }
  });

  it("leaves nothing out where there is one model", () => {
    const { startsByLeftOut, heldOut } = fitted(undefined, ["seven"]);
    expect(startsByLeftOut.size).toBe(0);
    expect(heldOut).toEqual([]);
  });

  it("is less sure where the models disagree", () => {
    const disagreeing = fitted((row) => (row < 4 ? 1.02 : 0.99)).kernel.spreads[0]!.relative;
    expect(disagreeing).toBeGreaterThan(fitted().kernel.spreads[0]!.relative);
    expect(fitted(normalNoise(1e-4)).kernel.spreads[0]!.relative).toBeGreaterThanOrEqual(0.1);
  });
});
