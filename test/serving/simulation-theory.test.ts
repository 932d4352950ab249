/**
 * The simulation against queueing theory, where theory is exact. A mean is that of 20 runs from different seeds, SE its standard
 * error from their spread; 4 SE is exceeded once in a thousand such tests (Student's t with 19 degrees of freedom), and the seeds stay.
 */
import { describe, expect, test } from "vitest";
import { type SimulationRequest, type SimulationResult, simulateServing } from "../../src/serving/simulation.ts";
import {
  geometricOutput,
  poisson,
  type Row,
  replica,
  replicated,
  steps,
  streamOf,
} from "../fixtures/simulated-fleet.ts";

const runs = 20;
const standardErrors = 4;
/** So long that stretches of steps are: the context hardly grows. */
const longPrompt = (): number => 1e6;
/** Decoding takes a second a step, prompts beside it nothing, prompts alone nothing. */
const decodeOnly = steps((sequences) => (sequences > 0 ? 1 : 0));

function simulate(rows: Iterable<Row>, changes: Partial<SimulationRequest> = {}): SimulationResult {
  return simulateServing({
    replica: replica(),
    replicas: 1,
    balancer: "least-loaded",
    load: { kind: "open", requests: streamOf(rows) },
    ...changes,
  });
}

describe("one request at a time, FIFO (Pollaczek and Khinchine: W = λ E[S²] / (2 (1 − ρ)))", () => {
  test.each([0.3, 0.6, 0.8])("M/D/1 at %d: the mean wait within 4 SE", (load) => {
    const { mean, error } = replicated(runs, (seed) => {
      const rows = poisson(
        seed,
        12_000,
        load,
        () => 1,
        () => 1,
      );
      return simulate(rows, { replica: replica({ maxSequences: 1 }), warmupRequests: 2000 }).queueSeconds.mean;
    });
    const theory = load / (2 * (1 - load));
    expect(error / theory).toBeLessThan(0.05);
    expect(Math.abs(mean - theory)).toBeLessThan(standardErrors * error);
  });

  test.each([0.5, 0.7])("M/M/1 at %d, services geometric: the mean wait within 4 SE", (load) => {
    const meanSteps = 50;
    const { mean, error } = replicated(runs, (seed) => {
      const rows = poisson(seed, 12_000, load / meanSteps, longPrompt, geometricOutput(meanSteps));
      const model = replica({ maxSequences: 1, steps: decodeOnly });
      return simulate(rows, { replica: model, warmupRequests: 2000 }).queueSeconds.mean;
    });
    // A geometric number of steps from 0 on: E[S²] = m + 2 m².
    const theory = ((load / meanSteps) * (meanSteps + 2 * meanSteps ** 2)) / (2 * (1 - load));
    expect(error / theory).toBeLessThan(0.05);
    expect(Math.abs(mean - theory)).toBeLessThan(standardErrors * error);
  });
});

describe("as many at a time as there are places", () => {
  test.each([
    [4, 0.7],
    [16, 0.9],
  ])(
    "M/M/%d at %d (Erlang C): the mean wait between those of services a step shorter and longer, within 4 SE",
    (c, load) => {
      const meanSteps = 400;
      const rate = (load * c) / meanSteps;
      const { mean, error } = replicated(runs, (seed) => {
        const rows = poisson(seed, 20_000, rate, longPrompt, geometricOutput(meanSteps));
        const model = replica({ maxSequences: c, steps: decodeOnly });
        return simulate(rows, { replica: model, warmupRequests: 4000 }).queueSeconds.mean;
      });
      // A prompt's step beside others takes a second of a place that is no decode step of its own, and it begins at a step's start.
      const low = erlangC(c, rate * meanSteps) * (meanSteps / (c - rate * meanSteps));
      const longer = meanSteps + 1;
      const high = erlangC(c, rate * longer) * (longer / (c - rate * longer)) + 1;
      expect(error / low).toBeLessThan(0.1);
      expect(mean).toBeGreaterThan(low - standardErrors * error);
      expect(mean).toBeLessThan(high + standardErrors * error);
    },
  );

  test.each<[string, (uniform: () => number) => number]>([
    ["all alike", () => 401],
    ["geometric", geometricOutput(400)],
    ["short and long", (uniform) => (uniform() < 0.9 ? 101 : 3101)],
  ])("M/G/∞, services %s: λ E[S] in the engine, E[S] up to two steps longer, within 4 SE", (_, outputTokens) => {
    const [rate, count] = [0.02, 4000];
    const { mean, error } = replicated(runs, (seed) => {
      const rows = poisson(seed, count, rate, longPrompt, outputTokens);
      const result = simulate(rows, { replica: replica({ steps: decodeOnly }) });
      return result.meanRunning + result.meanWaiting;
    });
    // The run begins and ends empty: at its end it is longer than its arrivals by the longest service, at most.
    const edge = (4000 * rate) / count;
    expect(mean).toBeGreaterThan(rate * 400 * (1 - edge) - standardErrors * error);
    expect(mean).toBeLessThan(rate * 402 + standardErrors * error);
  });
});

