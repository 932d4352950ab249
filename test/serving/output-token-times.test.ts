import { describe, expect, test } from "vitest";
import { type OutputTokenQuestion, outputTokenTimes } from "../../src/serving/output-token-times.ts";

/** Steps of 16 ms, 11 of them for decoding; 6.25 prompts of 50 ms a second; 100 further tokens; no growth. */
const question: OutputTokenQuestion = {
  ...{ ratePerSecond: 6.25, meanSeconds: 0.016, decodeSeconds: 0.011, decoding: 10, growthSeconds: 0 },
  ...{ promptSeconds: 0.05, promptSquare: 0.0025, furtherTokens: [100], weights: [1], meanFurther: 100 },
  ...{ arrivalVariation: 1, isClosed: false, inTurn: null },
};

describe("an output token", () => {
  test("by hand: a = 0.3125 of prompts beget 50 a / ((1 − a)² (1 + a) 100) = 0.252 ms more", () => {
    const times = outputTokenTimes(question);
    expect(1e3 * times.meanSeconds).toBeCloseTo(16 + (50 * 0.3125) / (0.6875 ** 2 * 1.3125 * 100), 6);
    expect(times.answerSeconds).toBeCloseTo(100 * times.meanSeconds, 12);
  });

  test("by hand varies by λ S E[P²] / 100 / (1 − a)²: a deviation of 2.3 ms, lognormal", () => {
    const times = outputTokenTimes(question);
    const deviation = Math.sqrt((6.25 * 0.016 * 0.0025) / 100) / 0.6875;
    const ratio = deviation / times.meanSeconds;
    const sigma = Math.sqrt(Math.log(1 + ratio * ratio));
    expect(times.at(0.5)).toBeCloseTo(times.meanSeconds / Math.sqrt(1 + ratio * ratio), 9);
    expect(times.at(0.95) / times.at(0.5)).toBeCloseTo(Math.exp(1.6448536 * sigma), 6);
  });

  test("takes the step and no more where no prompts come and nothing grows", () => {
    const times = outputTokenTimes({ ...question, ratePerSecond: 0, promptSeconds: 0, promptSquare: 0 });
    expect(times.meanSeconds).toBe(0.016);
    expect(times.at(0.99)).toBeCloseTo(0.016, 12);
  });

  test("by hand where steps grow with the sequences: D' Var(B) / B, Var(B) = B / (1 − b), b = D' B / S = 1/8", () => {
    const none = { ratePerSecond: 0, promptSeconds: 0, promptSquare: 0 };
    const times = outputTokenTimes({ ...question, ...none, growthSeconds: 2e-4 });
    expect(1e3 * times.meanSeconds).toBeCloseTo(16 + 0.2 / (1 - 1 / 8), 9);
    expect(times.at(0.95)).toBeGreaterThan(times.meanSeconds);
  });

  test("of users who keep as many in flight begets nothing", () => {
    const times = outputTokenTimes({ ...question, growthSeconds: 1e-4, isClosed: true });
    expect(times.meanSeconds).toBeCloseTo(0.016, 12);
    expect(times.at(0.95)).toBeLessThan(outputTokenTimes({ ...question, growthSeconds: 1e-4 }).at(0.95));
  });

  test("of short answers varies more than of long ones; of both the percentiles are a mixture's", () => {
    const of = (furtherTokens: readonly number[], weights: readonly number[]) =>
      outputTokenTimes({ ...question, furtherTokens, weights });
    const [short, long, both] = [of([20], [1]), of([180], [1]), of([20, 180], [0.5, 0.5])];
    expect(short.at(0.95)).toBeGreaterThan(long.at(0.95));
    expect(both.at(0.95)).toBeLessThan(short.at(0.95));
    expect(both.at(0.95)).toBeGreaterThan(long.at(0.95));
    expect(both.answerSeconds).toBeCloseTo(100 * both.meanSeconds, 12);
  });

  test("behind prompts in turn is later by what they add, and never longer than a full step", () => {
    const inTurn = { share: 1, fullSeconds: 0.03, behindSeconds: () => 0.4 };
    const times = outputTokenTimes({ ...question, inTurn });
    expect(times.meanSeconds).toBeCloseTo(0.016 + 0.004, 12);
    expect(times.at(0.9999)).toBeLessThanOrEqual(0.03);
    // Between 11 and 30 ms a mean of 20 ms deviates by √(10 × 9) ms at most.
    expect(times.at(0.95)).toBeLessThan(0.03);
    const full = outputTokenTimes({ ...question, inTurn: { ...inTurn, behindSeconds: () => 40 } });
    expect(full.meanSeconds).toBe(0.03);
    expect(full.at(0.5)).toBeCloseTo(0.03, 9);
    const half = outputTokenTimes({
      ...question,
      inTurn: { ...inTurn, share: 0.5, fullSeconds: Number.POSITIVE_INFINITY },
    });
    expect(half.meanSeconds).toBeGreaterThan(0.018);
    expect(half.meanSeconds).toBeLessThan(0.0182);
  });

  test("of answers without a further token is still a number", () => {
    const times = outputTokenTimes({ ...question, furtherTokens: [0], meanFurther: 0 });
    expect(Number.isFinite(times.at(0.95))).toBe(true);
    expect(times.answerSeconds).toBe(0);
    expect(outputTokenTimes({ ...question, furtherTokens: [], weights: [] }).at(0.5)).toBe(0);
  });

  test("has the 95th percentile of its mean's size where requests all but flood the replica", () => {
    const flooded = outputTokenTimes({ ...question, ratePerSecond: 19.99, meanSeconds: 0.5, growthSeconds: 1e-3 });
    expect(Number.isFinite(flooded.meanSeconds)).toBe(true);
    expect(flooded.at(0.95)).toBeGreaterThan(flooded.meanSeconds);
  });
});
