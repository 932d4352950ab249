import { describe, expect, it } from "vitest";
import { byCost, type Candidate } from "../../src/planning/candidate.ts";
import { type CandidateRow, candidateRow } from "../../src/planning/candidate-row.ts";
import { searchFleets } from "../../src/planning/search.ts";
import { format, planQuestion } from "../fixtures/plan-question.ts";

const question = planQuestion({
  ...{ load: { kind: "rate", amount: 50 }, separatePrefill: "auto", limits: { devices: 2 } },
  ...{ weights: [format("fp8")], kvCaches: [format("fp8")] },
});
const { candidates, refusals } = searchFleets(question, false);
const best = [...candidates].sort(byCost)[0]!;

function row(candidate: Candidate): CandidateRow {
  return candidateRow(candidate, best, refusals, question.load.amount);
}

describe("candidateRow", () => {
  it("has the candidate's figures under the contract's names", () => {
    const of = row(best);
    const { tensor, pipeline, expert } = best.planned.layout.parallelism;
    expect(of).toMatchObject({
      ...{ hardware: "h100-sxm", engine: "vllm", weights: "fp8", kvCache: "fp8", tp: tensor, pp: pipeline, ep: expert },
      ...{ replicas: best.replicas, devices: best.devices, batch: best.load.decoding, lost: null },
      ...{ ttftSeconds: best.load.ttftSeconds, tpotSeconds: best.load.tpotSeconds, costPerHour: best.costPerHour },
    });
    expect(of.maxSequences).toBe(Math.floor(best.planned.open.slots));
  });

  it("fills as much of the room with caches as the running requests hold, half of an answer each", () => {
    const { planned, load } = best;
    const { cacheBytes, freeBytes, weightBytes } = row(best).memory;
    const rows = 1000 + planned.replica.policy.reservedShare * 300;
    expect(cacheBytes).toBeCloseTo(load.running * planned.replica.requestBytes(rows), 0);
    expect(cacheBytes + freeBytes).toBeCloseTo(planned.memory.roomBytes, 0);
    expect(weightBytes).toBe(planned.memory.parts.weightBytes);
    const crowded = { ...best, load: { ...load, running: 1e9 } };
    expect(row(crowded).memory).toMatchObject({ cacheBytes: planned.memory.roomBytes, freeBytes: 0 });
  });

  it("shows the replicas of prompts where there are any", () => {
    const apart = candidates.find(({ prefill }) => prefill !== null)!;
    const { prefill } = row(apart);
    expect(prefill).toMatchObject({ replicas: apart.prefill!.replicas, devices: apart.prefill!.devices });
    expect(row(best).prefill === null).toBe(best.prefill === null);
  });

  it("says why it lost: price, devices, or TPOT at the same cost", () => {
    const lost = (changes: Partial<Candidate>): string | null => row({ ...best, ...changes }).lost;
    const { costPerHour, devices, load } = best;
    expect(lost({ costPerHour: null })).toBe("no price is known for it");
    expect(lost({ costPerHour: 1.5 * costPerHour! })).toBe("50 % dearer");
    expect(lost({ costPerHour: 2 * costPerHour!, devices: 2 * devices })).toBe(
      `100 % dearer: ${2 * devices} devices against ${devices}`,
    );
    expect(lost({ devices: devices + 1 })).toBe(`${devices + 1} devices against ${devices}`);
    expect(lost({ load: { ...load, tpotSeconds: 2 * load.tpotSeconds } })).toBe("the same cost, TPOT 2.0× as long");
    const owned = { ...best, costPerHour: 0 };
    expect(candidateRow(best, owned, refusals, 50).lost).toBe("costs something");
  });
});
