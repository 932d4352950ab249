import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  exponentialLengths,
  fixedLength,
  type LengthDistribution,
  lognormalLengths,
  uniformLengths,
} from "../../src/serving/length-distribution.ts";
import {
  type OpenReplica,
  openReplica,
  openStateAt,
  openStateAtRate,
  promptsOnlyAt,
} from "../../src/serving/open-loop.ts";
import { first, mixed, steps } from "../fixtures/simulated-fleet.ts";
import { simulatedToy, type ToyReplica, toyReplica } from "../fixtures/toy-replica.ts";

const chunked = { ...mixed, stepTokens: 8192 };
const chunkedFirst = { ...first, stepTokens: 8192 };

function openOf(changes: ToyReplica, input: LengthDistribution, output: LengthDistribution, arrivalVariation = 1) {
  return openReplica(toyReplica({ policy: chunked, maxSequences: 256, ...changes }), {
    ...{ input, output, arrivalVariation },
  });
}

/** 10 ms a step and 0.1 ms a sequence; a prompt of 500 tokens adds 50 ms; 101 tokens an answer. */
const line = steps((sequences, _, tokens) => 0.01 + 1e-4 * sequences + 1e-4 * tokens);
const byHand = openOf({ steps: line }, fixedLength(500), fixedLength(101));

describe("a state by hand: 10 sequences, D = 11 ms, P = 50 ms, 100 further tokens", () => {
  const state = openStateAt(byHand, 10);

  test("a token takes D + B P / 100 = 16 ms, so that 10 / 1.6 s = 6.25 requests come a second", () => {
    expect(state.decodeStepSeconds).toBeCloseTo(0.011, 12);
    expect(state.promptSeconds).toBeCloseTo(0.05, 12);
    expect(state.ratePerSecond).toBeCloseTo(6.25, 9);
  });

  test("prompts take λ P = 31 % of the time, decoding the rest: D / (1 − λ P) is the token's 16 ms", () => {
    expect(state.promptShare).toBeCloseTo(0.3125, 9);
    expect(0.011 / (1 - state.promptShare)).toBeCloseTo(0.016, 9);
  });

  test("requests meet longer steps the more often: their tokens take 16 ms and up to 5 % more", () => {
    expect(state.outputTokenSeconds).toBeGreaterThan(0.016);
    expect(state.outputTokenSeconds).toBeLessThan(0.0168);
  });

  test("Little's law: as many decode as λ × 100 tokens, and those in the engine wait for the first one beside them", () => {
    expect(state.decoding).toBeCloseTo(6.25 * 100 * state.outputTokenSeconds, 9);
    expect(state.running).toBeCloseTo(state.decoding + 6.25 * (0.05 + 0.011), 9);
  });

  test("with tokens of drafts: 2.5 a step, D / 2.5 + B P / 100 = 9.4 ms", () => {
    const drafted = openOf({ steps: { ...line, tokensPerStep: 2.5 } }, fixedLength(500), fixedLength(101));
    expect(openStateAt(drafted, 10).ratePerSecond).toBeCloseTo(10 / 0.94, 9);
  });

  test("with 0.8 of each prompt in the cache: P = 10 ms, 12 ms a token", () => {
    const cached = openOf({ steps: line, cachedPromptShare: 0.8 }, fixedLength(500), fixedLength(101));
    const { promptSeconds, ratePerSecond } = openStateAt(cached, 10);
    expect(promptSeconds).toBeCloseTo(0.01, 12);
    expect(ratePerSecond).toBeCloseTo(10 / 1.2, 9);
  });

  test("with steps of 200 tokens beside 10 sequences a prompt takes 2.6 of them, which changes nothing of what it adds", () => {
    const narrow = openOf({ steps: line, policy: { ...mixed, stepTokens: 200 } }, fixedLength(500), fixedLength(101));
    expect(openStateAt(narrow, 10).ratePerSecond).toBeCloseTo(6.25, 9);
  });
});

