import { describe, expect, it } from "vitest";
import { type Binding, bindingOf } from "../../src/planning/binding.ts";
import type { PlanQuestion } from "../../src/planning/plan-question.ts";
import { searchFleets } from "../../src/planning/search.ts";
import { planMachine, planQuestion, rooflineTiming, workload } from "../fixtures/plan-question.ts";
import { modelProfile } from "../fixtures/profiles.ts";

function bindingOfBest(question: PlanQuestion): Binding {
  const { candidates, refusals } = searchFleets(question, false);
  return bindingOf(candidates[0]!, refusals, question.load.amount);
}

const single = { devices: 1 };
const none = { ttftSeconds: null, tpotSeconds: null };
const rate = (amount: number): PlanQuestion["load"] => ({ kind: "rate", amount });

describe("bindingOf", () => {
  it("is the objective that a longer time of would let a replica serve more", () => {
    const tpot = bindingOfBest(planQuestion({ load: rate(300), objectives: { tpotSeconds: 0.015 }, limits: single }));
    expect(tpot).toMatchObject({ kind: "objective", objective: "tpot" });
    expect(tpot.text).toMatch(/^the objective of TPOT; \d+ % of a replica's time goes to /);
    const ttft = bindingOfBest(planQuestion({ load: rate(300), objectives: { ttftSeconds: 0.06 }, limits: single }));
    expect(ttft).toMatchObject({ kind: "objective", objective: "ttft" });
    const objectives = { ...none, endToEndSeconds: 5 };
    const end = bindingOfBest(planQuestion({ load: rate(300), objectives, limits: single }));
    expect(end).toMatchObject({ kind: "objective", objective: "endToEnd" });
  });

  it("is capacity where as many requests run as fit: Llama-2-7B's full heads on an L40S", () => {
    const question = planQuestion({
      ...{ model: modelProfile("llama-2-7b"), machines: [planMachine("l40s")], load: rate(20) },
      ...{ workload: workload(2000, 1000), objectives: none, limits: { devices: 2, tensor: [2] } },
    });
    const binding = bindingOfBest(question);
    expect(binding.kind).toBe("capacity");
    expect(binding.text).toMatch(/^memory: \d+ requests fit into a replica; /);
  });

  it("is bandwidth for long answers, compute for long prompts, the engine for a small model on a quick machine", () => {
    const lengths = { workload: workload(100, 1000), timing: rooflineTiming };
    const long = planQuestion({ load: rate(300), ...lengths, objectives: none, limits: single });
    expect(bindingOfBest(long)).toMatchObject({ kind: "bandwidth", part: "bandwidth", objective: null });
    const prompts = planQuestion({ load: rate(100), workload: workload(4000, 2), objectives: none, limits: single });
    expect(bindingOfBest(prompts)).toMatchObject({ kind: "compute", part: "compute" });
    const small = planQuestion({
      ...{ model: modelProfile("llama-3.2-1b"), machines: [planMachine("b200")], load: rate(4000) },
      ...{ workload: workload(10, 100), objectives: none, limits: single },
    });
    const binding = bindingOfBest(small);
    expect(binding).toMatchObject({ kind: "overhead", part: "overhead" });
    expect(binding.text).toMatch(/goes to what the engine adds$/);
  });

  it("is the link where eight devices exchange over 1 GB/s", () => {
    const question = planQuestion({
      ...{ load: rate(50), workload: workload(2000, 50), objectives: none },
      limits: { devices: 8, tensor: [8], pipeline: [1], devicesPerNode: 1, nodeLinkBytesPerSecond: 1e9 },
    });
    expect(bindingOfBest(question)).toMatchObject({ kind: "link", part: "link" });
  });

  it("is what forbids the next smaller layout where one replica is enough: memory, or an objective", () => {
    const model = modelProfile("llama-3.1-70b");
    const memory = bindingOfBest(planQuestion({ model, load: rate(0.1) }));
    expect(memory).toMatchObject({ kind: "capacity", objective: null });
    expect(memory.text).toMatch(/^a smaller layout does not do: weights 70\.6 GB/);
    const hasty = bindingOfBest(planQuestion({ load: rate(0.1), objectives: { tpotSeconds: 0.005 } }));
    expect(hasty).toMatchObject({ kind: "objective", objective: "tpot" });
    expect(hasty.text).toMatch(/^a smaller layout does not do: TPOT 5\.\d+ ms for a request alone/);
  });

  it("is what binds the half with more devices where prompts have replicas of their own", () => {
    const of = (inputTokens: number, outputTokens: number, ttftSeconds: number): Binding => {
      const changes = { workload: workload(inputTokens, outputTokens), objectives: { ttftSeconds, tpotSeconds: 0.05 } };
      return bindingOfBest(planQuestion({ load: rate(50), separatePrefill: "always", limits: single, ...changes }));
    };
    const patient = of(4000, 30, 60);
    expect(patient).toMatchObject({ kind: "compute", objective: null });
    expect(patient.text).toMatch(/^\d+ % of the time of replicas for prompts goes to arithmetic$/);
    const hasty = of(4000, 30, 0.2);
    expect(hasty).toMatchObject({ kind: "objective", objective: "ttft", part: "compute" });
    expect(of(200, 2000, 60).text).not.toContain("prompts");
  });

  it("is nothing where one device serves with load to spare, which a smaller layout refused for a limit does not change", () => {
    expect(bindingOfBest(planQuestion())).toMatchObject({ kind: "none", objective: null });
    const limits = { devices: 2, tensor: [1, 2], pipeline: [1], replicaCounts: [1] };
    const question = planQuestion({ load: rate(17), limits });
    const { candidates, refusals } = searchFleets(question, false);
    expect(candidates.map(({ planned }) => planned.layout.devices)).toEqual([2]);
    expect(refusals.map(({ kind, planned }) => [kind, planned?.layout.devices])).toEqual([["limit", 1]]);
    expect(bindingOf(candidates[0]!, refusals, 17).kind).toBe("none");
  });

  it("has shares of one replica's time between 0 and 1, the largest of four at least a quarter", () => {
    for (const machine of ["h100-sxm", "l4", "mi300x"]) {
      const question = planQuestion({ machines: [planMachine(machine)], objectives: none });
      for (const candidate of searchFleets(question, false).candidates) {
        const { partShare } = bindingOf(candidate, [], question.load.amount);
        expect(partShare).toBeGreaterThanOrEqual(0.25);
        expect(partShare).toBeLessThanOrEqual(1);
      }
    }
  });
});
