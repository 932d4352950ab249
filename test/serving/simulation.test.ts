import { describe, expect, test } from "vitest";
import { type SimulationRequest, type SimulationResult, simulateServing } from "../../src/serving/simulation.ts";
import { first, mixed, type Row, replica, steps, streamOf } from "../fixtures/simulated-fleet.ts";

/** 10 ms a step, 40 ms more with a prompt in it. */
const promptCosts = steps((_, __, promptTokens) => (promptTokens > 0 ? 0.05 : 0.01));

function simulate(rows: readonly Row[], changes: Partial<SimulationRequest> = {}): SimulationResult {
  return simulateServing({
    replica: replica(),
    replicas: 1,
    balancer: "least-loaded",
    load: { kind: "open", requests: streamOf(rows) },
    ...changes,
  });
}

describe("one request on an idle replica", () => {
  test("takes its prompt's step to the first token and a step to each further one: the example of the description", () => {
    const result = simulate([[0, 100, 11]], { replica: replica({ steps: promptCosts }) });
    expect(result.ttftSeconds.max).toBeCloseTo(0.05, 14);
    expect(result.tpotSeconds.max).toBeCloseTo(0.01, 14);
    expect(result.endToEndSeconds.max).toBeCloseTo(0.15, 14);
    expect(result.queueSeconds.max).toBe(0);
    expect(result.requests).toEqual({ arrived: 1, completed: 1, rejected: 0, preempted: 0 });
    expect([result.inputTokens, result.outputTokens]).toEqual([100, 11]);
    expect(result.durationSeconds).toBeCloseTo(0.15, 14);
    expect(result.tokensPerSecond).toBeCloseTo(11 / 0.15, 10);
    expect(result.utilization).toBeCloseTo(1, 12);
  });

  test("arrives late, and pays the way to the engine once in TTFT and end to end, not in TPOT or the queue", () => {
    const result = simulate([[8, 100, 3]], { replica: replica({ requestSeconds: 0.25 }) });
    expect(result.ttftSeconds.max).toBe(1.25);
    expect(result.tpotSeconds.max).toBe(1);
    expect(result.endToEndSeconds.max).toBe(3.25);
    expect(result.durationSeconds).toBe(11);
    expect(result.utilization).toBeCloseTo(3 / 11, 12);
    expect(result.meanRunning).toBeCloseTo(3 / 11, 12);
  });

  test("with one output token has no TPOT and meets any objective of it", () => {
    const result = simulate([[0, 5, 1]], { objectives: { tpotSeconds: 1e-9, ttftSeconds: 1 } });
    expect(result.tpotSeconds).toMatchObject({ count: 0, mean: 0, max: 0 });
    expect(result.endToEndSeconds.max).toBe(1);
    expect(result.goodputShare).toBe(1);
  });

  test.each([
    [1, 10],
    [2, 5],
    [2.5, 4],
    [4, 3],
    [100, 1],
  ])("of 11 tokens with %d tokens a step takes %d decode steps", (tokensPerStep, decodeSteps) => {
    const result = simulate([[0, 5, 11]], { replica: replica({ steps: steps(() => 1, tokensPerStep) }) });
    expect(result.endToEndSeconds.max).toBe(1 + decodeSteps);
    expect(result.tpotSeconds.max).toBeCloseTo(decodeSteps / 10, 12);
  });

  test("gets all tokens (stages − 1) times its prompt's extra seconds later where stages work on different requests", () => {
    const model = replica({ steps: { ...promptCosts, stages: 4 } });
    const result = simulate([[0, 100, 11]], { replica: model });
    expect(result.ttftSeconds.max).toBeCloseTo(0.05 * 4, 12);
    expect(result.endToEndSeconds.max).toBeCloseTo(0.05 * 4 + 0.1, 12);
    expect(simulate([[0, 100, 1]], { replica: model }).endToEndSeconds.max).toBeCloseTo(0.2, 12);
  });

  test("sees its context grow: steps of 1 µs a row take the sum over rows, to the parts per thousand of a stretch's middle", () => {
    const model = replica({ steps: steps((sequences, context) => 1e-6 * sequences * context) });
    // The prompt's step decodes nothing and takes none. Then rows 10 001 … 11 000.
    const result = simulate([[0, 10_000, 1001]], { replica: model });
    expect(result.endToEndSeconds.max).toBeCloseTo(1e-6 * ((10_001 + 11_000) / 2) * 1000, 9);
  });
});

