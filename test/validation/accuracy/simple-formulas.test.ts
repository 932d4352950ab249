import { describe, expect, test } from "vitest";
import {
  affineConstants,
  affineHeldOut,
  simpleErrors,
  simpleSeconds,
} from "../../../src/validation/accuracy/simple-formulas.ts";

test("1 ms of bytes and 0.5 ms of FLOPs in 2 kernels at 80 % and 3 µs: 6 µs and 1.25 ms", () => {
  const operation = { memorySeconds: 1e-3, computeSeconds: 0.5e-3, kernels: 2 };
  expect(simpleSeconds([operation], [3e-6, 0.8, 0.8])).toBeCloseTo(1.256e-3, 12);
  expect(simpleSeconds([operation, operation], [0, 1, 1])).toBeCloseTo(2e-3, 12);
  // The other side of the ridge.
  expect(simpleSeconds([{ ...operation, computeSeconds: 4e-3 }], [0, 1, 0.5])).toBeCloseTo(8e-3, 12);
});

describe("kernels of one affine formula", () => {
  const constants = [5e-6, 0.9, 0.6] as const;
  const samples = [1, 2, 3, 4].flatMap((shape) =>
    [1e-6, 1e-5, 1e-4, 1e-3].flatMap((memorySeconds) =>
      [0.1, 3].map((intensity) => {
        const call = {
          memorySeconds: shape * memorySeconds,
          computeSeconds: intensity * shape * memorySeconds,
          kernels: 1,
        };
        return { call, operations: [call], seconds: simpleSeconds([call], constants), group: `shape ${shape}` };
      }),
    ),
  );

  test("give their constants back", () => {
    affineConstants(samples).forEach((value, i) => {
      expect(value / constants[i]!).toBeCloseTo(1, 3);
    });
  });

  test("are predicted without their group, each once", () => {
    const heldOut = affineHeldOut(samples);
    expect(heldOut.size).toBe(samples.length);
    for (const [sample, seconds] of heldOut) expect(seconds / sample.seconds).toBeCloseTo(1, 3);
  });

  test("leave the roofline and the rule of thumb behind", () => {
    const errors = simpleErrors(samples, constants);
    expect(errors["one affine fit"]).toBeCloseTo(0, 9);
    expect(errors.roofline).toBeGreaterThan(10);
    expect(errors["80 % + 3 µs"]).toBeGreaterThan(5);
    expect(simpleErrors(samples, null)["one affine fit"]).toBeNull();
    expect(simpleErrors(samples, ({ seconds }) => 1.1 * seconds)["one affine fit"]).toBeCloseTo(10, 9);
  });
});
