import fc from "fast-check";
import { expect, test } from "vitest";
import { busiestExperts } from "../../../src/timing/kernels/busiest-experts.ts";

test("the busiest of eight devices has more than the average, one device has it all", () => {
  expect(busiestExperts(4, 16, 8)).toBeCloseTo(7.36, 2);
  expect(busiestExperts(4, 16, 1)).toBe(4);
  expect(busiestExperts(0.1, 16, 1)).toBe(0.1);
  expect(busiestExperts(16, 16, 8)).toBe(16);
});

test("at least one and the average, at most all, and never less for a larger average", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 512 }), fc.integer({ min: 2, max: 256 }), share, share, (n, g, a, b) => {
      const [less, more] = [Math.min(a, b) * n, Math.max(a, b) * n];
      const busiest = busiestExperts(less, n, g);
      expect(busiest).toBeGreaterThanOrEqual(Math.max(1, less) - 1e-9);
      expect(busiest).toBeLessThanOrEqual(n);
      expect(busiestExperts(more, n, g)).toBeGreaterThanOrEqual(busiest - 1e-9);
    }),
  );
});
