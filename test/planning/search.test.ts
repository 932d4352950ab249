import { describe, expect, it } from "vitest";
import { fleetText } from "../../src/planning/candidate.ts";
import { searchFleets } from "../../src/planning/search.ts";
import { InvalidInput } from "../../src/quantity/invalid-input.ts";
import { chooseEngine } from "../../src/serving/engine-choice.ts";
import { format, planMachine, planQuestion, shippedTiming, workload } from "../fixtures/plan-question.ts";
import { modelProfile } from "../fixtures/profiles.ts";

const rate = (amount: number) => ({ kind: "rate", amount }) as const;

describe("searchFleets", () => {
  it("takes as many replicas as the load over one's capacity, rounded up, and shares the load among them", () => {
    const { candidates } = searchFleets(planQuestion({ load: rate(100) }), false);
    expect(candidates.length).toBeGreaterThan(5);
    for (const { replicas, replicaAmount, planned, devices, requestsPerSecond } of candidates) {
      expect(replicas).toBe(Math.ceil(100 / replicaAmount));
      expect(devices).toBe(replicas * planned.layout.devices);
      expect(requestsPerSecond).toBeCloseTo(100, 2);
    }
    const costs = candidates.map(({ costPerHour }) => costPerHour!);
    expect(costs).toEqual([...costs].sort((a, b) => a - b));
  });

  it("looks at every layout, machine and pair of formats once: a candidate or a refusal each", () => {
    const question = planQuestion({
      ...{ machines: [planMachine("h100-sxm"), planMachine("l40s")], limits: { devices: 2 } },
      ...{ weights: [null, format("fp8")], kvCaches: [null, format("fp8")] },
    });
    const { candidates, refusals, configurations, points } = searchFleets(question);
    // TP 1, TP 2 and PP 2, on two machines, in four pairs of formats.
    expect(candidates.length + refusals.length).toBe(3 * 2 * 4);
    const slots = candidates.map(({ planned }) => Math.floor(planned.open.slots));
    expect(configurations).toBe(slots.reduce((sum, each) => sum + each, 0));
    expect(points.length).toBeGreaterThan(24);
    expect(searchFleets(question, false).points).toEqual([]);
  });

  it("keeps a finite TTFT where stairs of kernels' times let a larger batch serve the same rate without an end of waiting", () => {
    const question = planQuestion({
      ...{ model: modelProfile("llama-3.1-70b"), load: rate(96.30881735529486), workload: workload(118, 7) },
      ...{ objectives: { ttftSeconds: null, tpotSeconds: null, share: 0.5 }, limits: { devices: 4 } },
    });
    for (const { load } of searchFleets(question, false).candidates) expect(load.ttftSeconds).toBeLessThan(5);
  });

  it("is the same twice", () => {
    const question = planQuestion({ separatePrefill: "auto", machines: [planMachine("l40s"), planMachine("l4")] });
    const text = () => searchFleets(question).candidates.map((each) => [fleetText(each), each.costPerHour, each.load]);
    expect(text()).toEqual(text());
  });

  it("keeps limits of the whole fleet: devices, counts of devices and replicas, power, cost", () => {
    const load = rate(60);
    const devices = (limits: Parameters<typeof planQuestion>[0] & object): number[] =>
      searchFleets(planQuestion({ load, ...limits }), false).candidates.map((each) => each.devices);
    const free = devices({});
    expect(Math.min(...free)).toBeGreaterThan(2);
    expect(Math.max(...free)).toBeGreaterThan(8);
    const most = Math.min(...free) + 1;
    expect(devices({ limits: { fleetDevices: most } })).toEqual(free.filter((each) => each <= most));
    expect(Math.max(...devices({ limits: { powerWatts: 8 * 700 } }))).toBeLessThanOrEqual(8);
    expect(Math.max(...devices({ limits: { costPerHour: 8 * 3.29 } }))).toBeLessThanOrEqual(8);
    expect(new Set(devices({ limits: { deviceCounts: [8, 16] } }))).toEqual(new Set([8, 16]));
    const replicas = searchFleets(planQuestion({ load, limits: { replicaCounts: [6, 9] } }), false).candidates;
    expect(new Set(replicas.map((each) => each.replicas))).toEqual(new Set([6]));
  });

  it("plans users too: each keeps one request in flight", () => {
    const question = planQuestion({ load: { kind: "users", amount: 500 }, limits: { utilization: 1 } });
    const [best] = searchFleets(question, false).candidates;
    expect(best!.replicas).toBe(Math.ceil(500 / best!.replicaAmount));
    // Little's law: 500 users over the time that each waits for an answer.
    const { meanTtftSeconds, meanTpotSeconds } = best!.load;
    expect(best!.requestsPerSecond).toBeCloseTo(500 / (meanTtftSeconds + 299 * meanTpotSeconds), 2);
  });

  it("leaves only fleets with prefill apart where that is wanted always, and none where never", () => {
    const of = (separatePrefill: "auto" | "never" | "always") =>
      searchFleets(planQuestion({ load: rate(50), separatePrefill }), false).candidates;
    expect(of("always").map(({ prefill }) => prefill === null)).toEqual([false]);
    expect(of("never").every(({ prefill }) => prefill === null)).toBe(true);
    expect(of("auto")).toHaveLength(of("never").length + 1);
  });

  it("refuses a machine that the engine can't be timed on, where another can, and says so of one alone", () => {
    const timing = { ...shippedTiming, engine: "llama.cpp" } as const;
    const engineOn: ReturnType<typeof planQuestion>["engineOn"] = (hardware) => {
      if (hardware.id === "l4") throw new InvalidInput("engine", "llama.cpp", "no run of it was measured");
      return chooseEngine(hardware, hardware, timing);
    };
    const both = searchFleets(
      planQuestion({ engineOn, machines: [planMachine("l4"), planMachine("h100-sxm")] }),
      false,
    );
    expect(new Set(both.candidates.map(({ machine }) => machine.hardware.id))).toEqual(new Set(["h100-sxm"]));
    expect(both.refusals.filter(({ hardware }) => hardware === "l4").length).toBeGreaterThan(0);
    expect(() => searchFleets(planQuestion({ engineOn, machines: [planMachine("l4")] }), false)).toThrow(InvalidInput);
  });

  it("knows the engine of each link: a group over nodes is slower than one inside", () => {
    const of = (expert: number, nodeLinkBytesPerSecond: number) =>
      searchFleets(
        planQuestion({
          ...{ model: modelProfile("deepseek-v2-lite"), load: rate(1) },
          objectives: { ttftSeconds: null, tpotSeconds: null },
          limits: { devices: 16, tensor: [8], pipeline: [1], expert: [expert], nodeLinkBytesPerSecond },
        }),
        false,
      ).candidates[0]!.load.tpotSeconds;
    expect(of(8, 1e9)).toBe(of(8, 5e10));
    expect(of(16, 1e9)).toBeGreaterThan(of(16, 5e10));
  });
});
