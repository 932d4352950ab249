import { describe, expect, it } from "vitest";
import { layoutsOf } from "../../src/planning/layout.ts";
import { type PlannedReplica, plannedReplica, type ServedFormats } from "../../src/planning/planned-replica.ts";
import { replicaQuestion } from "../../src/planning/search.ts";
import { format, planMachine, planQuestion, rooflineTiming } from "../fixtures/plan-question.ts";
import { modelProfile } from "../fixtures/profiles.ts";

type Changes = Parameters<typeof planQuestion>[0];

function replica(
  changes: Changes = {},
  formats: ServedFormats = { weights: null, kvCache: null },
): PlannedReplica | string {
  const question = planQuestion({ ...changes, limits: { devices: 1, ...changes?.limits } });
  const { hardware } = question.machines[0]!;
  const layout = layoutsOf(question.model, hardware, question.limits).layouts.at(-1)!;
  return plannedReplica(replicaQuestion(question), question.engineOn(layout.hardware), layout, formats);
}

const made = (changes?: Changes, formats?: ServedFormats): PlannedReplica =>
  replica(changes, formats) as PlannedReplica;

describe("plannedReplica", () => {
  it("holds Llama-3.1-8B: 16.06 GB of weights, 128 KiB of cache a row, every part of the memory summing to the capacity", () => {
    const { memory, replica: model } = made();
    expect(memory.parts.weightBytes / 1e9).toBeCloseTo(16.06, 2);
    expect(model.requestBytes(1024)).toBe(1024 * 128 * 1024);
    const parts = Object.values(memory.parts).reduce((sum, bytes) => sum + bytes, 0);
    expect(parts + memory.roomBytes).toBeCloseTo(memory.capacityBytes, 0);
  });

  it("holds half the weights and half the cache in fp8", () => {
    const whole = made();
    const half = made({}, { weights: format("fp8"), kvCache: format("fp8") });
    expect(half.replica.requestBytes(1024)).toBe(whole.replica.requestBytes(1024) / 2);
    expect(half.memory.parts.weightBytes).toBeLessThan(0.6 * whole.memory.parts.weightBytes);
    expect(half.formats.kvCache.id).toBe("fp8");
  });

  it("runs as many sequences and prompt tokens as it is told to", () => {
    const { replica: model, open } = made({ limits: { maxSequences: 7, stepTokens: 512 } });
    expect(model).toMatchObject({ maxSequences: 7, policy: { stepTokens: 512 } });
    expect(open.slots).toBe(7);
    expect(made().replica.maxSequences).toBeGreaterThan(7);
  });

  it("lets each group of attention run the engine's sequences: EP 8 over TP 1 holds eight times as many", () => {
    const limits = { devices: 8, tensor: [1], pipeline: [1] };
    const mixtral = modelProfile("mixtral-8x7b");
    const groups = made({ model: mixtral, limits: { ...limits, expert: [8] } });
    expect(groups.steps.groups).toBe(8);
    expect(groups.replica.maxSequences).toBe(8 * groups.engine.memory.maxSequences);
  });

  it("keeps the draft's weights on the device, and none where a head drafts", () => {
    const draft = modelProfile("llama-3.2-1b");
    const own = made().memory.parts.weightBytes;
    const drafted = made({ speculation: { tokens: 3, acceptance: 0.7, draft } });
    expect((drafted.memory.parts.weightBytes - own) / 1e9).toBeCloseTo(2.47, 1);
    expect(made({ speculation: { tokens: 3, acceptance: 0.7, draft: null } }).memory.parts.weightBytes).toBe(own);
    expect(drafted.steps.tokensPerStep).toBeCloseTo(2.533, 3);
  });

  it("fills the share of the memory that it is told to, and no more", () => {
    const { memory } = made({ limits: { memoryShare: 0.5 } });
    expect(memory.parts.weightBytes + memory.roomBytes).toBeCloseTo(memory.capacityBytes / 2, 0);
  });

  it("says in words why there is none where the machine has no peak of the format to multiply in", () => {
    const machines = [planMachine("h100-sxm", { peakFlopsPerSecond: { int8: 1e15 } })];
    expect(replica({ machines, timing: rooflineTiming })).toMatch(/^invalid .*bf16/);
  });
});
