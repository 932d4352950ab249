import { describe, expect, it } from "vitest";
import type { PlannedReplica } from "../../src/planning/planned-replica.ts";
import { type ReplicaCapacity, replicaCapacity, sharedLoad } from "../../src/planning/replica-load.ts";
import { replicasOn } from "../../src/planning/search.ts";
import { planMachine, planQuestion, rooflineTiming, workload } from "../fixtures/plan-question.ts";

const single = { devices: 1 };
const none = { ttftSeconds: null, tpotSeconds: null, endToEndSeconds: null, share: 0.95 };

function replica(changes: Parameters<typeof planQuestion>[0] = {}): PlannedReplica {
  const question = planQuestion({ limits: single, ...changes });
  return replicasOn(question, question.machines[0]!).planned[0]!;
}

function capacityOf(planned: PlannedReplica, kind: "rate" | "users", objectives = none, share = 1): ReplicaCapacity {
  const capacity = replicaCapacity(planned, kind, objectives, share);
  if (!("amount" in capacity)) throw new Error(`misses ${capacity.limit}`);
  return capacity;
}

describe("replicaCapacity", () => {
  const planned = replica();

  it("is without objectives all that fit: users as many as slots, and half of the most at a utilisation of a half", () => {
    expect(capacityOf(planned, "users").amount).toBeCloseTo(planned.open.slots, 6);
    const most = capacityOf(planned, "rate");
    expect(most.limitedBy).toBe("utilization");
    const half = capacityOf(planned, "rate", none, 0.5);
    expect(half.load.utilization).toBeLessThanOrEqual(0.5);
    expect(half.load.utilization).toBeGreaterThan(0.499);
    // At the very most nobody would come to an end of waiting.
    expect(half.amount / most.amount).toBeGreaterThan(0.499);
    expect(half.amount / most.amount).toBeLessThan(0.51);
  });

  it("gives one user of an ideal machine the weights' and cache's time over the bandwidth as TPOT, within 2 %", () => {
    const ideal = replica({ timing: rooflineTiming });
    const { hardware } = ideal.layout;
    const load = sharedLoad(ideal, { kind: "users", amount: 1 }, 1, none)!;
    const cacheBytes = ideal.replica.requestBytes(1150);
    // Of the input embedding one row is read, of 128 256 × 4096 × 2 bytes.
    const readBytes = ideal.memory.parts.weightBytes - 128_256 * 4096 * 2 + cacheBytes;
    expect(load.meanTpotSeconds / (readBytes / hardware.memoryBandwidthBytesPerSecond)).toBeGreaterThan(0.98);
    expect(load.meanTpotSeconds / (readBytes / hardware.memoryBandwidthBytesPerSecond)).toBeLessThan(1.02);
    expect(load.decoding).toBeLessThanOrEqual(1);
  });

  it.each([
    ["tpot", { tpotSeconds: 0.02 }, "rate"],
    ["ttft", { ttftSeconds: 0.07 }, "rate"],
    ["endToEnd", { endToEndSeconds: 5 }, "rate"],
    ["tpot", { tpotSeconds: 0.02 }, "users"],
  ] as const)("stops at the objective %s, at it within 1 %% and 0.2 %% more misses it (%o, %s)", (limit, of, kind) => {
    const objectives = { ...none, ...of };
    const { amount, load, limitedBy } = capacityOf(planned, kind, objectives);
    expect(limitedBy).toBe(limit);
    const reached = load[`${limit}Seconds`];
    const wanted = objectives[`${limit}Seconds`]!;
    expect(reached).toBeLessThanOrEqual(wanted);
    expect(reached).toBeGreaterThan(0.99 * wanted);
    const beyond = sharedLoad(planned, { kind, amount: 1.002 * amount }, 1, objectives)!;
    expect(beyond[`${limit}Seconds`]).toBeGreaterThan(wanted);
  });

  it("names the objective that a request alone misses, with what it reaches", () => {
    const missed = replicaCapacity(planned, "rate", { ...none, tpotSeconds: 0.001 }, 0.9);
    expect(missed).toMatchObject({ limit: "tpot", wantedSeconds: 0.001 });
    expect("reachedSeconds" in missed && missed.reachedSeconds).toBeGreaterThan(0.005);
  });

  it("serves the same at p50 or p99 without objectives, and less at p99 with one", () => {
    const of = (share: number, tpotSeconds: number | null) =>
      capacityOf(planned, "rate", { ...none, share, tpotSeconds }).amount;
    expect(of(0.5, null)).toBe(of(0.99, null));
    expect(of(0.99, 0.02)).toBeLessThan(of(0.5, 0.02));
  });
});

describe("sharedLoad", () => {
  const planned = replica({ machines: [planMachine("l40s")], workload: workload(500, 100) });

  it("is the replica's share of a rate, and Little's law holds of it", () => {
    const load = sharedLoad(planned, { kind: "rate", amount: 12 }, 4, none)!;
    expect(load.ratePerSecond).toBeCloseTo(3, 4);
    expect(load.decoding).toBeCloseTo(load.ratePerSecond * 99 * load.meanTpotSeconds, 6);
    expect(load.running).toBeGreaterThan(load.decoding);
    expect(load.endToEndSeconds).toBeGreaterThanOrEqual(load.meanTtftSeconds + 99 * load.meanTpotSeconds);
  });

  it("is null for a rate 1 % past what the replica can serve, and not 2 % below", () => {
    const { amount } = capacityOf(planned, "rate");
    expect(sharedLoad(planned, { kind: "rate", amount: 1.01 * amount }, 1, none)).toBeNull();
    expect(sharedLoad(planned, { kind: "rate", amount: 0.98 * amount }, 1, none)!.utilization).toBeGreaterThan(0.97);
  });
});