describe("two requests", () => {
  test("that overlap: the second waits for the step's end, and its prompt lengthens a step of the first", () => {
    // First: prompt to 50, tokens at 60, 70, 80; the second comes at 73, its prompt runs from 80 to 130, then both decode.
    const rows: Row[] = [
      [0, 100, 6],
      [0.073, 100, 3],
    ];
    const result = simulate(rows, { replica: replica({ steps: promptCosts }) });
    // First: 80, 130, 140 (6 tokens). Second: first token at 130, 140, 150.
    expect(result.ttftSeconds.max).toBeCloseTo(0.13 - 0.073, 12);
    expect(result.queueSeconds.max).toBeCloseTo(0.007, 12);
    expect(result.endToEndSeconds.max).toBeCloseTo(0.14, 12);
    expect(result.durationSeconds).toBeCloseTo(0.15, 12);
    expect(result.tpotSeconds.max).toBeCloseTo(0.09 / 5, 12);
    expect(result.meanRunning).toBeCloseTo((0.14 + 0.07) / 0.15, 9);
    expect(result.meanWaiting).toBeCloseTo(0.007 / 0.15, 9);
  });

  test("that come at the same moment are computed together, also at a step's very end", () => {
    const rows: Row[] = [
      [0, 1, 2],
      [0, 1, 2],
      [2, 1, 1],
      [2, 1, 1],
    ];
    const result = simulate(rows);
    expect(result.ttftSeconds.max).toBe(1);
    expect(result.queueSeconds.max).toBe(0);
    expect(result.durationSeconds).toBe(3);
  });

  test("one at a time where the engine takes one, first come first served", () => {
    const rows: Row[] = [
      [0, 1, 3],
      [0, 1, 5],
    ];
    const result = simulate(rows, { replica: replica({ maxSequences: 1 }) });
    expect(result.queueSeconds.max).toBe(3);
    expect(result.endToEndSeconds.max).toBe(8);
  });

  test("the second waits for memory where its prompt does not fit beside the first, from both sides", () => {
    const rows: Row[] = [
      [0, 10, 5],
      [0.5, 10, 5],
    ];
    const waits = (cacheCapacityBytes: number, admittedShare: number): number =>
      simulate(rows, {
        replica: replica({ cacheCapacityBytes, policy: { ...mixed, admittedShare } }),
      }).queueSeconds.max;
    // At 1 s the first holds 10 rows and is about to hold 11.25; the second needs 10 and a step's 1.25 more.
    expect(waits(22.5, 0)).toBe(0.5);
    expect(waits(22.4, 0)).toBe(4.5);
    // All 15 + 15 rows set aside.
    expect(waits(30, 1)).toBe(0.5);
    expect(waits(29, 1)).toBe(4.5);
    // Held 20, and half of the growth to 30.
    expect(waits(25, 0.5)).toBe(0.5);
    expect(waits(24.9, 0.5)).toBe(4.5);
  });
});

