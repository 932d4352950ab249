import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  exponentialLengths,
  fixedLength,
  type LengthDistribution,
  lognormalLengths,
  uniformLengths,
} from "../../src/serving/length-distribution.ts";
import { type OpenReplica, openReplica } from "../../src/serving/open-loop.ts";
import { usersStateAt } from "../../src/serving/users-loop.ts";
import { first, mixed, steps } from "../fixtures/simulated-fleet.ts";
import { simulatedToy, type ToyReplica, toyReplica } from "../fixtures/toy-replica.ts";

const chunked = { ...mixed, stepTokens: 8192 };
const narrow = { ...mixed, stepTokens: 2048 };

interface Lengths {
  readonly input: LengthDistribution;
  readonly output: LengthDistribution;
}

const equal: Lengths = { input: fixedLength(1000), output: fixedLength(200) };
const spread: Lengths = {
  input: lognormalLengths({ mean: 1000, deviation: 1000 }),
  output: lognormalLengths({ mean: 200, deviation: 150 }),
};
const drawn: Lengths = { input: uniformLengths(800, 1000), output: uniformLengths(160, 200) };
const long: Lengths = { input: fixedLength(10_000), output: fixedLength(300) };
const spreadLong: Lengths = {
  input: lognormalLengths({ mean: 8000, deviation: 6000 }),
  output: exponentialLengths({ mean: 300 }),
};

function openOf(changes: ToyReplica, lengths: Lengths): OpenReplica {
  return openReplica(toyReplica({ policy: chunked, ...changes }), { ...lengths, arrivalVariation: 1 });
}

describe("users, by hand: steps of 10 ms, prompts of 50 ms, 100 further tokens", () => {
  const line = steps((_, __, tokens) => 0.01 + 1e-4 * tokens);
  const open = openOf({ steps: line }, { input: fixedLength(500), output: fixedLength(101) });

  test("one waits 60 ms, then a second: a request in 1.06 s", () => {
    const state = usersStateAt(open, 1);
    expect(state.firstTokenSeconds).toBeCloseTo(0.06, 4);
    expect(state.outputTokenSeconds).toBeCloseTo(0.01, 5);
    expect(state.ratePerSecond).toBeCloseTo(1 / 1.06, 4);
  });

  test("five meet the prompts of the four others between their tokens: 60 ms, then 1.2 s", () => {
    const state = usersStateAt(open, 5);
    expect(Math.abs(state.ratePerSecond / (5 / 1.26) - 1)).toBeLessThan(2e-3);
    expect(Math.abs(state.outputTokenSeconds / 0.012 - 1)).toBeLessThan(2e-3);
  });

  test("more than slots wait for one: 12 at 4 slots, (12 − 4) / λ", () => {
    const queued = openOf({ steps: line, maxSequences: 4 }, { input: fixedLength(500), output: fixedLength(101) });
    const [four, twelve] = [usersStateAt(queued, 4), usersStateAt(queued, 12)];
    expect(twelve.ratePerSecond).toBeCloseTo(four.ratePerSecond, 9);
    expect(twelve.queueSeconds).toBeCloseTo(8 / four.ratePerSecond, 9);
    expect(twelve.firstTokenSeconds - four.firstTokenSeconds).toBeCloseTo(twelve.queueSeconds, 9);
    expect(twelve.firstTokenAt(0.9) - four.firstTokenAt(0.9)).toBeCloseTo(twelve.queueSeconds, 9);
    expect(twelve.running).toBe(4);
  });
});

