import { describe, expect, test } from "vitest";
import {
  exponentialLengths,
  fixedLength,
  type LengthDistribution,
  lognormalLengths,
  quantileLengths,
  uniformLengths,
} from "../../src/serving/length-distribution.ts";
import { lengthNodes, weighted } from "../../src/serving/length-nodes.ts";

const spread: readonly LengthDistribution[] = [
  uniformLengths(100, 300),
  uniformLengths(800, 1000),
  lognormalLengths({ mean: 1155, deviation: 1109 }),
  lognormalLengths({ mean: 200, deviation: 100, largest: 4096 }),
  exponentialLengths({ mean: 300 }),
  exponentialLengths({ mean: 2000, largest: 8192 }),
  quantileLengths({ p50: 200, p95: 1500, p99: 4000 }),
];

describe("length nodes", () => {
  test("of 1000 tokens for all requests: 1000 with weight 1", () => {
    expect(lengthNodes(fixedLength(1000))).toEqual({ tokens: [1000], weights: [1] });
  });

  test.each(spread)("of $text keep the mean, weights sum to 1, lengths rise from at least 1", (lengths) => {
    const { tokens, weights } = lengthNodes(lengths);
    expect(weights.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 12);
    expect(Math.min(...weights)).toBeGreaterThan(0);
    expect(weighted(tokens, weights) / lengths.mean).toBeCloseTo(1, 9);
    expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
    expect(tokens[0]).toBeGreaterThanOrEqual(1);
  });

  test.each(spread)("of $text keep the mean square", (lengths) => {
    const { tokens, weights } = lengthNodes(lengths);
    const squares = tokens.map((each) => each * each);
    expect(weighted(squares, weights) / lengths.meanSquare).toBeCloseTo(1, 9);
  });

  test.each([
    exponentialLengths({ mean: 2 }),
    exponentialLengths({ mean: 20 }),
    lognormalLengths({ mean: 300, deviation: 3000 }),
    quantileLengths({ p50: 1, max: 40 }),
  ])("of $text, which lies near 1 or spreads far, keep the mean and the mean square too", (lengths) => {
    const { tokens, weights } = lengthNodes(lengths);
    const squares = tokens.map((each) => each * each);
    expect(Math.min(...tokens)).toBeGreaterThanOrEqual(1);
    expect(weighted(tokens, weights) / lengths.mean).toBeCloseTo(1, 9);
    expect(weighted(squares, weights) / lengths.meanSquare).toBeCloseTo(1, 9);
  });

  test.each([lognormalLengths({ mean: 30, deviation: 3000 }), quantileLengths({ "p99.9": 1, max: 100 })])(
    "of $text, which nearly all lies beyond the last node, keep the mean and fall short of the mean square",
    (lengths) => {
      const { tokens, weights } = lengthNodes(lengths);
      const squares = tokens.map((each) => each * each);
      expect(Math.min(...tokens)).toBeGreaterThanOrEqual(1);
      expect(weighted(tokens, weights) / lengths.mean).toBeCloseTo(1, 9);
      expect(weighted(squares, weights)).toBeLessThan(lengths.meanSquare);
    },
  );

  test("say how long the longer half is: a sum over nodes within 2 % of the one over 100,000 quantiles", () => {
    const lengths = lognormalLengths({ mean: 1155, deviation: 1109 });
    const { tokens, weights } = lengthNodes(lengths);
    const cost = (length: number): number => length ** 1.5;
    let exact = 0;
    const steps = 100_000;
    for (let i = 0; i < steps; i++) exact += cost(lengths.quantile((i + 0.5) / steps)) / steps;
    expect(Math.abs(weighted(tokens.map(cost), weights) / exact - 1)).toBeLessThan(0.02);
  });
});
