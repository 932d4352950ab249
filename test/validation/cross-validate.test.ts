import { describe, expect, it } from "vitest";
import { statedMachine } from "../../src/timing/kernel-machine.ts";
import type { LinearCall } from "../../src/timing/kernels/kernel-calls.ts";
import { linear } from "../../src/timing/kernels/linear.ts";
import { crossValidate } from "../../src/validation/cross-validate.ts";
import type { FormSample } from "../../src/validation/fit-form.ts";
import { familySamples } from "../../src/validation/form-samples.ts";
import { roundHardware, syntheticTable } from "../fixtures/synthetic-fit.ts";

const machine = statedMachine(roundHardware);
const samples = familySamples([syntheticTable("linear")], roundHardware)[0]!
  .samples as unknown as FormSample<LinearCall>[];

describe("crossValidate", () => {
  it("predicts each row once, all rows of a group in one fold, and rows that follow the form exactly", () => {
    const rows = crossValidate(linear, samples, machine, 3);
    expect(rows).toHaveLength(samples.length);
    expect(new Set(rows.map(({ sample }) => sample)).size).toBe(samples.length);
    const folds = new Map<string, Set<number>>();
    for (const { sample, fold } of rows) folds.set(sample.group, (folds.get(sample.group) ?? new Set()).add(fold));
    for (const own of folds.values()) expect(own.size).toBe(1);
    expect(new Set(rows.map(({ fold }) => fold)).size).toBe(3);
    for (const { sample, predictedSeconds } of rows) {
      expect(Math.abs(predictedSeconds / sample.seconds - 1)).toBeLessThan(0.03);
    }
  });

  it("shows a fit no row of the group that it predicts", () => {
    const { group } = samples[0]!;
    const slowed = samples.map((each) => (each.group === group ? { ...each, seconds: 3 * each.seconds } : each));
    for (const { sample, predictedSeconds } of crossValidate(linear, slowed, machine, 10)) {
      if (sample.group === group) expect(predictedSeconds / sample.seconds).toBeLessThan(0.4);
    }
  });

  it("wants two groups", () => {
    const one = samples.filter((each) => each.group === samples[0]!.group);
    expect(() => crossValidate(linear, one, machine, 10)).toThrow("two groups");
  });

  it("is the same twice", () => {
    expect(crossValidate(linear, samples, machine, 2)).toEqual(crossValidate(linear, samples, machine, 2));
  });
});
