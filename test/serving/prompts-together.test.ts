import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/quantity/seeded-random.ts";
import { promptsTogether, type SharedSteps } from "../../src/serving/prompts-together.ts";

/** 20 ms of decoding, prompts of 30 ms beside 10 ms of their step. */
const question: SharedSteps = {
  ...{ ratePerSecond: 10, decodeStepSeconds: 0.02, sharedSeconds: 0.01, ownSeconds: [0.03], weights: [1] },
};

describe("prompts that share a step", () => {
  test("by hand: one comes in a decode step on average, none while prompts are computed: 0.63 steps of 1.58", () => {
    const { steps, mean, variance } = promptsTogether({
      ...{ ratePerSecond: 50, decodeStepSeconds: 0.02, sharedSeconds: 0, ownSeconds: [0], weights: [1] },
    });
    const any = 1 - Math.exp(-1);
    expect(steps).toBeCloseTo(any, 9);
    expect(mean).toBeCloseTo(1 / any, 9);
    // Of a Poisson number that is not 0: E[n²] = 2 / any.
    expect(variance).toBeCloseTo(2 / any - 1 / any ** 2, 9);
  });

  test("are as many as come in the time of a decode step and its steps of prompts", () => {
    const { steps, mean } = promptsTogether(question);
    const seconds = 0.02 + steps * 0.01 + steps * mean * 0.03;
    expect(steps * mean).toBeCloseTo(10 * seconds, 9);
  });

  test("are one where nearly nobody comes, and more the more come", () => {
    expect(promptsTogether({ ...question, ratePerSecond: 1e-3 }).mean).toBeCloseTo(1, 3);
    expect(promptsTogether({ ...question, ratePerSecond: 0 })).toEqual({ steps: 0, mean: 1, variance: 0 });
    const rate = fc.double({ min: 0.1, max: 30, noNaN: true });
    fc.assert(
      fc.property(rate, fc.double({ min: 0, max: 2, noNaN: true }), (ratePerSecond, more) => {
        const few = promptsTogether({ ...question, ratePerSecond });
        const many = promptsTogether({ ...question, ratePerSecond: ratePerSecond + more });
        expect(many.mean).toBeGreaterThan(few.mean * (1 - 1e-3));
        expect(many.steps).toBeGreaterThanOrEqual(few.steps);
      }),
    );
  });

  test.each<[string, SharedSteps]>([
    ["alike", question],
    ["alike, at 85 % of what prompts alone allow", { ...question, ratePerSecond: 28 }],
    ["short and long", { ...question, ratePerSecond: 20, ownSeconds: [0.01, 0.06], weights: [0.75, 0.25] }],
  ])("%s: steps, mean and variance within 3 % of 200,000 decode steps drawn", (_, of) => {
    const { uniform } = seededRandom(3);
    const { ratePerSecond, decodeStepSeconds, sharedSeconds, ownSeconds, weights } = of;
    const poisson = (mean: number): number => {
      let [count, left] = [0, mean + Math.log(1 - uniform())];
      for (; left > 0; count++) left += Math.log(1 - uniform());
      return count;
    };
    let [steps, prompts, squares] = [0, 0, 0];
    const decodeSteps = 200_000;
    for (let i = 0; i < decodeSteps; i++) {
      for (let seconds = decodeStepSeconds; ; ) {
        const count = poisson(ratePerSecond * seconds);
        if (count === 0) break;
        steps++;
        prompts += count;
        squares += count * count;
        seconds = sharedSeconds;
        for (let k = 0; k < count; k++) seconds += uniform() < weights[0]! ? ownSeconds[0]! : ownSeconds[1]!;
      }
    }
    const found = promptsTogether(of);
    const mean = prompts / steps;
    expect(Math.abs(found.steps / (steps / decodeSteps) - 1)).toBeLessThan(0.03);
    expect(Math.abs(found.mean / mean - 1)).toBeLessThan(0.03);
    expect(Math.abs(found.variance / (squares / steps - mean * mean) - 1)).toBeLessThan(0.03);
  });
});
