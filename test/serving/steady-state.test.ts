import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { engineStepSeconds, type SchedulingPolicy } from "../../src/serving/serving-constants.ts";
import { type SteadyLoad, steadyState } from "../../src/serving/steady-state.ts";
import { nothingAdded, toyCosts, toyLoad } from "../fixtures/toy-engine.ts";

const mixed: SchedulingPolicy = { prefill: "mixed", stepTokens: 1000, reservedShare: 0.5, admittedShare: 0 };
const first: SchedulingPolicy = { prefill: "first", stepTokens: 2000, reservedShare: 0.5, admittedShare: 0 };
const roomy = 1e9;

describe("a step of an engine", () => {
  test("adds its own to its kernels: the example of its description", () => {
    const constants = { ...nothingAdded, memoryEfficiency: 0.9, layerSeconds: 1e-5, stepSeconds: 1e-3 };
    const kernels = { memorySeconds: 8e-3, computeSeconds: 0, linkSeconds: 0, startSeconds: 0 };
    const seconds = engineStepSeconds(kernels, 16, 64, { ...constants, sequenceSeconds: 2e-5 });
    expect(seconds * 1e3).toBeCloseTo(8 / 0.9 + 0.64 + 1 + 0.32, 9);
  });
});

describe("a steady load", () => {
  test("of an engine that computes prompts first, by hand", () => {
    // A prompt takes 50 ms and its share of 8 ms of weights for two: 54 ms. 10 of them in batches of 2, lagging by half of one:
    // 540 ms × (1 + 2 × 2 / 10) / 2 = 378 ms to the first token; the other 162 ms lie between 500 tokens.
    const state = steadyState(toyLoad, toyCosts, { policy: first, constants: nothingAdded }, roomy);
    expect(state.promptSeconds * 1e3).toBeCloseTo(54, 9);
    expect(state.firstTokenSeconds * 1e3).toBeCloseTo(378, 9);
    const decode = 8 + 10 * 1250 * 1e-4;
    expect(state.outputTokenSeconds * 1e3).toBeCloseTo(decode + 162 / 500, 9);
    expect(state.decoding).toBe(10);
  });

  test("of an engine that mixes, by hand", () => {
    // A prompt adds 50 ms. One in ten requests is in the burst: 500 ms × (1 + 1 / 10) / 2; the others wait for two prompts.
    const state = steadyState(toyLoad, toyCosts, { policy: mixed, constants: nothingAdded }, roomy);
    const prefill = 0.1 * 275 + 0.9 * 100;
    expect(state.promptSeconds * 1e3).toBeCloseTo(50, 9);
    expect(state.firstTokenSeconds * 1e3).toBeCloseTo(prefill + state.decodeStepSeconds * 1e3, 9);
    expect(state.outputTokenSeconds * 1e3).toBeCloseTo(state.decodeStepSeconds * 1e3 + (500 - prefill) / 500, 9);
    // A little under the ten clients decode, since one waits for its first token now and then.
    expect(state.decoding).toBeGreaterThan(9);
    expect(state.decoding).toBeLessThan(10);
  });

  test("of varied lengths waits for the step it meets, then for its own", () => {
    const load = { ...toyLoad, variedLengths: true, requestsPerClient: 1e9 };
    const state = steadyState(load, toyCosts, { policy: mixed, constants: nothingAdded }, roomy);
    const [prompt, step] = [0.05, state.decodeStepSeconds];
    // The nine others' prompts take 0.45 s of 0.5 s + 500 steps.
    const busy = 0.45 / (0.5 + 500 * step);
    const met = step / (1 - busy) + (busy * prompt) / (1 - busy ** 2);
    expect(state.firstTokenSeconds - step).toBeCloseTo(prompt + met / 2 + busy * met, 9);
    // One client alone meets nobody: half a step of its own making is all that its prompt waits.
    const one = steadyState({ ...load, concurrency: 1 }, toyCosts, { policy: mixed, constants: nothingAdded }, roomy);
    expect(one.firstTokenSeconds).toBeLessThanOrEqual(0.05 + 1.5 * one.decodeStepSeconds + 1e-12);
  });

  test("queues where memory holds half of the clients, at the same pace of tokens as with half of them", () => {
    const half = steadyState(
      { ...toyLoad, concurrency: 5 },
      toyCosts,
      { policy: mixed, constants: nothingAdded },
      roomy,
    );
    const queued = steadyState(toyLoad, toyCosts, { policy: mixed, constants: nothingAdded }, 5 * 1250);
    expect(queued.admitted).toBe(5);
    expect(queued.outputTokenSeconds).toBeCloseTo(half.outputTokenSeconds, 12);
    expect(queued.queueSeconds).toBeCloseTo(half.firstTokenSeconds + 500 * half.outputTokenSeconds, 9);
    expect(half.queueSeconds).toBe(0);
  });

  const loads: fc.Arbitrary<SteadyLoad> = fc.record({
    concurrency: fc.integer({ min: 1, max: 500 }),
    promptTokens: fc.integer({ min: 1, max: 20_000 }),
    outputTokens: fc.integer({ min: 2, max: 10_000 }),
    requestsPerClient: fc.integer({ min: 1, max: 100 }),
    variedLengths: fc.boolean(),
  });
  const policies = fc.constantFrom(mixed, first);
  const rows = fc.double({ min: 1e5, max: 1e8, noNaN: true });

  test("computes each request's prompt once in the time of a request: T = s P + o D", () => {
    fc.assert(
      fc.property(loads, policies, rows, (load, policy, capacity) => {
        const state = steadyState(load, toyCosts, { policy, constants: nothingAdded }, capacity);
        const step = policy.prefill === "mixed" ? state.decodeStepSeconds : 0;
        const time = state.firstTokenSeconds - state.queueSeconds - step + load.outputTokens * state.outputTokenSeconds;
        const work = state.admitted * state.promptSeconds + load.outputTokens * state.decodeStepSeconds;
        expect(time / work).toBeCloseTo(1, 9);
      }),
    );
  });

  test("takes longer with more clients, for the first token and for each", () => {
    fc.assert(
      fc.property(loads, policies, fc.integer({ min: 1, max: 100 }), (load, policy, more) => {
        const engine = { policy, constants: nothingAdded };
        const few = steadyState(load, toyCosts, engine, roomy);
        const many = steadyState({ ...load, concurrency: load.concurrency + more }, toyCosts, engine, roomy);
        const time = (state: typeof few): number =>
          state.firstTokenSeconds + load.outputTokens * state.outputTokenSeconds;
        // Within 1 %: where more of the others wait for their first token, fewer decode, and steps are a little shorter.
        expect(time(many)).toBeGreaterThan(time(few) * 0.99);
        expect(many.firstTokenSeconds).toBeGreaterThan(few.firstTokenSeconds * 0.99);
      }),
    );
  });
});
