import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type KernelFit, kernelSeconds, kneeSeconds } from "../../src/timing/kernel-fit.ts";

const fits: fc.Arbitrary<KernelFit> = fc.record({
  startSeconds: fc.double({ min: 0, max: 1e-3, noNaN: true }),
  bandwidthEfficiency: fc.double({ min: 0.01, max: 1, noNaN: true }),
  computeEfficiency: fc.double({ min: 0.01, max: 1, noNaN: true }),
  kneeSharpness: fc.double({ min: 0.5, max: 16, noNaN: true }),
});
const seconds = fc.double({ min: 1e-9, max: 10, noNaN: true });

describe("a kernel's seconds", () => {
  test("with a knee of 1, start-up, bytes and FLOPs add up: 1 + 10 + 4 µs", () => {
    const fit = { startSeconds: 1e-6, bandwidthEfficiency: 0.8, computeEfficiency: 0.5, kneeSharpness: 1 };
    expect(kernelSeconds(fit, 8e-6, 2e-6)).toBeCloseTo(15e-6, 15);
  });

  test("with a knee of 2, bytes and FLOPs of 3 and 4 µs take 5 µs", () => {
    expect(kneeSeconds(3e-6, 4e-6, 2)).toBeCloseTo(5e-6, 15);
  });

  test("grow with bytes and with FLOPs, whatever the fit", () => {
    fc.assert(
      fc.property(
        fits,
        seconds,
        seconds,
        fc.double({ min: 1, max: 4, noNaN: true }),
        (fit, memory, compute, factor) => {
          const before = kernelSeconds(fit, memory, compute);
          expect(kernelSeconds(fit, memory * factor, compute)).toBeGreaterThanOrEqual(before * (1 - 1e-12));
          expect(kernelSeconds(fit, memory, compute * factor)).toBeGreaterThanOrEqual(before * (1 - 1e-12));
        },
      ),
    );
  });

  test("tend to start-up for nothing, to bytes / efficiency where bytes rule, to FLOPs / efficiency where FLOPs rule", () => {
    fc.assert(
      fc.property(fits, (fit) => {
        expect(kernelSeconds(fit, 0, 0)).toBe(fit.startSeconds);
        const large = 1e9;
        const small = 1e-3;
        expect(kernelSeconds(fit, large, small)).toBeGreaterThanOrEqual(large / fit.bandwidthEfficiency);
        expect(kernelSeconds(fit, large, small) / (large / fit.bandwidthEfficiency)).toBeCloseTo(1, 3);
        expect(kernelSeconds(fit, small, large) / (large / fit.computeEfficiency)).toBeCloseTo(1, 3);
      }),
    );
  });

  test("are never shorter than the roofline's, for efficiencies of at most 1 and any knee", () => {
    fc.assert(
      fc.property(fits, seconds, seconds, (fit, memory, compute) => {
        expect(kernelSeconds(fit, memory, compute)).toBeGreaterThanOrEqual(Math.max(memory, compute) * (1 - 1e-12));
      }),
    );
  });

  test("a sharper knee is never slower, down to the longer of the two", () => {
    fc.assert(
      fc.property(seconds, seconds, fc.double({ min: 0.5, max: 8, noNaN: true }), (a, b, q) => {
        expect(kneeSeconds(a, b, 2 * q)).toBeLessThanOrEqual(kneeSeconds(a, b, q) * (1 + 1e-12));
      }),
    );
    expect(kneeSeconds(3, 2, 1000)).toBeCloseTo(3, 12);
  });

  test("neither over- nor underflow for times of 1e-300 and 1e300 s", () => {
    expect(kneeSeconds(1e300, 1e300, 16)).toBeCloseTo(1e300 * 2 ** (1 / 16), -290);
    expect(kneeSeconds(1e-300, 1e-300, 16)).toBeGreaterThan(1e-300);
  });
});
