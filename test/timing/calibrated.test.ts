import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateStep, predictStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import { applyAttention } from "../../src/architecture/attention-variant.ts";
import type { StepWorkload } from "../../src/step/step-options.ts";
import { type CalibratedOptions, calibrated } from "../../src/timing/calibrated.ts";
import { executionProfiles } from "../../src/timing/engines.ts";
import type { EngineConstants, ExecutionProfile } from "../../src/timing/execution-profile.ts";
import { modelProfile } from "../fixtures/profiles.ts";
import { calibrationOf, fittedKernel, roundFit, roundHardware } from "../fixtures/synthetic-fit.ts";

const llama = modelProfile("llama-2-7b");
const point = { batch: 4, context: 2048 };
const graph = executionProfiles["pytorch-graph"];

function step(
  profile: ExecutionProfile = graph,
  workload: StepWorkload = point,
  calibration = roundFit,
  options: CalibratedOptions = {},
) {
  const timing = calibrated(roundHardware, calibration, profile, options);
  return predictStep(stepPredictor(llama, roundHardware, { timing }), workload);
}

function adding(constants: Partial<EngineConstants>, profile: ExecutionProfile = graph): ExecutionProfile {
  return { ...profile, constants: { ...profile.constants, ...constants } };
}

describe("calibrated", () => {
  it("reckons a projection and a norm by hand", () => {
    const fit = calibrationOf([
      // Everything at the ceilings, one after the other, but compute, which is far quicker.
      fittedKernel("linear", {
        parameters: { startSeconds: 3e-6, readEfficiency: 1, writeEfficiency: 1, serialShare: 0.003 },
      }),
      fittedKernel("small-kernel", { parameters: { startSeconds: 2e-6, copyEfficiency: 0.5 } }),
    ]);
    const { operations } = step(graph, { batch: 1, context: 1024 }, fit);
    const down = operations.find(({ name }) => name === "feed-forward down")!;
    // 11008 × 4096 weights of 2 bytes, 11008 inputs and 4096 outputs: 90.21 MB at 1 TB/s, and 3 µs to start; 32 layers.
    const bytes = 2 * (11008 * 4096 + 11008 + 4096);
    expect(down.seconds / (32 * (3e-6 + bytes / 1e12))).toBeCloseTo(1, 3);
    const norm = operations.find(({ name }) => name === "final norm")!;
    expect(norm.seconds).toBeCloseTo(2e-6 + norm.bytes / 0.5e12, 12);
  });

  it("is the sum of its operations and of what the engine adds", () => {
    const profile = adding({ stepSeconds: 1e-3, sequenceSeconds: 2e-5, layerSeconds: 3e-6 });
    const plain = step();
    const added = step(profile);
    const sum = added.operations.reduce((total, { seconds }) => total + seconds, 0);
    expect(added.seconds).toBeCloseTo(sum + 1e-3 + 4 * 2e-5 + 32 * 3e-6, 12);
    expect(added.seconds! - plain.seconds!).toBeCloseTo(1e-3 + 4 * 2e-5 + 32 * 3e-6, 12);
    expect(Object.values(added.shares).reduce((total, share) => total + share, 0)).toBeCloseTo(1, 9);
    expect(added.shares.overhead).toBeGreaterThan(plain.shares.overhead);
  });

  it("adds what every layer takes, on whichever stage of a pipeline it is", () => {
    const seconds = (pipeline: number, profile: ExecutionProfile): number => {
      const parallelism = { tensor: 1, pipeline, expert: 1 };
      const timing = calibrated(roundHardware, roundFit, profile);
      const predictor = stepPredictor(llama, roundHardware, { timing, step: { parallelism } });
      return predictStep(predictor, point).seconds!;
    };
    const layerwise = adding({ layerSeconds: 3e-6 });
    for (const stages of [1, 4]) {
      expect(seconds(stages, layerwise) - seconds(stages, graph)).toBeCloseTo(32 * 3e-6, 12);
    }
  });

  it("has no overhead with an ideal engine, and no start-up in any operation", () => {
    const { shares, seconds, lowerBoundSeconds } = step(executionProfiles.ideal);
    expect(shares.overhead).toBe(0);
    expect(seconds).toBeGreaterThanOrEqual(lowerBoundSeconds);
    expect(seconds).toBeLessThan(step().seconds!);
  });

  it("starts nothing for operations that a neighbour's kernel serves", () => {
    const unfused = step({ ...graph, fused: {} });
    const residual = (prediction: ReturnType<typeof step>) =>
      prediction.operations.find(({ kind }) => kind === "residual")!;
    expect(residual(unfused).count).toBe(64);
    expect(residual(unfused).seconds - residual(step()).seconds).toBeCloseTo(64 * 2.5e-6, 9);
  });

  it("lasts, launched one by one, the longer of all kernels and all launches", () => {
    const eager = (launchSeconds: number): ExecutionProfile =>
      adding({ launchSeconds }, { ...graph, launch: "eager", constants: graph.constants });
    const plain = step().seconds!;
    expect(step(eager(1e-9)).seconds).toBeCloseTo(plain, 12);
    // The fused residuals launch nothing.
    const launches = step().operations.reduce((sum, { kind, count }) => sum + (kind === "residual" ? 0 : count), 0);
    expect(step(eager(1e-3)).seconds).toBeCloseTo(launches * 1e-3, 9);
  });

  it("gives a 90 % interval around the time, wider for a fit of another machine", () => {
    const own = step();
    const carried = step(graph, point, roundFit, { transferDeviation: 0.12 });
    expect(own.interval?.level).toBe(0.9);
    expect(own.interval!.low).toBeLessThan(own.seconds!);
    expect(own.interval!.high).toBeGreaterThan(own.seconds!);
    expect(carried.seconds).toBe(own.seconds);
    expect(carried.interval!.high).toBeGreaterThan(own.interval!.high);
    expect(carried.interval!.low).toBeLessThan(own.interval!.low);
  });

  it("gives an operation that no kernel stands for its roofline's time, and says so", () => {
    const withoutAttention = calibrationOf(roundFit.kernels.filter(({ kind }) => kind !== "decode-attention"));
    const prediction = step(graph, point, withoutAttention);
    expect(prediction.notes).toContain('no measured kernel stands for "attention": it takes its roofline\'s time');
    const linearOnly = calibrationOf(roundFit.kernels.filter(({ kind }) => kind === "linear"));
    expect(step(graph, point, linearOnly).notes).toEqual([
      'no measured kernel stands for "embedding lookup", "norms", "rotary embedding", "cache append", "attention", ' +
        '"feed-forward activation", "residual", "final norm": they take their roofline\'s time',
    ]);
    const roofline = predictStep(stepPredictor(llama, roundHardware), point);
    const attention = (each: typeof prediction) => each.operations.find(({ name }) => name === "attention")!;
    expect(attention(prediction).seconds).toBe(attention(roofline).seconds);
  });

  it("says where it extrapolates beyond the fitted range", () => {
    const short = calibrationOf(roundFit.kernels.map((each) => ({ ...each, longestSeconds: 5e-6 })));
    expect(step(graph, point, short).notes).toContainEqual(expect.stringMatching(/extrapolated$/));
    expect(step().notes.some((note) => note.includes("extrapolated"))).toBe(false);
  });

  it("never takes less time for a longer context or a larger batch", () => {
    const timing = calibrated(roundHardware, roundFit, graph);
    const predictors = ["mha", "gqa:8", "mqa"].map((attention) =>
      stepPredictor(applyAttention(llama, attention), roundHardware, { timing }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...predictors),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 40_000 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 40_000 }),
        (predictor, batch, context, more, longer) => {
          const seconds = (b: number, c: number): number =>
            evaluateStep(predictor, { batch: b, context: c }).seconds * (1 + 1e-9);
          const here = evaluateStep(predictor, { batch, context }).seconds;
          expect(seconds(batch + more, context)).toBeGreaterThanOrEqual(here);
          expect(seconds(batch, context + longer)).toBeGreaterThanOrEqual(here);
          expect(seconds(batch, context + 1)).toBeGreaterThanOrEqual(here);
        },
      ),
    );
  });

  it("gives the same time again after other steps", () => {
    const timing = calibrated(roundHardware, roundFit, graph);
    const predictor = stepPredictor(llama, roundHardware, { timing });
    const first = { ...evaluateStep(predictor, point) };
    const interval = { ...first.interval };
    evaluateStep(predictor, { batch: 64, context: 9000 });
    const again = evaluateStep(predictor, point);
    expect(again.seconds).toBe(first.seconds);
    expect(again.interval).toEqual(interval);
  });
});