describe("prompts", () => {
  test("beyond a step's tokens are computed in chunks, decoding ones first, each told with the rows that it sees", () => {
    const seen: (readonly number[])[] = [];
    const model = replica({
      policy: { ...mixed, stepTokens: 100 },
      steps: steps((sequences, context, promptTokens, promptContext) => {
        seen.push([sequences, context, promptTokens, promptContext]);
        return 1;
      }),
    });
    const rows: Row[] = [
      [0, 40, 4],
      [0, 150, 1],
    ];
    const result = simulate(rows, { replica: model });
    expect(seen.slice(0, 3)).toEqual([
      // 40 tokens that see 20.5 rows on average, 60 that see 30.5.
      [0, 0, 100, (40 * 20.5 + 60 * 30.5) / 100],
      // 90 left of the second prompt beside one that decodes and sees 41 rows, its own among them.
      [1, 41, 90, 60 + 45.5],
      [1, 42.5, 0, 0],
    ]);
    expect(result.ttftSeconds.max).toBe(2);
    expect(result.durationSeconds).toBe(4);
  });

  test("found in the cache are not computed but seen; one token of them is", () => {
    const seen: number[][] = [];
    const stepSeconds = (_: number, __: number, promptTokens: number, promptContext: number): number => {
      if (promptTokens > 0) seen.push([promptTokens, promptContext]);
      return 1;
    };
    const run = (cachedPromptShare: number): unknown =>
      simulate([[0, 100, 1]], { replica: replica({ steps: steps(stepSeconds), cachedPromptShare }) });
    run(0.6);
    run(1);
    expect(seen).toEqual([
      [40, 60 + 20.5],
      [1, 100],
    ]);
  });

  test("leave at least one token a step to prompts where decoding fills it", () => {
    const model = replica({ policy: { ...mixed, stepTokens: 2 } });
    const rows: Row[] = [
      [0, 1, 50],
      [0, 1, 50],
      [1, 3, 1],
    ];
    // Three steps of one token each.
    expect(simulate(rows, { replica: model }).ttftSeconds.max).toBe(3);
  });

  test("first: decoding stalls until all prompts are computed; mixed: it goes on", () => {
    const rows: Row[] = [
      [0, 10, 3],
      [0.5, 100, 1],
    ];
    const policy = { ...mixed, stepTokens: 20 };
    const lastOf = (prefill: "mixed" | "first"): number => {
      const objectives = { tpotSeconds: 1 };
      const result = simulate(rows, { replica: replica({ policy: { ...policy, prefill } }), objectives });
      expect(result.goodputShare).toBe(prefill === "mixed" ? 1 : 0.5);
      return result.tpotSeconds.max;
    };
    expect(lastOf("mixed")).toBe(1);
    // 100 tokens in steps of 20: five steps between its first and second token.
    expect(lastOf("first")).toBe(7 / 2);
  });
});

describe("pre-emption", () => {
  test("puts back the last admitted, whose prompt and tokens are computed again, once the first has left", () => {
    const seen: number[][] = [];
    const stepSeconds = (sequences: number, _: number, promptTokens: number): number => {
      if (promptTokens > 0) seen.push([sequences, promptTokens]);
      return 1;
    };
    // 10 to 20 rows in 10 steps each; both fit up to 30 rows: 10 + 10 + 5 × 2.
    const rows: Row[] = [
      [0, 10, 11],
      [0, 10, 11],
    ];
    const requestBytes = (rows_: number): number => Math.min(20, rows_);
    const model = replica({ cacheCapacityBytes: 31, requestBytes, steps: steps(stepSeconds) });
    const result = simulate(rows, { replica: model });
    expect(result.requests.preempted).toBe(1);
    // Five decode steps in, the second goes; the first ends at 11. Then 10 + 5 tokens are computed in a step and 5 steps remain.
    expect(seen).toEqual([
      [0, 20],
      [0, 15],
    ]);
    expect(result.durationSeconds).toBe(11 + 1 + 5);
    expect(result.ttftSeconds.max).toBe(1);
    expect(result.queueSeconds.max).toBe(0);
    expect(result.peakCacheShare).toBeCloseTo(30 / 31, 9);
    expect(result.series.reduce((sum, { preempted }) => sum + preempted, 0)).toBe(1);
    expect(result.outputTokens).toBe(22);
  });

  test("does not happen where all growth is set aside", () => {
    const rows = Array.from({ length: 50 }, (_, i): Row => [i / 10, 10, 11]);
    const model = replica({ cacheCapacityBytes: 50, policy: { ...first, admittedShare: 1 } });
    const result = simulate(rows, { replica: model });
    expect(result.requests.preempted).toBe(0);
    expect(result.requests.completed).toBe(50);
  });
});

