import { describe, expect, it } from "vitest";
import { countStep, stepTape } from "../../src/step/count-step.ts";
import { defaultStepOptions } from "../../src/step/step-options.ts";
import { planStep } from "../../src/step/step-plan.ts";
import { kernelSum, type StepKernels } from "../../src/timing/kernel-sum.ts";
import { roofline } from "../../src/timing/roofline.ts";
import { emptyStepTime } from "../../src/timing/timing-model.ts";
import { modelProfile } from "../fixtures/profiles.ts";
import { roundHardware } from "../fixtures/synthetic-fit.ts";

const plan = planStep(modelProfile("llama-2-7b"), defaultStepOptions);
const tape = countStep(plan, { batch: 1, context: 1024 }, stepTape(plan));
const ideal = roofline(roundHardware);

/** Every operation but those refused takes 3 s, of which 1 s to start. */
function kernelsOf(part: "memory" | "compute" | "link", refused: (i: number) => boolean = () => false): StepKernels {
  return {
    begin: () => undefined,
    time: (_tape, i, into) => {
      if (refused(i)) return false;
      into.seconds = 3;
      into.startSeconds = 1;
      into.memorySeconds = part === "memory" ? 2 : 0;
      into.computeSeconds = part === "compute" ? 2 : 0;
      into.linkSeconds = part === "link" ? 2 : 0;
      return true;
    },
  };
}

function timed(kernels: StepKernels) {
  return kernelSum(plan, kernels, ideal.bind(plan)).time(tape, emptyStepTime(plan));
}

describe("kernelSum", () => {
  const operations = plan.operations.length;

  it("adds kernels, start-ups as overhead and the rest as what takes longest", () => {
    for (const part of ["compute", "link"] as const) {
      const time = timed(kernelsOf(part));
      expect(time.seconds).toBe(3 * operations);
      expect(time.secondsByBound.overhead).toBe(operations);
      expect(time.secondsByBound[part]).toBe(2 * operations);
    }
  });

  it("divides the time of bytes among weights, cache and activations by their bytes", () => {
    const time = timed(kernelsOf("memory"));
    const { weights, cache, activations, overhead } = time.secondsByBound;
    expect(weights + cache + activations + overhead).toBeCloseTo(time.seconds, 9);
    const logits = plan.operations.findIndex(({ name }) => name === "logits");
    const one = timed({ ...kernelsOf("memory", (i) => i !== logits) });
    const { weightBytes, kvBytes, activationBytes } = tape.counts[logits]!;
    expect(one.operationSeconds[logits]).toBe(3);
    const ofOthers = timed(kernelsOf("memory", () => true)).secondsByBound.weights;
    const share = weightBytes / (weightBytes + kvBytes + activationBytes);
    const rooflineOfLogits = ideal.bind(plan).time(tape, emptyStepTime(plan)).operationSeconds[logits]! * share;
    expect(one.secondsByBound.weights - (ofOthers - rooflineOfLogits)).toBeCloseTo(2 * share, 6);
  });

  it("gives an operation without a kernel its roofline's time", () => {
    const own = ideal.bind(plan).time(tape, emptyStepTime(plan));
    const time = timed(kernelsOf("memory", () => true));
    expect(time.seconds).toBeCloseTo(own.seconds, 12);
    expect([...time.operationSeconds]).toEqual([...own.operationSeconds]);
  });

  it("is never below its own lower bound", () => {
    const quick: StepKernels = {
      begin: () => undefined,
      time: (_tape, _i, into) => {
        into.seconds = 1e-12;
        into.startSeconds = into.memorySeconds = into.computeSeconds = into.linkSeconds = 0;
        return true;
      },
    };
    const time = timed(quick);
    expect(time.lowerBoundSeconds).toBeLessThanOrEqual(time.seconds);
  });

  it("says what binds one operation", () => {
    const timer = kernelSum(plan, kernelsOf("compute"), ideal.bind(plan));
    expect(timer.boundOf(tape, 0)).toBe("compute");
    const attention = plan.operations.findIndex(({ name }) => name === "attention");
    expect(kernelSum(plan, kernelsOf("memory"), ideal.bind(plan)).boundOf(tape, attention)).toBe("cache");
    const starting: StepKernels = {
      begin: () => undefined,
      time: (_tape, _i, into) => {
        into.seconds = 3;
        into.startSeconds = 2;
        into.memorySeconds = into.computeSeconds = into.linkSeconds = 1;
        return true;
      },
    };
    expect(kernelSum(plan, starting, ideal.bind(plan)).boundOf(tape, 0)).toBe("overhead");
  });
});
