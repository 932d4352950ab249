import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type InTurnQuestion, inTurnShare, promptsInTurn } from "../../src/serving/prompts-in-turn.ts";

/** Prompts of 0.5 s in 5 steps of 20 ms; one a second. */
const question: InTurnQuestion = {
  ...{ ratePerSecond: 1, arrivalVariation: 1, decodeStepSeconds: 0.02, prompts: [0.5], weights: [1] },
  ...{ stepsOfPrompt: [5], isFirst: false, tokensPerStep: 1 },
};

describe("prompts in turn", () => {
  test("are all that fill a step, none that fill half of one, and some between", () => {
    expect([0.1, 0.5, 0.75, 1, 7].map((steps) => inTurnShare([steps], [1]))).toEqual([
      0,
      0,
      expect.closeTo(2 / 3, 12),
      1,
      1,
    ]);
    expect(promptsInTurn({ ...question, stepsOfPrompt: [0.5] })).toBeNull();
    expect(promptsInTurn({ ...question, stepsOfPrompt: [0.5], isFirst: true })?.share).toBe(1);
  });

  test("computed first, by hand: ρ 0.5, W = 0.25 s, so 0.5 × 0.75 / 0.5 = 0.75 s of others before the first decode step", () => {
    const turn = promptsInTurn({ ...question, isFirst: true })!;
    expect(turn.behindSeconds(10)).toBeCloseTo(0.75, 9);
    expect(turn.behindSeconds(1000)).toBeCloseTo(0.75, 9);
    expect(turn.fullSeconds).toBe(Number.POSITIVE_INFINITY);
  });

  test("beside decoding, by hand: X = 0.6 s, ρ 0.6, W = 0.45 s, v = 1.575 s: 13.1 full steps of 120 in the place of 40 ms", () => {
    const turn = promptsInTurn(question)!;
    expect(turn.fullSeconds).toBeCloseTo(0.12, 12);
    const fullSteps = (0.6 * (0.45 + 0.6)) / 0.4 / 0.12;
    expect(fullSteps).toBeCloseTo(13.125, 9);
    expect(turn.behindSeconds(1e9)).toBeCloseTo(fullSteps * 0.08, 6);
    expect(turn.behindSeconds(100)).toBeCloseTo((fullSteps * 0.08 * 100) / (100 + 1.5 * fullSteps), 9);
  });

  test("add to short answers at most what full steps would, and more to longer ones", () => {
    const further = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(further, further, fc.double({ min: 0.01, max: 3, noNaN: true }), (few, more, ratePerSecond) => {
        const turn = promptsInTurn({ ...question, ratePerSecond })!;
        const added = turn.behindSeconds(few);
        expect(added).toBeGreaterThanOrEqual(0);
        expect(added).toBeLessThanOrEqual(few * 0.1);
        expect(turn.behindSeconds(few + more)).toBeGreaterThanOrEqual(added);
      }),
    );
  });

  test("that come faster than they can be computed add a finite time", () => {
    expect(Number.isFinite(promptsInTurn({ ...question, ratePerSecond: 10 })!.behindSeconds(100))).toBe(true);
  });

  test("of drafts' 2.5 tokens a step: a full step is shared by them", () => {
    expect(promptsInTurn({ ...question, tokensPerStep: 2.5 })!.fullSeconds).toBeCloseTo(0.048, 12);
  });
});
