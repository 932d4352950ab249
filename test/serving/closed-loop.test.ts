import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ClosedState, closedStateAt } from "../../src/serving/closed-loop.ts";
import {
  fixedLength,
  type LengthDistribution,
  lognormalLengths,
  uniformLengths,
} from "../../src/serving/length-distribution.ts";
import { type OpenReplica, openReplica } from "../../src/serving/open-loop.ts";
import type { ReplicaModel } from "../../src/serving/replica-model.ts";
import { first, mixed, steps } from "../fixtures/simulated-fleet.ts";
import { simulatedToy, type ToyReplica, toyReplica } from "../fixtures/toy-replica.ts";

const client = { waitPrompts: 2, requestSeconds: 0 };
const chunked = { ...mixed, stepTokens: 8192 };

function openOf(model: ReplicaModel, input: LengthDistribution, output: LengthDistribution): OpenReplica {
  return openReplica(model, { input, output, arrivalVariation: 1 });
}

const fixed = openOf(toyReplica({ policy: chunked }), fixedLength(1000), fixedLength(200));
const spread = openOf(
  toyReplica({ policy: chunked }),
  lognormalLengths({ mean: 1000, deviation: 1000 }),
  lognormalLengths({ mean: 200, deviation: 150 }),
);

describe("one user", () => {
  const steady = steps((sequences, _, tokens) => (sequences > 0 || tokens > 0 ? 0.01 : 0) + tokens * 1e-4);
  const alone = openOf(toyReplica({ steps: steady, policy: chunked }), fixedLength(500), fixedLength(101));

  test("by hand: a prompt of 50 ms and a step of 10 ms, 100 further tokens of 10 ms: 1.06 s a request", () => {
    const state = closedStateAt(alone, 1, client);
    expect(state.firstTokenSeconds).toBeCloseTo(0.06, 9);
    expect(state.outputTokenSeconds).toBeCloseTo(0.01, 9);
    expect(state.ratePerSecond).toBeCloseTo(1 / 1.06, 6);
    expect(state.queueSeconds).toBe(0);
  });

  test("waits for the way to the engine before the first token alone", () => {
    const near = closedStateAt(alone, 1, client);
    const far = closedStateAt(alone, 1, { ...client, requestSeconds: 0.2 });
    expect(far.firstTokenSeconds - near.firstTokenSeconds).toBeCloseTo(0.2, 9);
    expect(far.outputTokenSeconds).toBeCloseTo(near.outputTokenSeconds, 12);
  });

  test("is served at once of whose prompt nothing is computed anew but a token", () => {
    const cached = openOf(
      toyReplica({ steps: steady, policy: chunked, cachedPromptShare: 0.8 }),
      fixedLength(500),
      fixedLength(101),
    );
    expect(closedStateAt(cached, 1, client).firstTokenSeconds).toBeCloseTo(0.02, 9);
  });

  test("gets 2.5 tokens a step where drafts are taken", () => {
    const drafted = openOf(
      toyReplica({ steps: { ...steady, tokensPerStep: 2.5 }, policy: chunked }),
      fixedLength(500),
      fixedLength(101),
    );
    const state = closedStateAt(drafted, 1, client);
    expect(state.outputTokenSeconds).toBeCloseTo(0.004, 9);
    expect(state.ratePerSecond).toBeCloseTo(1 / (0.05 + 0.004 + 100 * 0.004), 6);
  });
});

