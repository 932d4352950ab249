import { describe, expect, it } from "vitest";
import { byCost, type Candidate, candidateOf, fleetText, perMillionTokens } from "../../src/planning/candidate.ts";
import type { PlanMachine } from "../../src/planning/plan-question.ts";
import { searchFleets } from "../../src/planning/search.ts";
import { planMachine, planQuestion } from "../fixtures/plan-question.ts";

const question = planQuestion({ limits: { devices: 2 } });
const [one] = searchFleets(question, false).candidates as [Candidate];

/** The same replica, of another number, on a machine with another price. */
function fleet(replicas: number, machine: Partial<PlanMachine> = {}, parts: Partial<Candidate> = {}): Candidate {
  return candidateOf({ ...one, replicas, ...parts, machine: { ...one.machine, ...machine } }, question);
}

describe("perMillionTokens", () => {
  it("is 10 USD at 36 USD/h and 1000 tokens/s", () => {
    expect(perMillionTokens(36, 1000)).toBeCloseTo(10, 12);
  });
});

describe("candidateOf", () => {
  it("costs devices × price, a million tokens their share of it, and a token its devices' power", () => {
    const four = fleet(4, { pricePerHour: 3 });
    expect(four.devices).toBe(4);
    expect(four.costPerHour).toBe(12);
    expect(four.requestsPerSecond).toBeCloseTo(4 * one.load.ratePerSecond, 9);
    expect(four.tokensPerSecond).toBeCloseTo(300 * four.requestsPerSecond, 9);
    expect(four.costPerMillionTokens).toBeCloseTo((12 / 3600 / four.tokensPerSecond) * 1e6, 12);
    expect(four.powerWatts).toBe(4 * 700);
    expect(four.joulesPerToken).toBeCloseTo(2800 / four.tokensPerSecond, 12);
  });

  it("lets owned devices cost nothing more: 4 of which 3 are owned cost one, 4 of 5 none", () => {
    expect(fleet(4, { pricePerHour: 3, ownedDevices: 3 }).costPerHour).toBe(3);
    expect(fleet(4, { pricePerHour: 3, ownedDevices: 5 })).toMatchObject({ costPerHour: 0, costPerMillionTokens: 0 });
  });

  it("knows no cost without a price, but for devices that are all owned", () => {
    expect(fleet(4, { pricePerHour: null })).toMatchObject({ costPerHour: null, costPerMillionTokens: null });
    expect(fleet(4, { pricePerHour: null, ownedDevices: 3 }).costPerHour).toBeNull();
    expect(fleet(4, { pricePerHour: null, ownedDevices: 4 }).costPerHour).toBe(0);
  });

  it("knows no power where the machine has none", () => {
    const hardware = { ...one.machine.hardware, powerWatts: null };
    expect(fleet(2, { hardware })).toMatchObject({ powerWatts: null, joulesPerToken: null });
  });

  it.each([
    [1, 1],
    [8, 1],
    [9, 2],
  ])("puts %i replicas of one device into %i nodes of eight", (replicas, nodes) => {
    expect(fleet(replicas).nodes).toBe(nodes);
  });

  it("gives replicas of two nodes two nodes each", () => {
    const layout = { ...one.planned.layout, devices: 16, nodes: 2 };
    expect(fleet(3, {}, { planned: { ...one.planned, layout } }).nodes).toBe(6);
  });

  it("lets replicas of prompts smaller than a node share one, beside decoding ones that fill theirs", () => {
    const layout = { ...one.planned.layout, devices: 8 };
    const prefill = {
      planned: one.planned,
      replicas: 3,
      devices: 3,
      transferSeconds: 0,
      utilization: 0.5,
      limitedBy: "ttft",
    } as const;
    const separated = fleet(2, {}, { planned: { ...one.planned, layout }, prefill });
    expect(separated).toMatchObject({ devices: 19, nodes: 3 });
  });

  it("holds its times inside the engine's bands of error", () => {
    const { ttftSeconds, tpotSeconds } = one.intervals;
    expect(ttftSeconds).toMatchObject({ level: 0.9 });
    expect(tpotSeconds!.low).toBeLessThan(one.load.tpotSeconds);
    expect(tpotSeconds!.high).toBeGreaterThan(one.load.tpotSeconds);
    const ideal = fleet(1, {}, { planned: { ...one.planned, engine: { ...one.planned.engine, bands: null } } });
    expect(ideal.intervals).toEqual({ ttftSeconds: null, tpotSeconds: null });
  });
});

describe("byCost", () => {
  it("ranks by cost, then devices, then TPOT, and what has no price last", () => {
    const cheap = fleet(4, { pricePerHour: 1 });
    const dear = fleet(1, { pricePerHour: 5 });
    const unpriced = fleet(1, { pricePerHour: null });
    const slow = fleet(1, { pricePerHour: 5 }, { load: { ...one.load, tpotSeconds: 1 } });
    const few = fleet(2, { pricePerHour: 2 });
    expect([unpriced, slow, dear, cheap, few].sort(byCost)).toEqual([few, cheap, dear, slow, unpriced]);
  });

  it("ranks fleets by devices where nothing has a price", () => {
    const machines = ["h100-sxm", "l40s"].map((id) => ({ ...planMachine(id), pricePerHour: null }));
    const { candidates } = searchFleets(planQuestion({ machines, load: { kind: "rate", amount: 40 } }), false);
    const devices = candidates.map((each) => each.devices);
    expect(devices.length).toBeGreaterThan(8);
    expect(devices).toEqual([...devices].sort((a, b) => a - b));
  });
});

describe("fleetText", () => {
  it("names replicas and layout, and the replicas of prompts before them", () => {
    expect(fleetText(fleet(2))).toBe("2 × (TP 1)");
    const prefill = {
      planned: one.planned,
      replicas: 3,
      devices: 3,
      transferSeconds: 0,
      utilization: 0.5,
      limitedBy: "ttft",
    } as const;
    expect(fleetText(fleet(2, {}, { prefill }))).toBe("3 × (TP 1) prefill + 2 × (TP 1) decode");
  });
});
