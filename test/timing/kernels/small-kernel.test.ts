import fc from "fast-check";
import { expect, test } from "vitest";
import { smallKernel } from "../../../src/timing/kernels/small-kernel.ts";
import {
  arbitraryMachine,
  arbitraryParameters,
  parametersOf,
  roundMachine,
  timed,
} from "../../fixtures/kernel-forms.ts";

test("a start-up, then bytes at copy bandwidth: the example of its description", () => {
  const parameters = parametersOf(smallKernel, { startSeconds: 2.6e-6, copyEfficiency: 0.81 });
  const machine = { ...roundMachine, bytesPerSecond: 3e12 };
  expect(timed(smallKernel, parameters, { bytes: 2_430_000 }, machine).seconds * 1e6).toBeCloseTo(3.6, 9);
  expect(timed(smallKernel, parameters, { bytes: 0 }, machine).seconds).toBe(2.6e-6);
});

test("grows with bytes and with a slower memory", () => {
  const bytes = fc.double({ min: 1, max: 1e12, noNaN: true });
  fc.assert(
    fc.property(arbitraryParameters(smallKernel), arbitraryMachine, bytes, bytes, (p, machine, some, added) => {
      const { seconds } = timed(smallKernel, p, { bytes: some }, machine);
      expect(seconds).toBeLessThan(Number.POSITIVE_INFINITY);
      expect(timed(smallKernel, p, { bytes: some + added }, machine).seconds).toBeGreaterThanOrEqual(seconds);
      const slower = { ...machine, bytesPerSecond: machine.bytesPerSecond / 2 };
      expect(timed(smallKernel, p, { bytes: some }, slower).seconds).toBeGreaterThan(seconds);
    }),
  );
});
