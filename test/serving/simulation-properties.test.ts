/** The simulation on random loads and tiny memories: against one that takes every step, and what is conserved. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReplicaModel } from "../../src/serving/replica-model.ts";
import { type SimulationRequest, simulateServing } from "../../src/serving/simulation.ts";
import { mixed, type Row, replica, steps, streamOf } from "../fixtures/simulated-fleet.ts";
import { stepByStep } from "../fixtures/step-by-step-replica.ts";

/** Times in 1024ths of a second, so that sums of them are exact in whatever order. */
const tick = 1 / 1024;

const rows: fc.Arbitrary<Row[]> = fc
  .array(
    fc.tuple(
      fc.constantFrom(0, 0, 1, 7, 40, 100, 1000),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 50 }),
    ),
    { minLength: 1, maxLength: 60, size: "max" },
  )
  .map((gaps) => {
    let now = 0;
    return gaps.map(([gap, input, output]): Row => {
      now += gap * tick;
      return [now, input, output];
    });
  });

const models: fc.Arbitrary<ReplicaModel> = fc
  .record({
    prefill: fc.constantFrom("mixed" as const, "first" as const),
    stepTokens: fc.constantFrom(1, 3, 16, 64, 1000),
    admittedShare: fc.constantFrom(0, 0, 0, 0.25, 0.5, 1),
    maxSequences: fc.constantFrom(1, 3, 8, 1000),
    cacheCapacityBytes: fc.constantFrom(80, 110, 150, 300, 1e6),
    cachedPromptShare: fc.constantFrom(0, 0, 0.3, 1),
    tokensPerStep: fc.constantFrom(1, 1, 2, 2.5),
    page: fc.constantFrom(1, 16),
  })
  .map(({ prefill, stepTokens, admittedShare, tokensPerStep, page, ...rest }) =>
    replica({
      ...rest,
      policy: { ...mixed, prefill, stepTokens, admittedShare },
      requestBytes: (count) => page * Math.ceil(count / page),
      steps: steps(
        (sequences, _, promptTokens, promptContext) =>
          tick * (8 + sequences + 2 * promptTokens + Math.floor(promptContext / 8)),
        tokensPerStep,
      ),
    }),
  );

const fits =
  (model: ReplicaModel) =>
  ([, input, output]: Row): boolean =>
    model.requestBytes(input + output) <= model.cacheCapacityBytes;

function request(load: readonly Row[], model: ReplicaModel, changes: Partial<SimulationRequest> = {}) {
  return simulateServing({
    replica: model,
    replicas: 1,
    balancer: "least-loaded",
    load: { kind: "open", requests: streamOf(load) },
    ...changes,
  });
}

describe("stretches of steps", () => {
  test("give the times of every step taken by itself, to 10 decimals of a second, under pre-emption too", () => {
    let preemptions = 0;
    fc.assert(
      fc.property(rows, models, (load, model) => {
        const plain = stepByStep(load.filter(fits(model)), model);
        const { served } = plain;
        preemptions += plain.preempted;
        const result = request(load, model);
        expect(result.requests.completed).toBe(served.length);
        expect(result.requests.preempted).toBe(plain.preempted);
        if (served.length === 0) return;
        const mean = (of: (one: (typeof served)[number]) => number): number =>
          served.reduce((sum, one) => sum + of(one), 0) / served.length;
        expect(result.ttftSeconds.mean).toBeCloseTo(
          mean(({ first, arrival }) => first - arrival),
          10,
        );
        expect(result.queueSeconds.mean).toBeCloseTo(
          mean(({ computed, arrival }) => computed - arrival),
          10,
        );
        expect(result.endToEndSeconds.mean).toBeCloseTo(
          mean(({ last, arrival }) => last - arrival),
          10,
        );
        expect(result.endToEndSeconds.max).toBe(Math.max(...served.map(({ last, arrival }) => last - arrival)));
        expect(result.durationSeconds).toBe(Math.max(...served.map(({ last }) => last)));
        const answers = served.filter(({ output }) => output > 1);
        expect(result.tpotSeconds.count).toBe(answers.length);
        const tpot = answers.reduce((sum, { first, last, output }) => sum + (last - first) / (output - 1), 0);
        expect(result.tpotSeconds.mean * answers.length).toBeCloseTo(tpot, 9);
        expect(result.peakCacheShare).toBeCloseTo(plain.peakBytes / model.cacheCapacityBytes, 6);
      }),
      { numRuns: 300, seed: 1 },
    );
    expect(preemptions).toBeGreaterThan(300);
  });

  test("give the seconds of steps that grow with the context within 0.1 %, one alone and many that come and go", () => {
    const growing = replica({
      steps: steps((sequences, context, promptTokens) => tick * (1 + sequences * context * 1e-3 + promptTokens * 1e-2)),
    });
    for (const gap of [1, 10, 100]) {
      const load = Array.from(
        { length: 60 },
        (_, i): Row => [i * gap, 200 + ((i * 577) % 1500), 1 + ((i * 331) % 700)],
      );
      const plain = stepByStep(load, growing).served;
      const mean = plain.reduce((sum, { last, arrival }) => sum + last - arrival, 0) / plain.length;
      expect(Math.abs(request(load, growing).endToEndSeconds.mean / mean - 1)).toBeLessThan(1e-3);
    }
  });
});

