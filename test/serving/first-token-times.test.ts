import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FirstTokenQuestion, firstTokenTimes } from "../../src/serving/first-token-times.ts";
import { promptsTogether } from "../../src/serving/prompts-together.ts";
import { noWaiting } from "../../src/serving/waiting-time.ts";

/** Steps of 10 ms, prompts of 50 ms that take a tenth of a step's tokens, 1 request in 10 s. */
const question: FirstTokenQuestion = {
  ...{ ratePerSecond: 0.1, decodeStepSeconds: 0.01, prompts: [0.05], weights: [1], stepsOfPrompt: [0.1], stages: 1 },
  ...{ inTurn: false, carriedSeconds: 0.01, extraSeconds: [0], slot: noWaiting, servers: 1, arrivalVariation: 1 },
  ...{ atStepEnds: false, shared: null },
};

describe("the first token", () => {
  test("by hand: a prompt that nobody meets waits for half of a step, 5 ms, then takes 50 + 10 ms, within 1 %", () => {
    const times = firstTokenTimes(question);
    expect(Math.abs(times.meanSeconds / 0.065 - 1)).toBeLessThan(0.01);
    // Uniform over the step.
    expect(Math.abs(times.at(0.5) / 0.065 - 1)).toBeLessThan(0.01);
    expect(times.at(0.01)).toBeGreaterThan(0.06);
    expect(times.at(0.97)).toBeLessThan(0.071);
  });

  test("is later by what is extra: the way to the engine, stages", () => {
    const later = firstTokenTimes({ ...question, extraSeconds: [0.2] });
    expect(later.meanSeconds - firstTokenTimes(question).meanSeconds).toBeCloseTo(0.2, 9);
    expect(later.at(0.9) - firstTokenTimes(question).at(0.9)).toBeCloseTo(0.2, 3);
  });

  test("by hand at λ P = ½: E[S²] / E[S] = 37 ms is met, half of it waited for, and λ 37 ms of prompts stand beside", () => {
    // S = 10 ms + n 50 ms, E[n] = 0.2, Var(n) = 0.2 / (1 − ¼): E[S] = 20 ms, Var(S) = 667 ms².
    const times = firstTokenTimes({ ...question, ratePerSecond: 10 });
    const met = 20 + ((0.2 / 0.75) * 2500) / 20;
    expect(1e3 * times.meanSeconds).toBeCloseTo(60 + met / 2 + 0.01 * met * 50, 1);
  });

  test("of prompts in turn, by hand: M/D/1 of 60 ms at half of its rate waits 30 ms, and for half of a step", () => {
    const times = firstTokenTimes({ ...question, stepsOfPrompt: [1], ratePerSecond: 0.5 / 0.06 });
    expect(1e3 * times.meanSeconds).toBeCloseTo(60 + 5 + 30, 6);
  });

  test("of prompts between half of a step and a whole goes over from one to the other, without a jump of 1 %", () => {
    const at = (steps: number): number =>
      firstTokenTimes({ ...question, stepsOfPrompt: [steps], ratePerSecond: 12 }).meanSeconds;
    for (let percent = 40; percent < 100; percent++)
      expect(Math.abs(at((percent + 1) / 100) / at(percent / 100) - 1)).toBeLessThan(0.01);
    expect(at(0.4)).toBe(at(0.5));
    // What does not fit into one step takes the decoding of a second.
    expect(at(1.0001) - at(1)).toBeCloseTo(0.01, 4);
  });

  test("never comes where prompts in turn come faster than they are computed", () => {
    const times = firstTokenTimes({ ...question, stepsOfPrompt: [1], ratePerSecond: 20 });
    expect([times.meanSeconds, times.at(0.5)]).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });

  test("waits for a slot, one in four requests for 2 s: half a second on average, and longer in the tail", () => {
    const free = firstTokenTimes(question);
    const queued = firstTokenTimes({ ...question, slot: { probability: 0.25, seconds: 2 } });
    expect(queued.meanSeconds - free.meanSeconds).toBeCloseTo(0.5, 9);
    // e^(−t / 2) / 4 = 1 % at 6.4 s.
    expect(queued.at(0.99)).toBeGreaterThan(6);
    expect(queued.at(0.99)).toBeLessThan(7.5);
  });

  test("where nobody decodes mostly finds nothing running: 50 ms alone, whatever the step", () => {
    const times = firstTokenTimes({ ...question, decodeStepSeconds: 0, carriedSeconds: 0 });
    expect(times.at(0.5)).toBeCloseTo(0.05, 4);
    expect(times.meanSeconds).toBeLessThan(0.0506);
  });

  test("of users who send at the ends of steps waits for none, only for prompts that others sent there too", () => {
    const times = firstTokenTimes({ ...question, atStepEnds: true });
    expect(times.meanSeconds).toBeCloseTo(0.06 + 0.1 * 0.01 * 0.05, 5);
    const turn = firstTokenTimes({ ...question, atStepEnds: true, stepsOfPrompt: [1] });
    expect(turn.at(0.5)).toBeLessThan(0.0602);
  });

  test("after prompts computed first, by hand: half of the step met, its prompts' step, those beside", () => {
    const own = { sharedSeconds: 0.01, ownSeconds: [0.05] };
    const load = { ratePerSecond: 10, decodeStepSeconds: 0.02, weights: [1] };
    const shared = { ...own, ...promptsTogether({ ...load, ...own }) };
    const first = { ...question, ...load, carriedSeconds: 0, inTurn: true, prompts: [0.06], shared };
    // E[S²] / E[S] over a decode step and the steps of prompts after it.
    const { steps, mean, variance } = shared;
    const prompt = 0.01 + mean * 0.05;
    const met = (0.02 ** 2 + steps * (prompt ** 2 + variance * 0.05 ** 2)) / (0.02 + steps * prompt);
    const wanted = 0.06 + met / 2 + 10 * met * 0.05;
    expect(Math.abs(firstTokenTimes(first).meanSeconds / wanted - 1)).toBeLessThan(0.02);
  });

  test("after prompts whose steps take the same whatever is in them: half of the step met and one's own, within 1 %", () => {
    const own = { sharedSeconds: 0.06, ownSeconds: [0] };
    const load = { ratePerSecond: 5, decodeStepSeconds: 0.02, weights: [1] };
    const shared = { ...own, ...promptsTogether({ ...load, ...own }) };
    const met = (0.02 ** 2 + shared.steps * 0.06 ** 2) / (0.02 + shared.steps * 0.06);
    const times = firstTokenTimes({ ...question, ...load, carriedSeconds: 0, inTurn: true, prompts: [0.06], shared });
    expect(Math.abs(times.meanSeconds / (0.06 + met / 2) - 1)).toBeLessThan(0.01);
  });

  test("of prompts that cost nothing, and where none come, is the step's alone", () => {
    const free = firstTokenTimes({ ...question, prompts: [0] });
    expect(free.meanSeconds).toBeCloseTo(0.015, 6);
    expect(firstTokenTimes({ ...question, ratePerSecond: 0, arrivalVariation: 4 }).meanSeconds).toBeCloseTo(0.065, 6);
  });

  test("comes later on average and in the tail with bursts, and sooner with regular arrivals", () => {
    const at = (arrivalVariation: number) => firstTokenTimes({ ...question, ratePerSecond: 8, arrivalVariation });
    expect(at(4).meanSeconds).toBeGreaterThan(1.2 * at(1).meanSeconds);
    expect(at(4).at(0.95)).toBeGreaterThan(1.2 * at(1).at(0.95));
    expect(at(0).meanSeconds).toBeLessThan(at(0.5).meanSeconds);
    expect(at(0.5).meanSeconds).toBeLessThan(at(1).meanSeconds);
    expect(at(1.0001).meanSeconds).toBeCloseTo(at(1).meanSeconds, 4);
  });

  test("has percentiles that rise, and their mean is the mean, within 3 %", () => {
    const rate = fc.double({ min: 0.5, max: 15, noNaN: true });
    const steps = fc.constantFrom(0.1, 0.7, 1, 3);
    fc.assert(
      fc.property(rate, steps, (ratePerSecond, stepsOfPrompt) => {
        const prompts = [0.01, 0.03];
        const two = {
          prompts,
          weights: [0.5, 0.5],
          extraSeconds: [0, 0],
          stepsOfPrompt: [stepsOfPrompt, stepsOfPrompt],
        };
        fc.pre(ratePerSecond * (0.02 + stepsOfPrompt * 0.01) < 0.8);
        const times = firstTokenTimes({ ...question, ...two, ratePerSecond });
        let sum = 0;
        let before = 0;
        const parts = 200;
        for (let i = 0; i < parts; i++) {
          const at = times.at((i + 0.5) / parts);
          expect(at).toBeGreaterThanOrEqual(before * (1 - 1e-3));
          before = at;
          sum += at / parts;
        }
        expect(Math.abs(sum / times.meanSeconds - 1)).toBeLessThan(0.03);
      }),
      { numRuns: 20 },
    );
  });
});