describe("prefill on replicas of its own", () => {
  test("gives the first token, hands over after the transfer, and decodes elsewhere", () => {
    const prefill = { replica: replica(), replicas: 1, transferSeconds: (tokens: number) => tokens / 1000 };
    const result = simulate([[0, 500, 4]], { prefill });
    expect(result.ttftSeconds.max).toBe(1);
    expect(result.endToEndSeconds.max).toBe(1 + 0.5 + 3);
    expect(result.tpotSeconds.max).toBeCloseTo(3.5 / 3, 12);
    expect(result.utilization).toBeCloseTo((1 + 3) / 4.5 / 2, 12);
    // On the way it still counts as running.
    expect(result.meanRunning).toBeCloseTo(1, 12);
    expect(simulate([[0, 500, 1]], { prefill }).endToEndSeconds.max).toBe(1);
  });

  test("never stalls those that decode", () => {
    const rows = Array.from({ length: 40 }, (_, i): Row => [i * 0.7, 100, 20]);
    const prefill = { replica: replica(), replicas: 1, transferSeconds: () => 0 };
    const result = simulate(rows, {
      prefill,
      replica: replica({ steps: steps((_, __, promptTokens) => (promptTokens > 0 ? 100 : 1)) }),
    });
    // At most a wait for the step that runs when it comes.
    expect(result.tpotSeconds.max).toBeLessThanOrEqual(20 / 19);
  });
});

describe("requests are rejected at arrival", () => {
  test("that never fit, and those that just fit are not", () => {
    const model = replica({ cacheCapacityBytes: 30 });
    const rows: Row[] = [
      [0, 20, 10],
      [0, 20, 11],
    ];
    expect(simulate(rows, { replica: model }).requests).toMatchObject({ completed: 1, rejected: 1 });
  });

  test("that are longer than the model's context, and those of its length are not", () => {
    const rows: Row[] = [
      [0, 90, 10],
      [0, 90, 11],
    ];
    expect(simulate(rows, { contextLimit: 100 }).requests).toMatchObject({ completed: 1, rejected: 1 });
  });

  test("that find the queue full", () => {
    // The first is let in when the moment ends, so three of the five at once wait.
    const rows = Array.from({ length: 5 }, (): Row => [0, 1, 2]);
    const result = simulate(rows, { replica: replica({ maxSequences: 1 }), queueLimit: 3 });
    expect(result.requests).toMatchObject({ arrived: 5, completed: 3, rejected: 2 });
  });
});

describe("balancers", () => {
  const rows: Row[] = [
    [0, 1, 9],
    [0.5, 1, 1],
    [2.5, 1, 1],
  ];
  const model = replica({ maxSequences: 1 });

  test("least-loaded: the third goes where the second has left", () => {
    expect(simulate(rows, { replica: model, replicas: 2 }).queueSeconds.max).toBe(0);
  });

  test("round-robin: the third queues behind the first", () => {
    expect(simulate(rows, { replica: model, replicas: 2, balancer: "round-robin" }).queueSeconds.max).toBe(6.5);
  });
});

