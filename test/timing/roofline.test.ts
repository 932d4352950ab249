import { describe, expect, test } from "vitest";
import type { Hardware } from "../../src/hardware/hardware.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { countStep } from "../../src/step/count-step.ts";
import { defaultStepOptions } from "../../src/step/step-options.ts";
import { planStep } from "../../src/step/step-plan.ts";
import { roofline } from "../../src/timing/roofline.ts";
import { bounds, emptyStepTime, largestBound } from "../../src/timing/timing-model.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const llama = modelProfile("llama-2-7b");
const plan = planStep(llama, defaultStepOptions);
const machine = (change: Partial<Hardware>): Hardware => ({ ...hardwareProfile("h100-sxm"), ...change });

function timed(hardware: Hardware, batch = 1, context = 128) {
  const timer = roofline(hardware).bind(plan);
  const tape = countStep(plan, { batch, context });
  return { tape, timer, time: timer.time(tape, emptyStepTime(plan)) };
}

describe("seconds of an operation", () => {
  test("bytes over bandwidth where memory binds, FLOPs over the peak where arithmetic binds, for each of them", () => {
    const hardware = hardwareProfile("h100-sxm");
    for (const batch of [1, 64, 1024]) {
      const { tape, time } = timed(hardware, batch);
      tape.counts.forEach((c, i) => {
        const memory = (c.weightBytes + c.kvBytes + c.activationBytes) / 3.35e12;
        const compute = c.flops / 989e12;
        expect(time.operationSeconds[i]).toBeCloseTo(Math.max(memory, compute), 12);
      });
    }
  });

  test("at a batch of 512 the projections are bound by compute and attention still by the cache", () => {
    const { tape, timer } = timed(hardwareProfile("h100-sxm"), 512, 4096);
    const boundOf = (name: string): string =>
      timer.boundOf(
        tape,
        plan.operations.findIndex((o) => o.name === name),
      );
    expect(boundOf("q/k/v projection")).toBe("compute");
    expect(boundOf("attention")).toBe("cache");
    expect(boundOf("residual")).toBe("activations");
  });

  test("a machine of endless bandwidth is bound by compute, one of endless arithmetic by memory", () => {
    const compute = timed(machine({ memoryBandwidthBytesPerSecond: 1e30 }));
    expect(compute.time.seconds).toBeCloseTo(compute.tape.totals.flops / 989e12, 12);
    expect(largestBound(compute.time.secondsByBound)).toBe("compute");
    const memory = timed(machine({ peakFlopsPerSecond: { bf16: 1e30 } }));
    expect(memory.time.seconds).toBeCloseTo(memory.time.lowerBoundSeconds, 12);
    expect(largestBound(memory.time.secondsByBound)).toBe("weights");
  });

  test("the link's time counts where several devices talk, and binds where it is slow", () => {
    const shared = planStep(llama, { ...defaultStepOptions, parallelism: { tensor: 4, pipeline: 1, expert: 1 } });
    const hardware = machine({ link: { name: "a slow one", bytesPerSecond: 1e6 } });
    const timer = roofline(hardware).bind(shared);
    const tape = countStep(shared, { batch: 1, context: 128 });
    const time = timer.time(tape, emptyStepTime(shared));
    expect(time.secondsByBound.link).toBeCloseTo(tape.totals.linkBytes / 1e6, 9);
    expect(largestBound(time.secondsByBound)).toBe("link");
    expect(time.lowerBoundSeconds).toBeCloseTo(tape.totals.linkBytes / 1e6, 9);
    const reduce = shared.operations.findIndex((o) => o.name === "all-reduce");
    expect(timer.boundOf(tape, reduce)).toBe("link");
  });
});

describe("peaks by number format", () => {
  const fp8 = { ...defaultStepOptions, weights: parseNumberFormat("fp8"), activations: parseNumberFormat("fp8") };

  test("int4 weights with bf16 activations take the bf16 peak, fp8 with fp8 the fp8 peak", () => {
    const formats = (options: Partial<typeof defaultStepOptions>): string | undefined =>
      planStep(llama, { ...defaultStepOptions, ...options }).operations.find((o) => o.name === "feed-forward up")
        ?.computeFormat;
    expect(formats({ weights: parseNumberFormat("int4") })).toBe("bf16");
    expect(formats(fp8)).toBe("fp8");
  });

  test("fp8 activations on an A100, which has no fp8 peak, are an error that names what it has", () => {
    expect(() => roofline(hardwareProfile("a100-80g-sxm")).bind(planStep(llama, fp8))).toThrow(
      /^invalid activations: fp8 \(a100-80g-sxm has no fp8 peak/,
    );
  });

  test("bf16 on a V100 is widened to fp32, and the model says so once", () => {
    const model = roofline(hardwareProfile("v100-sxm-32g"));
    const time = model.bind(plan).time(countStep(plan, { batch: 1024, context: 1 }), emptyStepTime(plan));
    expect(model.notes).toHaveLength(1);
    expect(model.notes[0]).toContain("widened to fp32");
    expect(time.seconds).toBeGreaterThan((1024 * 13.2e9) / 15.7e12);
  });
});

test("the largest bound is the first in order where two are equal", () => {
  const equal = Object.fromEntries(bounds.map((bound) => [bound, 1])) as Record<(typeof bounds)[number], number>;
  expect(largestBound(equal)).toBe("weights");
  expect(largestBound({ ...equal, cache: 2 })).toBe("cache");
});