describe("a replica where nearly nobody comes", () => {
  test("gives the first token after the way, its own prompt and step: 5 + 60 ms; the others 10.1 ms each", () => {
    const idle = openOf({ steps: line, requestSeconds: 0.005 }, fixedLength(500), fixedLength(101));
    const state = openStateAt(idle, 1e-4);
    expect(state.firstTokenSeconds).toBeCloseTo(0.065, 5);
    expect(state.outputTokenSeconds).toBeCloseTo(0.0101, 4);
    expect(state.outputTokenAt(0.99)).toBeLessThan(0.0105);
  });

  test("with two stages a prompt goes through both", () => {
    const staged = openOf({ steps: { ...line, stages: 2 } }, fixedLength(500), fixedLength(101));
    expect(openStateAt(staged, 1e-4).firstTokenSeconds).toBeCloseTo(0.11, 4);
  });

  test("answers of one token have a first token and nothing after it", () => {
    const state = openStateAt(openOf({ steps: line }, fixedLength(500), fixedLength(1)), 0.01);
    expect(state.decoding).toBe(0);
    expect(Number.isFinite(state.firstTokenAt(0.99))).toBe(true);
  });
});

const spread = {
  input: lognormalLengths({ mean: 1000, deviation: 1000 }),
  output: lognormalLengths({ mean: 200, deviation: 150 }),
};
const long = { input: fixedLength(10_000), output: fixedLength(300) };
const spreadLong = {
  input: lognormalLengths({ mean: 8000, deviation: 6000 }),
  output: exponentialLengths({ mean: 300 }),
};
const equal = { input: fixedLength(1000), output: fixedLength(200) };

describe.each<[string, OpenReplica]>([
  ["mixed, equal lengths", openOf({}, equal.input, equal.output)],
  ["mixed, varied lengths", openOf({}, spread.input, spread.output)],
  ["prompts first", openOf({ policy: chunkedFirst }, spread.input, spread.output)],
  ["prompts of several steps", openOf({ policy: { ...mixed, stepTokens: 2048 } }, long.input, long.output)],
  ["16 slots", openOf({ maxSequences: 16 }, equal.input, equal.output)],
])("a replica, %s", (_, open) => {
  const share = fc.double({ min: 0.01, max: 0.97, noNaN: true });
  const most = openStateAt(open, open.slots).ratePerSecond;

  test("is in the state of a rate where the state has that rate", () => {
    fc.assert(
      fc.property(share, (part) => {
        const state = openStateAtRate(open, part * most);
        expect(state!.ratePerSecond / (part * most)).toBeCloseTo(1, 3);
      }),
    );
  });

  test("can't serve more than its slots hold", () => {
    expect(openStateAtRate(open, most * 1.001)).toBeNull();
    expect(openStateAtRate(open, most * 0.999)).not.toBeNull();
  });

  test("takes longer for all the more requests come, on average and at the 95th percentile", () => {
    fc.assert(
      fc.property(share, share, (a, b) => {
        const [few, many] = [a, b].sort((x, y) => x - y).map((part) => openStateAtRate(open, part * most)!) as [
          NonNullable<ReturnType<typeof openStateAtRate>>,
          NonNullable<ReturnType<typeof openStateAtRate>>,
        ];
        expect(many.firstTokenSeconds).toBeGreaterThanOrEqual(few.firstTokenSeconds * (1 - 1e-3));
        expect(many.outputTokenSeconds).toBeGreaterThanOrEqual(few.outputTokenSeconds * (1 - 1e-3));
        expect(many.firstTokenAt(0.95)).toBeGreaterThanOrEqual(few.firstTokenAt(0.95) * 0.98);
        expect(many.outputTokenAt(0.95)).toBeGreaterThanOrEqual(few.outputTokenAt(0.95) * 0.98);
        expect(many.promptShare).toBeGreaterThanOrEqual(few.promptShare * (1 - 1e-3));
      }),
      { numRuns: 30 },
    );
  });

  test("has percentiles that rise with the share and lie around the mean", () => {
    const state = openStateAtRate(open, 0.6 * most)!;
    for (const [at, mean] of [
      [state.firstTokenAt, state.firstTokenSeconds],
      [state.outputTokenAt, state.outputTokenSeconds],
    ] as const) {
      const times = [0.05, 0.25, 0.5, 0.75, 0.95, 0.99].map((part) => at(part));
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times[0]).toBeLessThan(mean);
      expect(times[4]).toBeGreaterThan(mean);
    }
  });
});

