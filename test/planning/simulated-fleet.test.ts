import { describe, expect, it } from "vitest";
import type { Candidate } from "../../src/planning/candidate.ts";
import type { PlanQuestion } from "../../src/planning/plan-question.ts";
import { searchFleets } from "../../src/planning/search.ts";
import {
  type FleetSimulation,
  notable,
  type SimulatedFleet,
  simulateFleet,
} from "../../src/planning/simulated-fleet.ts";
import { planQuestion, workload } from "../fixtures/plan-question.ts";
import { streamOf } from "../fixtures/simulated-fleet.ts";

type Changes = NonNullable<Parameters<typeof planQuestion>[0]>;

const poisson = { kind: "poisson", requestsPerSecond: 30 } as const;
const plain: FleetSimulation = { arrivals: poisson, trace: null, requests: 2000, seed: 1, contextLimit: null };

function planned(changes: Changes = {}): { readonly question: PlanQuestion; readonly best: Candidate } {
  const question = planQuestion({
    load: { kind: "rate", amount: 30 },
    limits: { devices: 1, ...changes.limits },
    ...changes,
  });
  return { question, best: searchFleets(question, false).candidates[0]! };
}

function simulated(changes: Changes = {}, of: Partial<FleetSimulation> = {}): SimulatedFleet {
  const { question, best } = planned(changes);
  return simulateFleet(best, question, { ...plain, ...of });
}

describe("simulateFleet", () => {
  const run = simulated();

  it("keeps the objectives that the plan says it keeps, and serves every request once", () => {
    expect(run.misses).toEqual([]);
    expect(run.ttftSeconds).toBeLessThan(0.5);
    expect(run.tpotSeconds).toBeLessThan(0.04);
    expect(run.result.requests).toMatchObject({ arrived: 2000, completed: 2000, rejected: 0 });
    expect(run.result.outputTokens).toBe(2000 * 300);
    expect(run.result.goodputShare).toBeGreaterThan(0.95);
  });

  it("is the same with the same seed, and another with another", () => {
    const again = simulated();
    expect([again.ttftSeconds, again.tpotSeconds]).toEqual([run.ttftSeconds, run.tpotSeconds]);
    expect(simulated({}, { seed: 2 }).ttftSeconds).not.toBe(run.ttftSeconds);
  });

  it("says of each figure that is 10 %% off the closed form, and of no other", () => {
    const { best, question } = planned();
    for (const factor of [1, 1.5, 0.5]) {
      const load = { ...best.load, tpotSeconds: factor * run.tpotSeconds, ttftSeconds: run.ttftSeconds };
      const { disagreements } = simulateFleet({ ...best, load }, question, plain);
      expect(disagreements.map(({ figure }) => figure)).toEqual(factor === 1 ? [] : ["TPOT"]);
    }
    expect(notable).toBe(0.1);
  });

  it("names the objectives that a fleet which is too small misses", () => {
    const { best, question } = planned();
    const objectives = { ...question.objectives, ttftSeconds: 0.05, tpotSeconds: 0.012, endToEndSeconds: 4 };
    const small = simulateFleet({ ...best, replicas: 1 }, { ...question, objectives }, plain);
    expect(small.misses).toEqual(["TTFT", "TPOT", "end to end"]);
    expect(small.result.requests.completed).toBe(2000);
  });

  it("rejects what waits past the queue's limit or is longer than the context, and counts it", () => {
    const { best, question } = planned();
    const short = simulateFleet(best, question, { ...plain, contextLimit: 1200 });
    expect(short.result.requests).toMatchObject({ arrived: 2000, completed: 0, rejected: 2000 });
    const flood = { ...plain, arrivals: { ...poisson, requestsPerSecond: 1e6 }, queueLimit: 10 };
    const { requests } = simulateFleet(best, question, flood).result;
    expect(requests.rejected).toBeGreaterThan(0);
    expect(requests.completed + requests.rejected).toBe(requests.arrived);
  });

  it("runs users, who begin over a request's time or together", () => {
    const users = { load: { kind: "users", amount: 200 } as const };
    const ramp = simulated(users, { arrivals: null });
    const begun = { load: { ...users.load, requestsPerUser: 10 } };
    const together = simulated(begun, { arrivals: null });
    for (const { result } of [ramp, together])
      expect(result.requests).toMatchObject({ arrived: 2000, completed: 2000 });
    // Of equal lengths, they stay in step: all prompts come at once.
    expect(together.ttftSeconds).toBeGreaterThan(2 * ramp.ttftSeconds);
  });

  it("runs a trace as it was recorded, from its first request", () => {
    const rows = Array.from({ length: 50 }, (_, i) => [i / 30, 100 + i, 20] as const);
    const { result } = simulated({}, { arrivals: null, trace: () => streamOf(rows), requests: 50 });
    expect(result.requests).toMatchObject({ arrived: 50, completed: 50 });
    expect(result.inputTokens).toBe(50 * 100 + (49 * 50) / 2);
  });

  it("runs prompts on replicas of their own, and hands each over once", () => {
    const changes = { separatePrefill: "always", workload: workload(1500, 30) } as const;
    const { result, misses, endToEndSeconds } = simulated(changes);
    const { load } = planned(changes).best;
    expect(endToEndSeconds / load.endToEndSeconds).toBeGreaterThan(0.8);
    expect(endToEndSeconds / load.endToEndSeconds).toBeLessThan(1.2);
    expect(result.requests).toMatchObject({ arrived: 2000, completed: 2000, rejected: 0 });
    expect(misses).toEqual([]);
  });
});