describe.each<[string, OpenReplica]>([
  ["equal lengths", openOf({}, equal)],
  ["varied lengths", openOf({}, spread)],
  ["prompts first", openOf({ policy: { ...first, stepTokens: 8192 } }, spread)],
  ["prompts of five steps", openOf({ policy: narrow }, long)],
  ["groups of devices", openOf({ steps: { ...toyReplica().steps, groups: 4 } }, spread)],
])("users with %s", (_, open) => {
  const many = fc.integer({ min: 1, max: 400 });
  const further = open.workload.output.mean - 1;

  test("keep Little's law: N = λ (TTFT + (o − 1) TPOT)", () => {
    fc.assert(
      fc.property(many, (users) => {
        const { ratePerSecond, firstTokenSeconds, outputTokenSeconds } = usersStateAt(open, users);
        expect(ratePerSecond * (firstTokenSeconds + further * outputTokenSeconds)).toBeCloseTo(users, 6);
      }),
    );
  });

  test("are served more the more there are, each no sooner", () => {
    fc.assert(
      fc.property(many, many, (users, more) => {
        const [few, all] = [usersStateAt(open, users), usersStateAt(open, users + more)];
        expect(all.ratePerSecond).toBeGreaterThan(few.ratePerSecond * (1 - 1e-3));
        expect(all.ratePerSecond / (users + more)).toBeLessThan((few.ratePerSecond / users) * (1 + 1e-3));
        expect(all.outputTokenSeconds).toBeGreaterThan(few.outputTokenSeconds * (1 - 2e-3));
        expect(Number.isFinite(all.firstTokenAt(0.95))).toBe(true);
      }),
    );
  });
});

/** The largest errors against the simulation, in per cent: throughput, mean TTFT and mean TPOT. */
const cases: readonly (readonly [string, number, number, number, ToyReplica, Lengths])[] = [
  ["equal lengths", 1, 20, 1, {}, equal],
  ["varied lengths", 2, 3, 1, {}, spread],
  ["lengths drawn from 80 to 100 %", 1, 2, 1, {}, drawn],
  ["prompts first, equal lengths", 3, 35, 4, { policy: { ...first, stepTokens: 8192 } }, equal],
  ["prompts first, varied lengths", 2, 10, 2, { policy: { ...first, stepTokens: 8192 } }, spread],
  ["two stages", 3, 10, 3, { stages: 2 }, spread],
  ["drafts of which 2.5 are taken a step", 2, 3, 3, { tokensPerStep: 2.5 }, spread],
  ["32 slots", 1, 2, 1, { maxSequences: 32 }, spread],
  ["prompts of five steps", 1, 2, 1, { policy: narrow }, long],
  ["prompts of five steps, varied", 1, 25, 2, { policy: narrow }, spreadLong],
];

describe("the simulation of 1 to 128 users who start one after the other", () => {
  test.each(cases)("%s: throughput within %d %, TTFT within %d % and TPOT within %d %", (...args) => {
    const [, rate, firstToken, token, changes, lengths] = args;
    const open = openOf(changes, lengths);
    for (const users of [1, 4, 16, 64, 128]) {
      const state = usersStateAt(open, users);
      const rampSeconds = state.firstTokenSeconds + lengths.output.mean * state.outputTokenSeconds;
      const simulated = simulatedToy(open.replica, open.workload, { users, rampSeconds });
      const off = (predicted: number, wanted: number): number => 100 * Math.abs(predicted / wanted - 1);
      expect(off(state.ratePerSecond, simulated.requestsPerSecond)).toBeLessThan(rate);
      expect(off(state.firstTokenSeconds, simulated.ttftSeconds.mean)).toBeLessThan(firstToken);
      expect(off(state.outputTokenSeconds, simulated.tpotSeconds.mean)).toBeLessThan(token);
    }
  });

  test("varied lengths: the 95th percentile of first tokens within 20 %, of output tokens within 10 %", () => {
    const open = openOf({}, spread);
    for (const users of [1, 4, 16, 64, 128]) {
      const state = usersStateAt(open, users);
      const simulated = simulatedToy(open.replica, open.workload, { users, rampSeconds: 5 });
      expect(Math.abs(state.firstTokenAt(0.95) / simulated.ttftSeconds.p95 - 1)).toBeLessThan(0.2);
      expect(Math.abs(state.outputTokenAt(0.95) / simulated.tpotSeconds.p95 - 1)).toBeLessThan(0.1);
    }
  });
});
