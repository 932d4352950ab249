import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LinearRow } from "../../../src/measurement/measurement-row.ts";
import type { KernelMachine } from "../../../src/timing/kernel-form.ts";
import type { LinearCall } from "../../../src/timing/kernels/kernel-calls.ts";
import { linear } from "../../../src/timing/kernels/linear.ts";
import { crossValidate } from "../../../src/validation/cross-validate.ts";
import { type FormSample, fitForm } from "../../../src/validation/fit-form.ts";
import {
  arbitraryMachine,
  arbitraryParameters,
  parametersOf,
  roundMachine,
  timed,
} from "../../fixtures/kernel-forms.ts";
import { measuredTable } from "../../fixtures/measurements.ts";

/** All of every ceiling, nothing for filling, sides and what does not overlap. */
const ideal = parametersOf(linear, {
  ...{ startSeconds: 2.5e-6, readEfficiency: 1, writeEfficiency: 1, computeEfficiency: 1, tileRate: 1 },
  ...{ serialShare: 0, fillDepth: 0, sideCost: 0, splitSeconds: 2e-6 },
});
const h100: KernelMachine = { ...roundMachine, bytesPerSecond: 3.085e12 };
const bf16 = (m: number, n: number, k: number, peakFlopsPerSecond = 803e12): LinearCall => ({
  ...{ m, n, k, weightBytesPerElement: 2, inputBytesPerElement: 2, outputBytesPerElement: 2, peakFlopsPerSecond },
});

describe("seconds of a linear layer", () => {
  test("reading binds 16 rows: the example of its description", () => {
    const time = timed(linear, ideal, bf16(16, 4096, 4096), h100);
    expect(time.memorySeconds * 1e6).toBeCloseTo(33_816_576 / 3.085e6, 9);
    expect(time.computeSeconds * 1e6).toBeCloseTo((4096 * 2 * 64 * 64 * 132) / 803e6, 6);
    expect(time.seconds * 1e6).toBeCloseTo(13.46, 2);
  });

  test("weights narrower than their inputs have no tiles: int4 is read at the ceiling at one row, multiplied in strips of 16", () => {
    const int4 = (m: number): LinearCall => ({ ...bf16(m, 4096, 4096), weightBytesPerElement: 0.5 });
    const one = timed(linear, ideal, int4(1), h100);
    expect(one.memorySeconds * 1e6).toBeCloseTo((4096 * 4096 * 0.5 + 2 * 8192) / 3.085e6, 9);
    expect(one.computeSeconds).toBeCloseTo((2 * 16 * 4096 * 4096) / 803e12, 15);
    expect(one.computeSeconds).toBeLessThan(one.memorySeconds);
    expect(one.seconds).toBeLessThan(timed(linear, ideal, bf16(1, 4096, 4096), h100).seconds);
    expect(timed(linear, ideal, int4(48), h100).computeSeconds).toBeCloseTo((2 * 48 * 4096 * 4096) / 803e12, 15);
  });

  test("multiplying binds many rows: 2 m n k over the peak, or whole waves of tiles where they are more", () => {
    const whole = timed(linear, ideal, bf16(4096, 16_896, 1024), h100);
    expect(whole.computeSeconds).toBeCloseTo((2 * 4096 * 16_896 * 1024) / 803e12, 12);
    // 132 tiles of 64 × 64 are one wave, one column more opens a second one.
    const few = timed(linear, ideal, bf16(64, 132 * 64, 1024), h100).computeSeconds;
    const oneMore = timed(linear, ideal, bf16(64, 132 * 64 + 1, 1024), h100).computeSeconds;
    expect(oneMore / few).toBeCloseTo(2, 9);
  });

  test("the depth of few tiles is split where that gains more than it costs", () => {
    const quickMemory = { ...h100, bytesPerSecond: 1e14 };
    const unsplit = (k: number): number => (k * 2 * 64 * 64 * 132) / 803e12;
    const seconds = (k: number): number => timed(linear, ideal, bf16(64, 64, k), quickMemory).seconds - 2.5e-6;
    expect(seconds(1024)).toBeCloseTo(unsplit(1024), 12);
    const partialSums = (8 * 32 * 64 * 64) / 1e14;
    expect(seconds(65_536)).toBeCloseTo(2e-6 + unsplit(65_536 / 32) + partialSums, 12);
  });

  test("for the smallest call little more than the start-up is left", () => {
    expect(timed(linear, ideal, bf16(1, 1, 1), h100).seconds * 1e6).toBeCloseTo(2.5, 1);
  });

  test("never faster than the ceilings, and finite from 1 × 1 × 1 to a million each way", () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.constantFrom(1, 1_000_000));
    fc.assert(
      fc.property(arbitraryParameters(linear), arbitraryMachine, size, size, size, (p, machine, m, n, k) => {
        const call = bf16(m, n, k, 1e14);
        const { seconds } = timed(linear, p, call, machine);
        expect(seconds).toBeLessThan(Number.POSITIVE_INFINITY);
        const bytes = 2 * (m * k + n * k + m * n);
        expect(seconds * 1.031).toBeGreaterThan(Math.max(bytes / machine.bytesPerSecond, (2 * m * n * k) / 1e14));
      }),
    );
  });

  test("more rows, columns or depth, or a slower memory or peak, never take less time", () => {
    const size = fc.integer({ min: 1, max: 9000 });
    const grown = fc.record({ of: fc.constantFrom("m", "n", "k" as const), by: fc.integer({ min: 1, max: 3000 }) });
    fc.assert(
      fc.property(
        arbitraryParameters(linear),
        arbitraryMachine,
        size,
        size,
        size,
        grown,
        (p, machine, m, n, k, more) => {
          const call = bf16(m, n, k, 1e14);
          const base = timed(linear, p, call, machine).seconds * (1 - 1e-12);
          const key = more.of as "m" | "n" | "k";
          expect(timed(linear, p, { ...call, [key]: call[key] + more.by }, machine).seconds).toBeGreaterThanOrEqual(
            base,
          );
          expect(timed(linear, p, { ...call, peakFlopsPerSecond: 9e13 }, machine).seconds).toBeGreaterThanOrEqual(base);
          const slower = { ...machine, bytesPerSecond: machine.bytesPerSecond * 0.9 };
          expect(timed(linear, p, call, slower).seconds).toBeGreaterThanOrEqual(base);
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe("the H100 here", () => {
  const rows = measuredTable("H100/linear.csv").rows.filter((row): row is LinearRow => row.kind === "linear");
  const peak = 803.088e12;
  const machine = { ...h100, bytesPerSecond: 3.085e12 };
  const samples = rows.map(
    (row): FormSample<LinearCall> => ({
      ...{ call: bf16(row.m, row.n, row.k, peak), seconds: row.seconds, group: `${row.n} × ${row.k}` },
    }),
  );

  test("is predicted within 3 % (median) and 25 % (most) for matrix shapes that the fit did not see", () => {
    const errors = crossValidate(linear, samples, machine, 11)
      .map(({ sample, predictedSeconds }) => Math.abs(predictedSeconds / sample.seconds - 1))
      .sort((a, b) => a - b);
    expect(errors).toHaveLength(132);
    expect(errors[66]).toBeLessThan(0.03);
    expect(errors.at(-1)).toBeLessThan(0.25);
  });

  test("reads at 0.92 of its ceiling and multiplies at all of it", () => {
    const { parameters } = fitForm(linear, samples, machine);
    expect(parameters[1]).toBeCloseTo(0.92, 1);
    expect(parameters[3]).toBeCloseTo(1, 1);
  });
});