describe.each([
  ["equal lengths", fixed],
  ["varied lengths", spread],
  [
    "prompts first",
    openOf(toyReplica({ policy: { ...first, stepTokens: 8192 } }), fixedLength(1000), fixedLength(200)),
  ],
])("users with %s", (_, open) => {
  const at = (users: number): ClosedState => closedStateAt(open, users, client);
  const many = fc.integer({ min: 1, max: 1000 });

  test("are served within the asymptotic bounds: N / (time alone), and 1 / (prompt's time beside others)", () => {
    const alone = at(1);
    const most = 1 / (1000 * (5e-5 + 2e-9 * 500));
    fc.assert(
      fc.property(many, (users) => {
        const { ratePerSecond } = at(users);
        expect(ratePerSecond).toBeLessThanOrEqual(users * alone.ratePerSecond * (1 + 1e-9));
        expect(ratePerSecond).toBeLessThan(most);
      }),
    );
  });

  test("are served more in all and each more slowly, the more there are", () => {
    fc.assert(
      fc.property(many, many, (users, more) => {
        const [few, all] = [at(users), at(users + more)];
        expect(all.ratePerSecond).toBeGreaterThan(few.ratePerSecond * (1 - 1e-9));
        expect(all.ratePerSecond / (users + more)).toBeLessThan((few.ratePerSecond / users) * (1 + 1e-9));
      }),
    );
  });

  test("keep Little's law: as many in the engine as rate × time there, and no more than slots", () => {
    fc.assert(
      fc.property(many, (users) => {
        const { ratePerSecond, firstTokenSeconds, outputTokenSeconds, queueSeconds, running } = at(users);
        const inside = firstTokenSeconds - queueSeconds + (open.workload.output.mean - 1) * outputTokenSeconds;
        expect((ratePerSecond * inside) / running).toBeCloseTo(1, 9);
        expect(running).toBeLessThanOrEqual(Math.min(users, open.slots));
        expect(ratePerSecond * (inside + queueSeconds)).toBeCloseTo(users, 6);
      }),
    );
  });

  test("have first tokens and output tokens whose percentiles rise, those of the mean's size in the middle", () => {
    const state = at(32);
    const shares = [0.1, 0.5, 0.9, 0.99];
    for (const quantile of [state.firstTokenAt, state.outputTokenAt]) {
      const times = shares.map((share) => quantile(share));
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
    expect(state.outputTokenAt(0.5) / state.outputTokenSeconds).toBeGreaterThan(0.8);
    expect(state.outputTokenAt(0.5) / state.outputTokenSeconds).toBeLessThan(1.1);
  });
});

describe("more users than slots", () => {
  const narrow = openOf(toyReplica({ policy: chunked, maxSequences: 16 }), fixedLength(1000), fixedLength(200));

  test("wait in a queue while those inside go on as they were: 32 and 64 users at 16 slots", () => {
    const [double, quadruple] = [closedStateAt(narrow, 32, client), closedStateAt(narrow, 64, client)];
    expect(quadruple.ratePerSecond / double.ratePerSecond).toBeCloseTo(1, 9);
    expect(quadruple.outputTokenSeconds).toBeCloseTo(double.outputTokenSeconds, 9);
    expect(quadruple.queueSeconds / double.queueSeconds).toBeCloseTo(3, 6);
    expect(quadruple.running).toBe(16);
  });

  test("in a queue without end have a first token all the same: its percentiles are no NaN", () => {
    const state = closedStateAt(narrow, 1e6, client);
    expect(Number.isFinite(state.firstTokenAt(0.95))).toBe(true);
    expect(state.firstTokenAt(0.95)).toBeGreaterThanOrEqual(state.firstTokenSeconds);
  });

  test("whose prompts fill every step, which an open loop could not bear, have the mean at every percentile", () => {
    const model = toyReplica({ policy: { ...mixed, stepTokens: 2048 } });
    const state = closedStateAt(openOf(model, fixedLength(10_000), fixedLength(300)), 500, client);
    expect(state.firstTokenAt(0.95)).toBe(state.firstTokenSeconds);
  });

  test("where memory holds 10 requests: 10 are inside", () => {
    const model = toyReplica({ policy: chunked, cacheCapacityBytes: 11_000 });
    // A request holds its prompt and half of its answer's rows on average, a byte each.
    const state = closedStateAt(openOf(model, fixedLength(1000), fixedLength(200)), 100, client);
    expect(state.running).toBeCloseTo(10, 9);
  });
});

/**
 * Simulated users send their next request at the very end of the step that answers them, so they never meet a running step, as
 * clients over a network do: their first tokens come sooner than here, what they and the engine get done is the same.
 */
describe("the simulation of as many users", () => {
  const bounds: readonly (readonly [string, number, number, OpenReplica])[] = [
    ["equal lengths", 0.01, 0.12, fixed],
    ["varied lengths", 0.03, 0.04, spread],
    [
      "lengths drawn from 80 to 100 %",
      0.01,
      0.02,
      openOf(toyReplica({ policy: chunked }), uniformLengths(800, 1000), uniformLengths(160, 200)),
    ],
    [
      "prompts first, equal lengths",
      0.01,
      0.1,
      openOf(toyReplica({ policy: { ...first, stepTokens: 8192 } }), fixedLength(1000), fixedLength(200)),
    ],
    ["two stages", 0.04, 0.04, openWith({ stages: 2 })],
    ["drafts of which 2.5 are taken a step", 0.04, 0.06, openWith({ tokensPerStep: 2.5 })],
    ["32 slots", 0.02, 0.04, openWith({ maxSequences: 32 })],
  ];
  function openWith(changes: ToyReplica): OpenReplica {
    const { input, output } = spread.workload;
    return openOf(toyReplica({ policy: chunked, ...changes }), input, output);
  }

  test.each(bounds)("%s: throughput within %d and TPOT within %d of it, 1 to 128 users", (_, rate, token, open) => {
    for (const users of [1, 4, 16, 64, 128]) {
      const state = closedStateAt(open, users, { waitPrompts: 2.5, requestSeconds: 0 });
      const simulated = simulatedToy(open.replica, open.workload, { users });
      expect(Math.abs(state.ratePerSecond / simulated.requestsPerSecond - 1)).toBeLessThan(rate);
      expect(Math.abs(state.outputTokenSeconds / simulated.tpotSeconds.mean - 1)).toBeLessThan(token);
    }
  });
});