describe("slots", () => {
  test("hold a request's prompt and half of its answer: 11,000 bytes of one a row hold 10 of 1000 + 200", () => {
    expect(openOf({ cacheCapacityBytes: 11_000 }, equal.input, equal.output).slots).toBeCloseTo(10, 9);
  });

  test("of answers that vary hold those that are met, E[o²] / E[o]: twice the mean where exponential", () => {
    const answers = exponentialLengths({ mean: 200 });
    const open = openOf({ cacheCapacityBytes: 12_000 }, fixedLength(1000), answers);
    expect(open.slots).toBeCloseTo(12_000 / (1000 + answers.meanSquare / answers.mean / 2), 9);
  });

  test("are as many as the engine runs at most, and without end where nothing limits them", () => {
    expect(openOf({ maxSequences: 7 }, equal.input, equal.output).slots).toBe(7);
    const endless = openOf({ maxSequences: Number.POSITIVE_INFINITY }, equal.input, equal.output);
    expect(endless.slots).toBe(Number.POSITIVE_INFINITY);
    expect(openStateAtRate(endless, 5)!.ratePerSecond).toBeCloseTo(5, 3);
    expect(openStateAtRate(openOf({ cacheCapacityBytes: 0 }, equal.input, equal.output), 1)).toBeNull();
  });
});

describe("prompts that fill steps", () => {
  const open = openOf({ policy: { ...mixed, stepTokens: 2048 } }, long.input, long.output);

  test("let no more sequences decode than K C / (K + L) = 299 × 2048 / 10,299 = 59.5, at full steps", () => {
    const most = openStateAt(open, 59.4);
    expect(openStateAt(open, 1000).ratePerSecond).toBeCloseTo(openStateAt(open, 59.5).ratePerSecond, 2);
    expect(openStateAt(open, 1000).firstTokenSeconds).toBe(Number.POSITIVE_INFINITY);
    expect(openStateAt(open, 1000).firstTokenAt(0.5)).toBe(Number.POSITIVE_INFINITY);
    // No token takes longer than a full step: 2048 tokens that see 5000 rows, and 60 sequences.
    expect(most.outputTokenAt(0.999)).toBeLessThan(0.0105 + 60 * (2e-5 + 5e-9 * 10_150) + 2048 * (5e-5 + 2e-9 * 5100));
  });
});

describe("prompts alone", () => {
  const prefill = openOf({ steps: line }, fixedLength(500), fixedLength(101));

  test("by hand: one a step of 60 ms at half of its rate waits like M/D/1: 60 + 30 ms", () => {
    const half = promptsOnlyAt(prefill, 0.5 / 0.06, 1);
    expect(half.promptShare).toBeCloseTo(0.5, 9);
    expect(half.firstTokenSeconds).toBeCloseTo(0.09, 4);
  });

  test("wait less for one of four replicas than for one of their own, and longer where they are busier", () => {
    const at = (share: number, servers: number): number =>
      promptsOnlyAt(prefill, share / 0.06, servers).firstTokenSeconds;
    expect(at(0.7, 4)).toBeLessThan(at(0.7, 1));
    expect(at(0.9, 4)).toBeGreaterThan(at(0.7, 4));
    expect(at(1.01, 1)).toBe(Number.POSITIVE_INFINITY);
  });
});

/** In per cent of the simulation's: means of first and further tokens, and their 95th percentiles, at 10, 30 and 60 %, and at 85 %. */
interface Bounds {
  readonly mean: readonly [number, number];
  readonly p95: readonly [number, number];
}

