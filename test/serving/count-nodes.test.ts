import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countNodes } from "../../src/serving/count-nodes.ts";

const mean = (nodes: ReturnType<typeof countNodes>): number =>
  nodes.reduce((sum, { count, share }) => sum + count * share, 0);
const variance = (nodes: ReturnType<typeof countNodes>): number =>
  nodes.reduce((sum, { count, share }) => sum + (count - mean(nodes)) ** 2 * share, 0);

describe("nodes of counts", () => {
  test("by hand: Poisson of mean 1 has e⁻¹ at 0 and at 1, half of it at 2", () => {
    const [none, one, two] = countNodes(1, 1);
    expect(none).toEqual({ count: 0, share: expect.closeTo(Math.exp(-1), 9) });
    expect(one).toEqual({ count: 1, share: expect.closeTo(Math.exp(-1), 9) });
    expect(two!.share).toBeCloseTo(Math.exp(-1) / 2, 9);
  });

  test("a mean of 0 has no counts but 0", () => {
    expect(countNodes(0, 0).filter(({ share }) => share > 0)).toEqual([{ count: 0, share: 1 }]);
  });

  test("shares sum to 1, the mean is kept to 4 % and the variance to 16 % (far counts are cut), in at most 25 nodes", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 1000, noNaN: true }),
        fc.double({ min: 1, max: 3, noNaN: true }),
        (m, v) => {
          const nodes = countNodes(m, v * m);
          expect(nodes.length).toBeLessThanOrEqual(25);
          expect(nodes.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
          expect(Math.abs(mean(nodes) / m - 1)).toBeLessThan(0.04);
          expect(Math.abs(variance(nodes) / (v * m) - 1)).toBeLessThan(0.16);
        },
      ),
    );
  });

  test("both sides of where counts become normal have one deviation, to 3 %", () => {
    const [below, above] = [countNodes(149.9, 149.9), countNodes(150.1, 150.1)];
    expect(Math.abs(Math.sqrt(variance(below) / variance(above)) - 1)).toBeLessThan(0.03);
  });
});
