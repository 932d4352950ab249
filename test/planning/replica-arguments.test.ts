import { describe, expect, it } from "vitest";
import { replicaArguments } from "../../src/planning/replica-arguments.ts";
import { searchFleets } from "../../src/planning/search.ts";
import { format, planQuestion } from "../fixtures/plan-question.ts";
import { modelProfile } from "../fixtures/profiles.ts";

function argumentsOf(changes: Parameters<typeof planQuestion>[0]) {
  const question = planQuestion(changes);
  const [best] = searchFleets(question, false).candidates;
  return { best: best!, question, found: replicaArguments(best!, question.model) };
}

const textOf = (found: ReturnType<typeof replicaArguments>, engine: string): string =>
  found.find((each) => each.engine === engine)!.command;

describe("replicaArguments", () => {
  it("starts the candidate's layout in each engine, with its sequences, context and share of memory", () => {
    const limits = { tensor: [4], pipeline: [2], expert: [1] };
    const { best, found } = argumentsOf({
      model: modelProfile("llama-3.1-70b"),
      load: { kind: "rate", amount: 1 },
      limits,
    });
    expect(found.map(({ engine, separated }) => [engine, separated])).toEqual([
      ["vllm", null],
      ["trt-llm", null],
      ["sglang", null],
    ]);
    const vllm = textOf(found, "vllm");
    expect(vllm).toContain("--tensor-parallel-size 4");
    expect(vllm).toContain("--pipeline-parallel-size 2");
    expect(vllm).toContain("--max-model-len 1300");
    const { maxSequences } = best.planned.replica;
    expect(vllm).toContain(`--max-num-seqs ${Math.min(maxSequences, Math.floor(best.planned.open.slots))}`);
    const share = Number(/--gpu-memory-utilization ([\d.]+)/.exec(vllm)![1]);
    expect(share).toBeGreaterThan(0.8);
    expect(share).toBeLessThan(1);
  });

  it("names formats, prefix caching, drafts and the number of replicas", () => {
    const { best, found } = argumentsOf({
      ...{ load: { kind: "rate", amount: 100 }, cachedPromptShare: 0.3, limits: { devices: 1 } },
      ...{ weights: [format("fp8")], kvCaches: [format("fp8")] },
      speculation: { tokens: 3, acceptance: 0.7, draft: modelProfile("llama-3.2-1b") },
    });
    const vllm = textOf(found, "vllm");
    expect(vllm).toContain("--kv-cache-dtype fp8");
    expect(vllm).toContain("fp8");
    expect(vllm).toMatch(/--enable-prefix-caching/);
    expect(vllm).toContain(`"model":"llama-3.2-1b","num_speculative_tokens":3`);
    expect(best.replicas).toBeGreaterThan(1);
    expect(found[0]!.notes.join(" ")).toContain(`start it ${best.replicas} times`);
  });

  it("starts both halves where prompts have replicas of their own", () => {
    const { best, found } = argumentsOf({ load: { kind: "rate", amount: 50 }, separatePrefill: "always" });
    expect(found.map(({ separated }) => separated)).toEqual([...Array(3).fill("prefill"), ...Array(3).fill("decode")]);
    const { tensor } = best.prefill!.planned.layout.parallelism;
    if (tensor > 1) expect(textOf(found, "vllm")).toContain(`--tensor-parallel-size ${tensor}`);
    expect(best.prefill!.replicas).toBeGreaterThan(0);
  });

  it("never asks for more context than the model has", () => {
    const { found } = argumentsOf({ model: { ...modelProfile("llama-3.1-8b"), maxContext: 1200 } });
    expect(textOf(found, "vllm")).toContain("--max-model-len 1200");
    const { found: free } = argumentsOf({ model: { ...modelProfile("llama-3.1-8b"), maxContext: null } });
    expect(textOf(free, "vllm")).toContain("--max-model-len 1300");
  });
});