describe("whatever comes", () => {
  const fleets = fc.record({
    load: rows,
    model: models,
    replicas: fc.constantFrom(1, 2, 3),
    balancer: fc.constantFrom("least-loaded" as const, "round-robin" as const),
    stages: fc.constantFrom(1, 1, 3),
    apart: fc.boolean(),
    users: fc.constantFrom(0, 0, 1, 4, 30),
  });

  test("no request is lost or served twice, memory holds, and the same run is the same to the last digit", () => {
    let preemptions = 0;
    fc.assert(
      fc.property(fleets, ({ load, model, replicas, balancer, stages, apart, users }) => {
        const staged = { ...model, steps: { ...model.steps, stages } };
        const prefill = {
          replica: { ...staged, maxSequences: 3 },
          replicas: 2,
          transferSeconds: (n: number) => n * tick,
        };
        const run = () =>
          request(load, staged, {
            ...{ replicas, balancer },
            ...(apart ? { prefill } : {}),
            ...(users > 0 ? { load: { kind: "closed", users, requests: streamOf(load) } } : {}),
          });
        const result = run();
        const served = load.filter(fits(model));
        const { requests, series } = result;
        preemptions += requests.preempted;
        expect(requests.arrived).toBe(load.length);
        expect(requests.completed).toBe(served.length);
        expect(requests.rejected).toBe(load.length - served.length);
        expect(result.outputTokens).toBe(served.reduce((sum, [, , output]) => sum + output, 0));
        expect(result.inputTokens).toBe(served.reduce((sum, [, input]) => sum + input, 0));
        expect(result.endToEndSeconds.count).toBe(served.length);
        expect(result.peakCacheShare).toBeLessThanOrEqual(1);
        expect(result.utilization).toBeLessThanOrEqual(1 + 1e-12);
        const over = (of: (point: (typeof series)[number]) => number): number =>
          series.reduce((sum, point, i) => sum + of(point) * (point.seconds - (series[i - 1]?.seconds ?? 0)), 0);
        expect(over(({ tokensPerSecond }) => tokensPerSecond)).toBeCloseTo(result.outputTokens, 6);
        expect(series.reduce((sum, { preempted }) => sum + preempted, 0)).toBe(requests.preempted);
        const shares = series.map(({ cacheShare }) => cacheShare);
        expect(Math.min(0, ...shares, ...series.flatMap(({ waiting, running }) => [waiting, running]))).toBe(0);
        expect(Math.max(0, ...shares)).toBeLessThanOrEqual(1 + 1e-12);
        if (users > 0) expect(result.meanRunning + result.meanWaiting).toBeLessThanOrEqual(users * (1 + 1e-12));
        if (model.policy.admittedShare === 1) expect(requests.preempted).toBe(0);
        expect(JSON.stringify(run())).toBe(JSON.stringify(result));
      }),
      { numRuns: 300, seed: 2 },
    );
    expect(preemptions).toBeGreaterThan(300);
  });

  test("a queue that holds few loses only what it turns away", () => {
    fc.assert(
      fc.property(rows, models, fc.integer({ min: 1, max: 5 }), (load, model, queueLimit) => {
        const { requests, outputTokens } = request(load, model, { queueLimit });
        expect(requests.completed + requests.rejected).toBe(load.length);
        expect(requests.completed).toBeLessThanOrEqual(load.filter(fits(model)).length);
        expect(outputTokens).toBeGreaterThanOrEqual(requests.completed);
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  test("steps twice as long and requests half as often: all times double, exactly", () => {
    fc.assert(
      fc.property(rows, models, (load, model) => {
        const slow = { ...model, steps: { ...model.steps, stepSeconds: doubled(model.steps.stepSeconds) } };
        const fast = request(load, model);
        const twice = request(
          load.map(([arrival, input, output]): Row => [2 * arrival, input, output]),
          slow,
        );
        expect(twice.endToEndSeconds.mean).toBe(2 * fast.endToEndSeconds.mean);
        expect(twice.ttftSeconds.max).toBe(2 * fast.ttftSeconds.max);
        expect(twice.durationSeconds).toBe(2 * fast.durationSeconds);
        expect(twice.requests).toEqual(fast.requests);
      }),
      { numRuns: 100, seed: 4 },
    );
  });
});

function doubled(stepSeconds: ReplicaModel["steps"]["stepSeconds"]): ReplicaModel["steps"]["stepSeconds"] {
  return (...step) => 2 * stepSeconds(...step);
}