describe("what is counted", () => {
  const rows = Array.from({ length: 100 }, (_, i): Row => [i * 10, 1, i < 10 ? 6 : 3]);

  test("leaves the warm-up out of percentiles and of goodput, not out of the counts", () => {
    const result = simulate(rows, { warmupRequests: 10, objectives: { endToEndSeconds: 3 } });
    expect(result.endToEndSeconds).toMatchObject({ count: 90, max: 3 });
    expect(result.goodputShare).toBe(1);
    expect(result.requests.completed).toBe(100);
    expect(result.outputTokens).toBe(60 + 270);
    expect(simulate(rows, { objectives: { endToEndSeconds: 3 } }).goodputShare).toBe(0.9);
  });

  test("tells progress with the number completed", () => {
    const told: number[] = [];
    const many = Array.from({ length: 2500 }, (_, i): Row => [i, 1, 1]);
    simulate(many, { onProgress: (completed) => told.push(completed) });
    expect(told).toEqual([1000, 2000]);
  });

  test("is nothing, and finite, for an empty stream and where all are rejected", () => {
    for (const result of [simulate([]), simulate(rows, { contextLimit: 1 })]) {
      const figures = JSON.stringify(result);
      expect(figures).not.toContain("null");
      expect(result.requests.completed).toBe(0);
      expect(result.series).toEqual([]);
      expect(result.goodputShare).toBe(0);
    }
  });

  test("a burst queues up and drains: the queue is longest at its end and empty at the end", () => {
    const burst: Row[] = Array.from({ length: 200 }, (_, i) => [i < 100 ? i : 100 + (i - 100) / 100, 1, 3]);
    const result = simulate([...burst, [1000, 1, 3]], { replica: replica({ maxSequences: 4 }) });
    const longest = result.series.reduce((a, b) => (b.waiting > a.waiting ? b : a));
    expect(longest.seconds).toBeGreaterThan(100);
    expect(longest.seconds).toBeLessThan(110);
    expect(longest.waiting).toBeGreaterThan(50);
    const { series } = result;
    expect(series.at(-1)?.waiting).toBe(0);
    expect(series.length).toBeLessThanOrEqual(400);
    expect(series.at(-1)?.seconds).toBe(result.durationSeconds);
    const widths = series.map((point, i) => point.seconds - (series[i - 1]?.seconds ?? 0));
    expect(new Set(widths.slice(0, -1)).size).toBe(1);
  });
});

describe("bad input is named", () => {
  test.each<[string, () => unknown]>([
    ["replicas: 0", () => simulate([], { replicas: 0 })],
    ["replicas: 1.5", () => simulate([], { replicas: 1.5 })],
    ["queueLimit: 0", () => simulate([], { queueLimit: 0 })],
    ["warmupRequests: -1", () => simulate([], { warmupRequests: -1 })],
    ["maxSequences: 0", () => simulate([], { replica: replica({ maxSequences: 0 }) })],
    ["cacheCapacityBytes: 0", () => simulate([], { replica: replica({ cacheCapacityBytes: 0 }) })],
    ["cachedPromptShare: 1.1", () => simulate([], { replica: replica({ cachedPromptShare: 1.1 }) })],
    ["requestSeconds: NaN", () => simulate([], { replica: replica({ requestSeconds: Number.NaN }) })],
    ["tokensPerStep: 0", () => simulate([], { replica: replica({ steps: steps(() => 1, 0) }) })],
    ["stages: 0", () => simulate([], { replica: replica({ steps: steps(() => 1, 1, 0) }) })],
    ["stepTokens: 0", () => simulate([], { replica: replica({ policy: { ...mixed, stepTokens: 0 } }) })],
    ["admittedShare: 2", () => simulate([], { replica: replica({ policy: { ...mixed, admittedShare: 2 } }) })],
    [
      "prefill.replicas: 0",
      () => simulate([], { prefill: { replica: replica(), replicas: 0, transferSeconds: () => 0 } }),
    ],
    ["users: 0", () => simulate([], { load: { kind: "closed", users: 0, requests: streamOf([]) } })],
    ["arrivalSeconds: -1", () => simulate([[-1, 1, 1]])],
    ["arrivalSeconds: NaN", () => simulate([[Number.NaN, 1, 1]])],
    [
      "arrivalSeconds: 1 (finite and not before the one before, 2)",
      () =>
        simulate([
          [2, 1, 1],
          [1, 1, 1],
        ]),
    ],
    ["inputTokens: 0", () => simulate([[0, 0, 1]])],
    ["outputTokens: 1.5", () => simulate([[0, 1, 1.5]])],
    ["stepSeconds: NaN", () => simulate([[0, 1, 1]], { replica: replica({ steps: steps(() => Number.NaN) }) })],
    ["stepSeconds: -1", () => simulate([[0, 1, 1]], { replica: replica({ steps: steps(() => -1) }) })],
  ])("%s", (message, run) => {
    expect(run).toThrow(`invalid ${message}`);
  });
});
