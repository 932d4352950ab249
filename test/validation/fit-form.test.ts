import { describe, expect, test } from "vitest";
import { emptyKernelTime, type KernelForm } from "../../src/timing/kernel-form.ts";
import { type FormSample, fitForm } from "../../src/validation/fit-form.ts";
import { roundMachine } from "../fixtures/kernel-forms.ts";

interface Copy {
  readonly bytes: number;
}

/** A start-up and bytes, and a parameter that only odd calls feel. */
const form: KernelForm<Copy> = {
  kind: "copy",
  parameters: [
    { name: "startSeconds", meaning: "start-up", unit: "s", lowest: 1e-7, highest: 1e-4, starts: [1e-5] },
    { name: "efficiency", meaning: "share", unit: "share", lowest: 0.05, highest: 1, starts: [0.3, 0.9] },
    { name: "unfelt", meaning: "nothing", unit: "number", lowest: 0.1, highest: 10, starts: [2] },
  ],
  time(p, call, machine, into) {
    into.seconds = p[0]! + call.bytes / (p[1]! * machine.bytesPerSecond);
  },
};

function samplesOf(count: number, start: number, efficiency: number, noise = 0): FormSample<Copy>[] {
  const time = emptyKernelTime();
  return Array.from({ length: count }, (_, i) => {
    const call = { bytes: 1e4 * 1.7 ** (i % 20) };
    form.time([start, efficiency, 1], call, roundMachine, time);
    return { call, seconds: time.seconds * (1 + noise * Math.sin(37 * i)), group: String(i) };
  });
}

describe("a fit of a kernel form", () => {
  test("finds the parameters that made the rows, and leaves what no row feels where it started", () => {
    const { parameters, atBound, meanMisfit } = fitForm(form, samplesOf(60, 4e-6, 0.8), roundMachine);
    expect(parameters[0]! / 4e-6).toBeCloseTo(1, 2);
    expect(parameters[1]).toBeCloseTo(0.8, 2);
    expect(parameters[2]).toBeCloseTo(2, 9);
    expect(atBound).toEqual([]);
    expect(meanMisfit).toBeLessThan(0.001);
  });

  test("so many rows that it begins with a part of them give the same fit as few", () => {
    const few = fitForm(form, samplesOf(2000, 4e-6, 0.8, 0.05), roundMachine);
    const many = fitForm(form, samplesOf(20_000, 4e-6, 0.8, 0.05), roundMachine);
    expect(many.parameters[0]! / few.parameters[0]!).toBeCloseTo(1, 2);
    expect(many.parameters[1]! / few.parameters[1]!).toBeCloseTo(1, 2);
    expect(fitForm(form, samplesOf(20_000, 4e-6, 0.8, 0.05), roundMachine)).toEqual(many);
  });

  test("fixed parameters keep their value, and one beyond its bound stands at it and says so", () => {
    const rows = samplesOf(60, 4e-6, 0.8);
    expect(fitForm(form, rows, roundMachine, { fixed: { startSeconds: 3e-6 } }).parameters[0]).toBe(3e-6);
    const fast = rows.map((row) => ({ ...row, seconds: row.seconds * 0.5 }));
    expect(fitForm(form, fast, roundMachine).atBound).toEqual(["efficiency"]);
    expect(() => fitForm(form, [], roundMachine)).toThrow(RangeError);
  });
});