const near: Bounds = { mean: [5, 10], p95: [10, 15] };
const usual: Bounds = { mean: [10, 20], p95: [15, 20] };
const cases: readonly (readonly [
  string,
  Bounds,
  ToyReplica,
  { input: LengthDistribution; output: LengthDistribution },
])[] = [
  ["mixed, equal lengths", near, {}, equal],
  ["mixed, varied lengths", near, {}, spread],
  ["mixed, long answers", near, {}, { input: uniformLengths(100, 500), output: uniformLengths(200, 1500) }],
  [
    "mixed, half of each prompt cached",
    near,
    { cachedPromptShare: 0.5 },
    { input: fixedLength(2000), output: fixedLength(200) },
  ],
  ["first, equal lengths", near, { policy: chunkedFirst }, equal],
  ["first, varied lengths", usual, { policy: chunkedFirst }, spread],
  ["two stages, varied lengths", { mean: [5, 10], p95: [15, 15] }, { stages: 2 }, spread],
  ["drafts of which 2.5 are taken a step", usual, { tokensPerStep: 2.5 }, spread],
  ["drafts, prompts first", usual, { tokensPerStep: 2.5, policy: chunkedFirst }, spread],
  ["16 slots", usual, { maxSequences: 16 }, { input: fixedLength(1000), output: exponentialLengths({ mean: 200 }) }],
  ["prompts of a step", usual, { policy: { ...mixed, stepTokens: 1100 } }, equal],
  ["prompts of two thirds of a step", usual, { policy: { ...mixed, stepTokens: 1500 } }, equal],
  ["prompts of five steps", usual, { policy: { ...mixed, stepTokens: 2048 } }, long],
  [
    "prompts of five steps, varied",
    { mean: [10, 20], p95: [30, 10] },
    { policy: { ...mixed, stepTokens: 2048 } },
    spreadLong,
  ],
  ["prompts of five steps, first", { mean: [10, 10], p95: [15, 30] }, { policy: { ...first, stepTokens: 2048 } }, long],
  [
    "prompts of five steps, first, varied",
    { mean: [15, 15], p95: [20, 45] },
    { policy: { ...first, stepTokens: 2048 } },
    spreadLong,
  ],
];

describe("the simulation, at a share of the largest rate", () => {
  test.each(cases.map(([name, { mean, p95 }, changes, lengths]) => [name, ...mean, ...p95, changes, lengths] as const))(
    "%s: means within %d % to 60 % and %d % at 85 %, 95th percentiles within %d % and %d %",
    (_, mean, meanBusy, p95, p95Busy, changes, { input, output }) => {
      const open = openOf(changes, input, output);
      const most = openStateAt(open, open.slots).ratePerSecond;
      for (const share of [0.1, 0.3, 0.6, 0.85]) {
        const state = openStateAtRate(open, share * most)!;
        const simulated = simulatedToy(open.replica, open.workload, { ratePerSecond: share * most });
        const isBusy = share > 0.6;
        const off = (predicted: number, wanted: number): number => 100 * Math.abs(predicted / wanted - 1);
        const { ttftSeconds, tpotSeconds } = simulated;
        expect(off(state.firstTokenSeconds, ttftSeconds.mean)).toBeLessThan(isBusy ? meanBusy : mean);
        expect(off(state.outputTokenSeconds, tpotSeconds.mean)).toBeLessThan(isBusy ? meanBusy : mean);
        expect(off(state.firstTokenAt(0.95), ttftSeconds.p95)).toBeLessThan(isBusy ? p95Busy : p95);
        expect(off(state.outputTokenAt(0.95), tpotSeconds.p95)).toBeLessThan(isBusy ? p95Busy : p95);
      }
    },
  );

  test("bursts (cv 2): means within 15 %, 95th percentiles within 20 % to 60 %, first tokens of an engine that mixes", () => {
    const open = openOf({}, equal.input, equal.output, 4);
    const most = openStateAt(open, open.slots).ratePerSecond;
    for (const share of [0.1, 0.3, 0.6]) {
      const state = openStateAtRate(open, share * most)!;
      const { ttftSeconds, tpotSeconds } = simulatedToy(open.replica, open.workload, { ratePerSecond: share * most });
      expect(Math.abs(state.firstTokenSeconds / ttftSeconds.mean - 1)).toBeLessThan(0.15);
      expect(Math.abs(state.firstTokenAt(0.95) / ttftSeconds.p95 - 1)).toBeLessThan(0.2);
      expect(Math.abs(state.outputTokenSeconds / tpotSeconds.mean - 1)).toBeLessThan(0.05);
    }
  });

  test("regular arrivals are answered sooner than here, never later than 3 % on average", () => {
    const open = openOf({}, equal.input, equal.output, 0);
    const most = openStateAt(open, open.slots).ratePerSecond;
    for (const share of [0.1, 0.3, 0.6]) {
      const state = openStateAtRate(open, share * most)!;
      const { ttftSeconds, tpotSeconds } = simulatedToy(open.replica, open.workload, { ratePerSecond: share * most });
      expect(ttftSeconds.mean).toBeLessThan(1.03 * state.firstTokenSeconds);
      expect(state.firstTokenSeconds).toBeLessThan(1.35 * ttftSeconds.mean);
      expect(Math.abs(state.outputTokenSeconds / tpotSeconds.mean - 1)).toBeLessThan(0.03);
    }
  });
});
