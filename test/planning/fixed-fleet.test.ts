import { describe, expect, it } from "vitest";
import { type FixedFleet, fixedFleet } from "../../src/planning/fixed-fleet.ts";
import { searchFleets } from "../../src/planning/search.ts";
import { format, planMachine, planQuestion } from "../fixtures/plan-question.ts";
import { modelProfile } from "../fixtures/profiles.ts";

const machine = planMachine("h100-sxm");
const fixed = { devices: 1, tensor: [1], pipeline: [1], expert: [1] };

describe("fixedFleet", () => {
  it("is the search's fleet where it is given that fleet's layout and replicas", () => {
    const question = planQuestion({ load: { kind: "rate", amount: 100 }, limits: fixed });
    const [best] = searchFleets(question, false).candidates;
    const found = fixedFleet(question, machine, best!.replicas) as FixedFleet;
    expect(found.isSteady).toBe(true);
    expect(found.candidate.load).toEqual(best!.load);
    expect(found.candidate.devices).toBe(best!.devices);
  });

  it("misses objectives without a word, and has no steady state past what it serves", () => {
    const objectives = { tpotSeconds: 0.012 };
    const question = planQuestion({ load: { kind: "rate", amount: 100 }, limits: fixed, objectives });
    const few = searchFleets(question, false).candidates[0]!.replicas - 1;
    expect((fixedFleet(question, machine, few) as FixedFleet).isSteady).toBe(true);
    const overloaded = fixedFleet(question, machine, 1) as FixedFleet;
    expect(overloaded.isSteady).toBe(false);
    expect(overloaded.candidate.load).toMatchObject({ utilization: 1, ttftSeconds: Number.POSITIVE_INFINITY });
  });

  it("takes the formats that it is given", () => {
    const question = planQuestion({ limits: fixed, weights: [format("fp8")], kvCaches: [format("fp8")] });
    const { candidate } = fixedFleet(question, machine, 1) as FixedFleet;
    expect(candidate.planned.formats).toMatchObject({ weights: { id: "fp8" }, kvCache: { id: "fp8" } });
  });

  it("says in words why there is none: rules, memory", () => {
    expect(fixedFleet(planQuestion({ limits: { ...fixed, devices: 3, tensor: [3] } }), machine, 1)).toMatch(/heads 32/);
    expect(fixedFleet(planQuestion({ limits: { ...fixed, tensor: [2] } }), machine, 1)).toBe("no layout is possible");
    const large = planQuestion({ model: modelProfile("llama-3.1-70b"), limits: fixed });
    expect(fixedFleet(large, machine, 1)).toMatch(/^weights 141 GB/);
  });
});
