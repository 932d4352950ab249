import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Hardware } from "../../src/hardware/hardware.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { countStep } from "../../src/step/count-step.ts";
import { defaultStepOptions } from "../../src/step/step-options.ts";
import { planStep } from "../../src/step/step-plan.ts";
import { operationFamilies } from "../../src/timing/kernel-family.ts";
import type { KernelFit } from "../../src/timing/kernel-fit.ts";
import { kneeCalibrated } from "../../src/timing/knee-calibrated.ts";
import { roofline } from "../../src/timing/roofline.ts";
import { bounds, emptyStepTime, type TimingModel } from "../../src/timing/timing-model.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");
const ideal: KernelFit = { startSeconds: 0, bandwidthEfficiency: 1, computeEfficiency: 1, kneeSharpness: 16 };
const families = [
  ...["linear, one row, bf16", "linear, several rows, bf16"],
  ...["attention, one query a K/V head, bf16", "attention, shared K/V heads, bf16", "elementwise"],
];
const same = (fit: KernelFit): Map<string, KernelFit> => new Map(families.map((family) => [family, fit]));

function timed(model: TimingModel, id: string, batch = 1, context = 1024) {
  const plan = planStep(modelProfile(id), defaultStepOptions);
  const tape = countStep(plan, { batch, context });
  const timer = model.bind(plan);
  return { plan, tape, timer, time: timer.time(tape, emptyStepTime(plan)) };
}

describe("a calibrated step", () => {
  test("adds one start-up for each instance of each operation to the roofline's time", () => {
    const bound = timed(roofline(h100), "llama-2-7b").time.seconds;
    const { plan, time } = timed(kneeCalibrated(h100, same({ ...ideal, startSeconds: 3e-6 })), "llama-2-7b");
    const kernels = plan.operations.reduce((sum, operation) => sum + operation.instances, 0);
    // 32 layers of 2 norms, q/k/v, rotary, append, attention, output, up, activation, down, 2 residuals; 3 around them.
    expect(kernels).toBe(32 * 12 + 3);
    expect(time.secondsByBound.overhead).toBeCloseTo(kernels * 3e-6, 12);
    // The knee of 16 is a little above the longer of the two where both are alike.
    expect(time.seconds).toBeGreaterThanOrEqual(bound + kernels * 3e-6);
    expect(time.seconds).toBeLessThan(1.01 * bound + kernels * 3e-6);
  });

  test("takes twice as long at half of all efficiencies", () => {
    const whole = timed(kneeCalibrated(h100, same(ideal)), "llama-2-7b", 4, 8192).time;
    const half = { ...ideal, bandwidthEfficiency: 0.5, computeEfficiency: 0.5 };
    expect(timed(kneeCalibrated(h100, same(half)), "llama-2-7b", 4, 8192).time.seconds).toBeCloseTo(
      2 * whole.seconds,
      12,
    );
  });

  test("holds each operation's time as a sum that the parts and operations agree on", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("llama-2-7b", "llama-3-8b", "falcon-7b"),
        fc.integer({ min: 1, max: 512 }),
        fc.integer({ min: 1, max: 65536 }),
        fc.double({ min: 0.5, max: 8, noNaN: true }),
        (id, batch, context, kneeSharpness) => {
          const fit = { startSeconds: 2e-6, bandwidthEfficiency: 0.8, computeEfficiency: 0.6, kneeSharpness };
          const { time } = timed(kneeCalibrated(h100, same(fit)), id, batch, context);
          const parts = bounds.reduce((sum, bound) => sum + time.secondsByBound[bound], 0);
          const operations = time.operationSeconds.reduce((sum, seconds) => sum + seconds, 0);
          expect(Math.abs(parts / time.seconds - 1)).toBeLessThan(1e-9);
          expect(Math.abs(operations / time.seconds - 1)).toBeLessThan(1e-9);
          expect(time.lowerBoundSeconds).toBeLessThanOrEqual(time.seconds * (1 + 1e-9));
        },
      ),
      { numRuns: 50 },
    );
  });

  test("is never faster than the roofline and grows with context and batch", () => {
    const fit = { startSeconds: 2e-6, bandwidthEfficiency: 0.9, computeEfficiency: 0.7, kneeSharpness: 2 };
    const model = kneeCalibrated(h100, same(fit));
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 256 }), fc.integer({ min: 1, max: 32768 }), (batch, context) => {
        const seconds = timed(model, "llama-3-8b", batch, context).time.seconds;
        expect(seconds).toBeGreaterThan(timed(roofline(h100), "llama-3-8b", batch, context).time.seconds);
        expect(timed(model, "llama-3-8b", batch + 1, context).time.seconds).toBeGreaterThan(seconds);
        expect(timed(model, "llama-3-8b", batch, context + 1).time.seconds).toBeGreaterThan(seconds);
      }),
      { numRuns: 50 },
    );
  });

  test("is bound by start-ups where kernels are tiny, by weights where they are large", () => {
    const slowStart = kneeCalibrated(h100, same({ ...ideal, startSeconds: 1e-3 }));
    const { time, timer, tape, plan } = timed(slowStart, "llama-2-7b", 1, 16);
    expect(time.secondsByBound.overhead / time.seconds).toBeGreaterThan(0.9);
    expect(timer.boundOf(tape, 0)).toBe("overhead");
    const large = timed(kneeCalibrated(h100, same(ideal)), "llama-2-7b", 512, 4096);
    const boundOf = (name: string) =>
      large.timer.boundOf(
        large.tape,
        plan.operations.findIndex((o) => o.name === name),
      );
    expect(boundOf("q/k/v projection")).toBe("compute");
    expect(boundOf("attention")).toBe("cache");
    expect(boundOf("residual")).toBe("activations");
    const single = timed(kneeCalibrated(h100, same(ideal)), "llama-2-7b", 1, 16);
    expect(
      single.timer.boundOf(
        single.tape,
        plan.operations.findIndex((o) => o.name === "logits"),
      ),
    ).toBe("weights");
  });
});