describe("Little's law holds to rounding in a run that begins and ends empty", () => {
  const tight = { cacheCapacityBytes: 2500, maxSequences: 8 };
  const prefill = { replica: replica(), replicas: 1, transferSeconds: () => 2.5 };
  test.each<[string, Partial<SimulationRequest>]>([
    ["unlimited", { replica: replica() }],
    ["one at a time", { replica: replica({ maxSequences: 1 }) }],
    ["with pre-emptions", { replica: replica(tight) }],
    ["three replicas", { replica: replica(tight), replicas: 3 }],
    ["prefill apart", { replica: replica(tight), replicas: 2, prefill }],
  ])("%s", (_, changes) => {
    const rows = poisson(7, 1000, 0.05, (uniform) => 1 + Math.floor(800 * uniform()), geometricOutput(40));
    const result = simulate(rows, changes);
    const inside = (result.meanRunning + result.meanWaiting) * result.durationSeconds;
    expect(inside / (result.endToEndSeconds.mean * result.requests.completed)).toBeCloseTo(1, 9);
    const { series } = result;
    const area = series.reduce((sum, { waiting, running, seconds }, i) => {
      return sum + (waiting + running) * (seconds - (series[i - 1]?.seconds ?? 0));
    }, 0);
    expect(area / inside).toBeCloseTo(1, 9);
  });
});

describe("a closed loop", () => {
  const rows = (count: number): Row[] => Array.from({ length: count }, () => [0, 1, 10]);
  const closed = (users: number, count: number): Partial<SimulationRequest> => ({
    load: { kind: "closed", users, requests: streamOf(rows(count)) },
  });

  test("of one user runs requests one after the other", () => {
    const result = simulate([], closed(1, 30));
    expect(result.durationSeconds).toBe(300);
    expect(result.endToEndSeconds.max).toBe(10);
    expect(result.queueSeconds.max).toBe(0);
    expect(result.meanRunning).toBeCloseTo(1, 12);
  });

  test("of N users on an engine that takes one at a time has the throughput of one, and answers N times later", () => {
    const result = simulate([], { ...closed(5, 500), replica: replica({ maxSequences: 1 }), warmupRequests: 5 });
    expect(result.durationSeconds).toBe(5000);
    expect(result.endToEndSeconds.mean).toBeCloseTo(50, 9);
    expect(result.requestsPerSecond).toBeCloseTo(0.1, 12);
  });

  test.each([1, 2, 8, 16, 32])(
    "of %d users keeps the asymptotic bounds X ≤ min(N / S, c / S), and reaches them",
    (users) => {
      const result = simulate([], { ...closed(users, 32 * 10), replica: replica({ maxSequences: 8 }) });
      expect(result.requestsPerSecond).toBeCloseTo(Math.min(users, 8) / 10, 12);
    },
  );

  test("spreads over replicas, and never has more in flight than users", () => {
    const result = simulate([], { ...closed(7, 700), replicas: 3, replica: replica({ maxSequences: 2 }) });
    expect(result.requests.completed).toBe(700);
    expect(result.meanRunning + result.meanWaiting).toBeLessThanOrEqual(7 + 1e-9);
    expect(result.requestsPerSecond).toBeGreaterThan(0.99 * 0.6);
  });

  test("goes on past requests that are rejected", () => {
    const result = simulate([], { ...closed(2, 10), contextLimit: 5 });
    expect(result.requests).toMatchObject({ arrived: 10, completed: 0, rejected: 10 });
  });
});

describe("several replicas", () => {
  const rows = [...poisson(3, 2000, 0.3, (uniform) => 1 + Math.floor(50 * uniform()), geometricOutput(20))];
  const model = replica({
    maxSequences: 6,
    steps: steps((sequences, context, promptTokens) => 0.5 + 0.05 * sequences + 1e-3 * context + 0.01 * promptTokens),
  });

  test("in turn are independent replicas that get every other request", () => {
    const both = simulate(rows, { replica: model, replicas: 2, balancer: "round-robin" });
    const [even, odd] = [0, 1].map((part) =>
      simulate(
        rows.filter((_, i) => i % 2 === part),
        { replica: model },
      ),
    );
    for (const times of ["ttftSeconds", "tpotSeconds", "endToEndSeconds", "queueSeconds"] as const) {
      const [a, b] = [even![times], odd![times]];
      expect(both[times].count).toBe(a.count + b.count);
      expect(both[times].mean).toBeCloseTo((a.mean * a.count + b.mean * b.count) / (a.count + b.count), 9);
      expect(both[times].max).toBe(Math.max(a.max, b.max));
    }
    expect(both.durationSeconds).toBe(Math.max(even!.durationSeconds, odd!.durationSeconds));
  });

  test("more of them: the mean time end to end does not grow, from 1 to 8", () => {
    const means = [1, 2, 3, 4, 6, 8].map(
      (replicas) => simulate(rows, { replica: model, replicas }).endToEndSeconds.mean,
    );
    for (let i = 1; i < means.length; i++) expect(means[i]).toBeLessThanOrEqual(means[i - 1]! * 1.01);
    expect(means.at(-1)).toBeLessThan(means[0]! / 2);
  });
});

/** Probability that one who comes finds all c places taken, with a Erlangs offered (from Erlang B by its recursion). */
function erlangC(c: number, a: number): number {
  let blocked = 1;
  for (let k = 1; k <= c; k++) blocked = (a * blocked) / (k + a * blocked);
  return blocked / (1 - (a / c) * (1 - blocked));
}
