import { describe, expect, it } from "vitest";
import type { Candidate } from "../../src/planning/candidate.ts";
import type { PlanQuestion } from "../../src/planning/plan-question.ts";
import { replicasOn } from "../../src/planning/search.ts";
import { separatedCandidate } from "../../src/planning/separate-prefill.ts";
import { promptsOnlyAt } from "../../src/serving/open-loop.ts";
import { format, planMachine, planQuestion, workload } from "../fixtures/plan-question.ts";
import { hardwareProfile } from "../fixtures/profiles.ts";

type Changes = NonNullable<Parameters<typeof planQuestion>[0]>;

function question(changes: Changes = {}): PlanQuestion {
  const limits = { devices: 2, ...changes.limits };
  return planQuestion({ load: { kind: "rate", amount: 50 }, ...changes, limits });
}

function separated(of: PlanQuestion): Candidate | null {
  const [machine] = of.machines;
  return separatedCandidate(of, machine!, replicasOn(of, machine!).planned);
}

describe("separatedCandidate", () => {
  it("hands 1000 rows of 128 KiB over 50 GB/s in 2.6 ms, with its time in TPOT's gaps", () => {
    const limits = { devices: 1 };
    const candidate = separated(question({ limits }))!;
    const { transferSeconds } = candidate.prefill!;
    const pages = Math.ceil(1000 / 16) * 16;
    const { bytesPerSecond } = hardwareProfile("h100-sxm").node!.link!;
    expect(transferSeconds).toBeCloseTo((pages * 128 * 1024) / bytesPerSecond, 9);
    const slow = separated(question({ limits: { ...limits, nodeLinkBytesPerSecond: bytesPerSecond / 10 } }))!;
    expect(slow.prefill!.transferSeconds).toBeCloseTo(10 * transferSeconds, 9);
    expect(slow.replicas).toBe(candidate.replicas);
    expect(slow.load.meanTpotSeconds - candidate.load.meanTpotSeconds).toBeCloseTo((9 * transferSeconds) / 299, 9);
  });

  it("splits the rate over as few replicas of prompts as keep TTFT, and of decoding as keep TPOT", () => {
    const of = question();
    const { prefill, planned, replicas, devices, load, requestsPerSecond, replicaAmount } = separated(of)!;
    const { objectives, limits } = of;
    expect(devices).toBe(prefill!.replicas * prefill!.planned.layout.devices + replicas * planned.layout.devices);
    expect(requestsPerSecond).toBeCloseTo(50, 3);
    expect(replicas).toBe(Math.ceil(50 / replicaAmount));
    const at = (count: number) => promptsOnlyAt(prefill!.planned.open, 50 / count, count);
    expect(at(prefill!.replicas).firstTokenAt(0.95)).toBeCloseTo(load.ttftSeconds, 12);
    expect(load.ttftSeconds).toBeLessThanOrEqual(objectives.ttftSeconds!);
    expect(load.tpotSeconds).toBeLessThanOrEqual(objectives.tpotSeconds!);
    expect(prefill!.utilization).toBeLessThanOrEqual(limits.utilization);
    const fewer = at(prefill!.replicas - 1);
    expect(fewer.promptShare > limits.utilization || fewer.firstTokenAt(0.95) > objectives.ttftSeconds!).toBe(true);
  });

  it("keeps tokens from waiting for prompts: TPOT is that of decoding and the hand-over alone", () => {
    const { load, prefill, planned } = separated(question())!;
    const { steps, open } = { steps: planned.replica.steps, open: planned.open };
    expect(steps.stepSeconds(8, 1000, 5000, 2500)).toBe(steps.stepSeconds(8, 1000, 0, 0));
    const alone = steps.stepSeconds(load.decoding, open.context, 0, 0);
    expect(load.meanTpotSeconds / (alone + prefill!.transferSeconds / 299)).toBeGreaterThan(0.95);
    expect(load.meanTpotSeconds / (alone + prefill!.transferSeconds / 299)).toBeLessThan(1.05);
  });

  it("is null for users, without a link to hand caches over, and where TTFT, TPOT or the end can't be kept", () => {
    expect(separated(question({ load: { kind: "users", amount: 50 } }))).toBeNull();
    expect(separated(question({ machines: [planMachine("h100-sxm", { link: null, node: null })] }))).toBeNull();
    expect(separated(question({ objectives: { ttftSeconds: 0.01 } }))).toBeNull();
    expect(separated(question({ objectives: { tpotSeconds: 0.001 } }))).toBeNull();
    expect(
      separated(question({ objectives: { ttftSeconds: null, tpotSeconds: null, endToEndSeconds: 1 } })),
    ).toBeNull();
    expect(separated(question({ limits: { nodeLinkBytesPerSecond: 1e6 } }))).toBeNull();
  });

  it("gives both halves the same formats", () => {
    const kvCaches = [format("bf16"), format("fp8")];
    for (const objectives of [{}, { ttftSeconds: 0.25 }, { tpotSeconds: 0.012 }]) {
      const of = question({ kvCaches, weights: [null, format("fp8")], objectives, workload: workload(3000, 300) });
      const { planned, prefill } = separated(of)!;
      expect(prefill!.planned.formats).toEqual(planned.formats);
    }
  });

  it("never needs fewer devices for more load, nor more for longer objectives", () => {
    const devices = (amount: number, objectives: Changes["objectives"] = {}) =>
      separated(
        question({
          load: { kind: "rate", amount },
          objectives: { ttftSeconds: 0.2, tpotSeconds: 0.02, ...objectives },
        }),
      )!.devices;
    const rates = [1, 5, 20, 60, 150, 400].map((amount) => devices(amount));
    expect(rates).toEqual([...rates].sort((a, b) => a - b));
    expect(devices(60, { ttftSeconds: 0.4 })).toBeLessThanOrEqual(devices(60));
    expect(devices(60, { tpotSeconds: 0.04 })).toBeLessThan(devices(60));
  });
});