describe("which fit an operation takes", () => {
  const slow = { ...ideal, startSeconds: 1 };
  const startsOf = (id: string, batch: number, slowFamily: string): number => {
    const fits = same(ideal).set(slowFamily, slow);
    return Math.round(timed(kneeCalibrated(h100, fits), id, batch).time.secondsByBound.overhead);
  };

  test("linear layers change kernels from one row to two: 4 a layer and the logits", () => {
    expect(startsOf("llama-2-7b", 1, "linear, one row, bf16")).toBe(4 * 32 + 1);
    expect(startsOf("llama-2-7b", 2, "linear, one row, bf16")).toBe(0);
    expect(startsOf("llama-2-7b", 2, "linear, several rows, bf16")).toBe(4 * 32 + 1);
  });

  test("attention of MHA and of GQA are different kernels", () => {
    expect(startsOf("llama-2-7b", 1, "attention, one query a K/V head, bf16")).toBe(32);
    expect(startsOf("llama-3-8b", 1, "attention, one query a K/V head, bf16")).toBe(0);
    expect(startsOf("llama-3-8b", 1, "attention, shared K/V heads, bf16")).toBe(32);
  });

  test("a small kernel takes its own kind's fit, else that of the small ones together", () => {
    expect(startsOf("llama-2-7b", 1, "normalization")).toBe(2 * 32 + 1);
    // Norms, rotary embedding, append, activation, residuals, and the lookup.
    expect(startsOf("llama-2-7b", 1, "elementwise")).toBe(7 * 32 + 2);
  });

  test("formats are kernels of their own", () => {
    const options = { ...defaultStepOptions, weights: parseNumberFormat("int8"), kvCache: parseNumberFormat("fp32") };
    const plan = planStep(modelProfile("llama-2-7b"), options);
    const of = (name: string) => {
      const operation = plan.operations.find((each) => each.name === name);
      if (operation === undefined) throw new Error(name);
      return operationFamilies(operation, plan).one;
    };
    expect(of("output projection")).toEqual(["linear, one row, int8"]);
    expect(of("logits")).toEqual(["linear, one row, int8"]);
    expect(of("attention")).toEqual(["attention, one query a K/V head, fp32"]);
    expect(of("residual")).toEqual(["residual", "elementwise"]);
  });

  test("what was not measured takes its roofline's time, and a note names it", () => {
    const model = kneeCalibrated(h100, new Map([["elementwise", slow]]));
    const { plan, tape, time, timer } = timed(model, "llama-2-7b");
    const i = plan.operations.findIndex((operation) => operation.name === "attention");
    const bound = timed(roofline(h100), "llama-2-7b");
    expect(time.operationSeconds[i]).toBe(bound.time.operationSeconds[i]);
    expect(timer.boundOf(tape, i)).toBe("cache");
    expect(time.secondsByBound.cache).toBeGreaterThan(0);
    expect(model.notes.join("\n")).toContain(`no measured kernel stands for "attention"`);
    expect(model.notes.join("\n")).not.toContain(`"residual"`);
  });

  test("collectives are the roofline's: bound by the link", () => {
    const hardware: Hardware = { ...h100, link: { name: "slow", bytesPerSecond: 1e6 } };
    const plan = planStep(modelProfile("llama-2-7b"), {
      ...defaultStepOptions,
      parallelism: { tensor: 4, pipeline: 1, expert: 1 },
    });
    const tape = countStep(plan, { batch: 1, context: 128 });
    const time = kneeCalibrated(hardware, same(ideal)).bind(plan).time(tape, emptyStepTime(plan));
    expect(time.secondsByBound.link).toBeCloseTo(tape.totals.linkBytes / 1e6, 9);
  });
});

describe("a kernel that passes its operation's ceilings", () => {
  test("leaves the lower bound no longer than the time", () => {
    const fast = { ...ideal, bandwidthEfficiency: 1.2, computeEfficiency: 1.2 };
    const { time } = timed(kneeCalibrated(h100, same(fast)), "llama-2-7b", 1, 8192);
    const bound = timed(roofline(h100), "llama-2-7b", 1, 8192).time.lowerBoundSeconds;
    expect(time.seconds).toBeLessThan(bound);
    expect(time.lowerBoundSeconds).toBe(time.seconds);
    const slow = timed(kneeCalibrated(h100, same({ ...ideal, bandwidthEfficiency: 0.8 })), "llama-2-7b", 1, 8192).time;
    expect(slow.lowerBoundSeconds).toBe(bound);
  });

  test("takes its FLOPs' time at the peak that it multiplies at, and is bound by it", () => {
    const machine: Hardware = { ...h100, peakFlopsPerSecond: { bf16: 1e12, fp32: 1e12, int8: 4e12 } };
    const busy = (fit: KernelFit) => timed(kneeCalibrated(machine, same(fit)), "llama-2-7b", 512, 64);
    const own = busy(ideal);
    const int8 = busy({ ...ideal, multiplies: "int8" });
    const up = own.plan.operations.findIndex(({ definition }) => definition.kind === "projection");
    expect(own.timer.boundOf(own.tape, up)).toBe("compute");
    expect(int8.time.operationSeconds[up]).toBeCloseTo(own.time.operationSeconds[up]! / 4, 9);
  });
});
