import { describe, expect, it } from "vitest";
import type { Refusal } from "../../src/planning/refusal.ts";
import { searchFleets } from "../../src/planning/search.ts";
import { planMachine, planQuestion, workload } from "../fixtures/plan-question.ts";
import { modelProfile } from "../fixtures/profiles.ts";

const single = { devices: 1, tensor: [1], pipeline: [1] };

function refusalOf(changes: Parameters<typeof planQuestion>[0]): Refusal {
  const { candidates, refusals } = searchFleets(planQuestion(changes), false);
  expect(candidates).toEqual([]);
  expect(refusals).toHaveLength(1);
  return refusals[0]!;
}

describe("a refusal", () => {
  it("says that 141 GB of weights don't go into a device of 85 GB, and by how much", () => {
    const refusal = refusalOf({ model: modelProfile("llama-3.1-70b"), limits: single });
    expect(refusal).toMatchObject({
      kind: "memory",
      hardware: "h100-sxm",
      weights: "bf16",
      kvCache: "bf16",
      limit: null,
    });
    expect(refusal.reason).toMatch(/^weights 141 GB and [\d.]+ GB that the engine keeps: a device has 85\.0 GB$/);
    const { parts, roomBytes, capacityBytes } = refusal.planned!.memory;
    expect(roomBytes).toBeLessThan(0);
    expect(parts.weightBytes).toBeGreaterThan(1.4e11);
    expect(refusal.shortBy).toBeCloseTo(1 - roomBytes / capacityBytes, 12);
    expect(refusal.shortBy).toBeGreaterThan(1.66);
  });

  it("says where weights go in but not one request: 60 000 rows of 512 KiB beside Llama-2-7B on an L40S", () => {
    const lengths = workload(59_000, 1000);
    const model = { ...modelProfile("llama-2-7b"), maxContext: null };
    const refusal = refusalOf({ model, workload: lengths, machines: [planMachine("l40s")], limits: single });
    expect(refusal.kind).toBe("memory");
    expect(refusal.reason).toMatch(
      /^one request's cache takes 31\.5 GB of a device, [\d.]+ GB are free beside the weights$/,
    );
    const { memory, replica } = refusal.planned!;
    expect(replica.requestBytes(60_000)).toBe(60_000 * 2 ** 19);
    expect(refusal.shortBy).toBeCloseTo(
      (memory.capacityBytes - memory.roomBytes + 60_000 * 2 ** 19) / memory.capacityBytes,
      12,
    );
    expect(refusal.shortBy).toBeGreaterThan(1);
  });

  it.each([
    ["ttft", "TTFT", { ttftSeconds: 0.001 }],
    ["tpot", "TPOT", { tpotSeconds: 0.001 }],
    ["endToEnd", "end to end", { ttftSeconds: null, tpotSeconds: null, endToEndSeconds: 0.5 }],
  ] as const)("says which objective, %s, a request alone misses and by how much", (limit, name, objectives) => {
    const refusal = refusalOf({ objectives, limits: single });
    expect(refusal).toMatchObject({ kind: "objective", limit });
    expect(refusal.reason).toMatch(
      new RegExp(`^${name} [\\d.]+ m?s for a request alone \\(p95\\), objective [\\d.]+ m?s$`),
    );
    expect(refusal.shortBy).toBeGreaterThan(1);
    expect(Number.isFinite(refusal.shortBy)).toBe(true);
  });

  it("says which limit the whole fleet breaks, by how much", () => {
    const load = { kind: "rate", amount: 100 } as const;
    const devices = refusalOf({ load, limits: { ...single, fleetDevices: 2 } });
    const needed = searchFleets(planQuestion({ load, limits: single }), false).candidates[0]!.devices;
    expect(needed).toBeGreaterThan(4);
    expect(devices).toMatchObject({ kind: "limit", reason: `needs ${needed} devices, at most 2`, shortBy: needed / 2 });
    const power = refusalOf({ load, limits: { ...single, powerWatts: 1400 } });
    expect(power).toMatchObject({ kind: "limit", shortBy: needed / 2 });
    expect(power.reason).toBe(`draws up to ${((needed * 700) / 1000).toPrecision(3)} kW, at most 1.40 kW`);
    const cost = refusalOf({ load, limits: { ...single, costPerHour: 3.29 } });
    expect(cost.reason).toBe(`costs ${(needed * 3.29).toFixed(2)} USD/h, at most 3.29`);
    expect(cost.shortBy).toBeCloseTo(needed, 9);
    const counts = refusalOf({ load, limits: { ...single, replicaCounts: [1, 2] } });
    expect(counts).toMatchObject({ kind: "limit", shortBy: Number.POSITIVE_INFINITY });
    expect(counts.reason).toBe(`needs ${needed} replicas or more, no count that is allowed`);
  });

  it("is the model's or the machine's rule in the words of whoever refuses, infinitely far", () => {
    expect(refusalOf({ limits: { tensor: [3], pipeline: [1] } })).toMatchObject({
      ...{ kind: "rules", shortBy: Number.POSITIVE_INFINITY, weights: null, planned: null },
      reason: "invalid tensorParallel: 3 (must divide heads 32)",
    });
    const machines = [planMachine("h100-sxm", { link: null })];
    expect(refusalOf({ machines, limits: { tensor: [2], pipeline: [1] } }).reason).toMatch(/no link/);
  });
});
