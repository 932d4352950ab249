import { describe, expect, it } from "vitest";
import type { Candidate } from "../../src/planning/candidate.ts";
import type { PlanQuestion } from "../../src/planning/plan-question.ts";
import { searchFleets } from "../../src/planning/search.ts";
import { type FleetSimulation, simulateFleet } from "../../src/planning/simulated-fleet.ts";
import { simulatedReplicas } from "../../src/planning/simulated-replicas.ts";
import { planQuestion } from "../fixtures/plan-question.ts";

const arrivals = { kind: "poisson", requestsPerSecond: 60 } as const;
const simulation: FleetSimulation = { arrivals, trace: null, requests: 1500, seed: 1, contextLimit: null };

const question: PlanQuestion = planQuestion({
  load: { kind: "rate", amount: 60 },
  limits: { devices: 1 },
  separatePrefill: "never",
});
const best = searchFleets(question, false).candidates[0]!;

function fewest(candidate: Candidate, of: PlanQuestion = question): number | null {
  return simulatedReplicas(candidate, of, simulation, simulateFleet(candidate, of, simulation));
}

describe("the replicas that keep the objectives in the simulation", () => {
  it("are more than one where one misses, and the fewest: one less misses", () => {
    const found = fewest({ ...best, replicas: 1 })!;
    expect(found).toBeGreaterThan(1);
    expect(simulateFleet({ ...best, replicas: found }, question, simulation).misses).toEqual([]);
    expect(simulateFleet({ ...best, replicas: found - 1 }, question, simulation).misses).not.toEqual([]);
  });

  it("are fewer where many stand idle and the closed form, made for fewer, is apart", () => {
    const found = fewest({ ...best, replicas: 8 * best.replicas })!;
    expect(found).toBeLessThan(8 * best.replicas);
    expect(simulateFleet({ ...best, replicas: found }, question, simulation).misses).toEqual([]);
  });

  it("are not looked for without a time that a queue would break, for users, and where four times as many miss", () => {
    const none = { ...question.objectives, ttftSeconds: null, endToEndSeconds: null };
    expect(fewest({ ...best, replicas: 1 }, { ...question, objectives: none })).toBeNull();
    const users = { ...question, load: { kind: "users", amount: 200 } as const };
    expect(fewest({ ...best, replicas: 1 }, users)).toBeNull();
    const impossible = { ...question.objectives, ttftSeconds: 1e-6 };
    expect(fewest(best, { ...question, objectives: impossible })).toBeNull();
  });
});
