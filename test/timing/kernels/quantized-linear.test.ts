import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LinearCall } from "../../../src/timing/kernels/kernel-calls.ts";
import { quantizedLinear } from "../../../src/timing/kernels/quantized-linear.ts";
import {
  arbitraryMachine,
  arbitraryParameters,
  parametersOf,
  roundMachine,
  timed,
} from "../../fixtures/kernel-forms.ts";

const ideal = parametersOf(quantizedLinear, {
  ...{ startSeconds: 4e-6, readEfficiency: 1, writeEfficiency: 1, computeEfficiency: 1, tileRate: 1, serialShare: 0 },
  ...{ fillDepth: 0, sideCost: 0, quantizeBytes: 5, rowSeconds: 1e-9 },
  ...{ unalignedCost: 0.25, hostSeconds: 1e-9 },
});
const fp8 = (m: number, n: number, k: number, peakFlopsPerSecond = 132e12): LinearCall => ({
  ...{ m, n, k, weightBytesPerElement: 1, inputBytesPerElement: 1, outputBytesPerElement: 2, peakFlopsPerSecond },
});
const seconds = (call: LinearCall, parameters: ArrayLike<number> = ideal): number =>
  timed(quantizedLinear, parameters, call, roundMachine).seconds;

describe("seconds of a linear layer that quantizes its input", () => {
  test("one tile goes through its depth on one processor: the example of its description", () => {
    expect(seconds(fp8(64, 64, 4096)) * 1e6).toBeCloseTo(4 + 1.31072 + 33.554_432, 3);
  });

  test("tiles double in width after 64 rows and in height after 128, where rows not of 16 take a quarter longer", () => {
    const compute = (m: number): number =>
      timed(quantizedLinear, ideal, fp8(m, 128, 1024), roundMachine).computeSeconds * 1e6;
    const step = 8.388_608;
    expect([1, 64].map(compute)).toEqual([expect.closeTo(step, 6), expect.closeTo(step, 6)]);
    expect([65, 128].map(compute)).toEqual([expect.closeTo(2 * step, 6), expect.closeTo(2 * step, 6)]);
    expect([144, 256].map(compute)).toEqual([expect.closeTo(4 * step, 6), expect.closeTo(4 * step, 6)]);
    expect([129, 255].map(compute)).toEqual([expect.closeTo(5 * step, 6), expect.closeTo(5 * step, 6)]);
  });

  test("quantizing takes its bytes, or its rows where they are short", () => {
    const long = Float64Array.from(ideal);
    long[9] = 1e-6;
    const added = (k: number): number => seconds(fp8(13_200, 64, k), long) - seconds(fp8(13_200, 64, k), ideal);
    expect(added(32) * 1e6).toBeCloseTo(100 - (5 * 13_200 * 32) / 1e6, 3);
    expect(added(1_000_000)).toBeCloseTo(0, 9);
  });

  test("a host that launches kernels one by one bounds short ones and no long ones", () => {
    const host = Float64Array.from(ideal);
    host[11] = 100e-6;
    expect(seconds(fp8(1, 64, 64), host) * 1e6).toBeCloseTo(100, 0);
    expect(seconds(fp8(8192, 8192, 8192), host) / seconds(fp8(8192, 8192, 8192))).toBeCloseTo(1, 2);
  });

  test("finite and above 0, and never less for more rows, columns or depth or a slower machine", () => {
    const size = fc.oneof(fc.integer({ min: 1, max: 9000 }), fc.constantFrom(1, 64, 65, 128, 144, 1_000_000));
    const more = fc.record({ of: fc.constantFrom("m", "n", "k"), by: fc.integer({ min: 1, max: 3000 }) });
    fc.assert(
      fc.property(
        ...([arbitraryParameters(quantizedLinear), arbitraryMachine, size, size, size, more] as const),
        (p, machine, m, n, k, { of, by }) => {
          const call = fp8(m, n, k);
          const base = timed(quantizedLinear, p, call, machine).seconds;
          expect(base).toBeGreaterThan(0);
          expect(base).toBeLessThan(Number.POSITIVE_INFINITY);
          const least = base * (1 - 1e-9);
          const key = of as "m" | "n" | "k";
          // Rows of 16 alone: others lose their wide loads, which is the one step that is not monotone.
          const added = key === "m" && m + by > 128 ? 16 * Math.ceil((m + by) / 16) - m : by;
          if (key === "m" && m > 128 && m % 16 !== 0) return;
          const grown = { ...call, [key]: call[key] + added };
          expect(timed(quantizedLinear, p, grown, machine).seconds).toBeGreaterThanOrEqual(least);
          const slower = { ...machine, bytesPerSecond: machine.bytesPerSecond * 0.9 };
          expect(timed(quantizedLinear, p, call, slower).seconds).toBeGreaterThanOrEqual(least);
          const weaker = { ...call, peakFlopsPerSecond: 1e14 };
          expect(timed(quantizedLinear, p, weaker, machine).seconds).toBeGreaterThanOrEqual(least);
        },
      ),
      { numRuns: 400 },
    );
  });
});
