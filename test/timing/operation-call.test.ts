import { describe, expect, it } from "vitest";
import { applyAttention, applyWindow } from "../../src/architecture/attention-variant.ts";
import type { Model } from "../../src/architecture/model.ts";
import { singleDevice } from "../../src/architecture/shard.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { countStep, stepTape } from "../../src/step/count-step.ts";
import { defaultStepOptions, type StepOptions, type StepWorkload } from "../../src/step/step-options.ts";
import { planStep } from "../../src/step/step-plan.ts";
import { type OperationCall, operationCall } from "../../src/timing/operation-call.ts";
import { modelIds, modelProfile } from "../fixtures/profiles.ts";
import { roundHardware } from "../fixtures/synthetic-fit.ts";

const llama = modelProfile("llama-2-7b");

/** The calls of a step's operations by name, at a workload. */
function callsOf(model: Model, workload: StepWorkload, step: Partial<StepOptions> = {}, cold = true) {
  const plan = planStep(model, { ...defaultStepOptions, ...step });
  const tape = countStep(plan, workload, stepTape(plan));
  const calls = new Map<string, OperationCall | null>();
  plan.operations.forEach((operation, i) => {
    const call = operationCall(operation, plan, roundHardware, cold);
    call?.at(operation.encoder ? tape.encoderPoint : tape.point, tape.counts[i]!);
    calls.set(operation.name, call);
  });
  return calls;
}

describe("operationCall", () => {
  const point = { batch: 8, context: 3000 };

  it("makes a projection a product of all tokens by its weights", () => {
    const down = callsOf(llama, point).get("feed-forward down")!;
    expect(down).toMatchObject({ kind: "linear", format: "bf16" });
    expect(down.call).toMatchObject({ m: 8, n: 4096, k: 11008, weightBytesPerElement: 2, peakFlopsPerSecond: 132e12 });
    expect(callsOf(llama, { ...point, queryTokens: 3 }).get("feed-forward down")!.call).toMatchObject({ m: 24 });
    expect(callsOf(llama, point).get("logits")!.call).toMatchObject({ m: 8, n: 32000, k: 4096 });
  });

  it("tells what is multiplied in 8 bits, by the format of the weights", () => {
    const fp8 = { weights: parseNumberFormat("fp8"), activations: parseNumberFormat("fp8") };
    const call = callsOf(llama, point, fp8).get("feed-forward down")!;
    expect(call).toMatchObject({ kind: "quantized-linear", format: "fp8" });
    expect(call.call).toMatchObject({ peakFlopsPerSecond: 264e12, inputBytesPerElement: 1, outputBytesPerElement: 2 });
    const widened = callsOf(llama, point, { weights: parseNumberFormat("int8") }).get("feed-forward down")!;
    expect(widened).toMatchObject({ kind: "linear", format: "int8" });
  });

  it("makes a decode step's attention one query a head over the rows that it sees", () => {
    const gqa = applyAttention(llama, "gqa:8");
    const call = callsOf(gqa, point).get("attention")!;
    expect(call).toMatchObject({ kind: "decode-attention", format: "bf16" });
    expect(call.call).toMatchObject({
      batch: 8,
      heads: 32,
      kvHeads: 8,
      headDim: 128,
      rows: 3000,
      windowed: false,
      cold: true,
    });
    expect(callsOf(gqa, point, {}, false).get("attention")!.call).toMatchObject({ cold: false });
    // New tokens of a sequence share its rows, as more query heads would.
    expect(callsOf(gqa, { ...point, queryTokens: 4 }).get("attention")!.call).toMatchObject({ heads: 128, kvHeads: 8 });
  });

  it("gives each head of a latent absorption inputs of its own", () => {
    const { call } = callsOf(modelProfile("deepseek-v3"), point).get("query absorption")!;
    // 8 tokens × 128 heads × 128 inputs of 2 bytes, and 512 outputs a head.
    expect(call).toMatchObject({ m: 8, n: 128 * 512, k: 128, inputBytesPerElement: 128 * 2, outputBytesPerElement: 2 });
  });

  it("lets a request's beams share the rows of its encoder, as they are counted", () => {
    const beams = callsOf(modelProfile("t5-base"), { batch: 2, context: 64, sourceContext: 500, beams: 4 });
    expect(beams.get("full: attention")!.call).toMatchObject({ batch: 8, heads: 12, rows: 64 });
    expect(beams.get("cross attention")!.call).toMatchObject({ batch: 2, heads: 48, kvHeads: 12, rows: 500 });
  });

  it("cuts rows off by a window only beyond it", () => {
    const windowed = applyWindow(llama, 1024);
    const rows = (context: number) => callsOf(windowed, { batch: 8, context }).get("attention")!.call;
    expect(rows(1024)).toMatchObject({ rows: 1024, windowed: false });
    expect(rows(1025)).toMatchObject({ rows: 1024, windowed: true });
  });

  it("gives each device its heads", () => {
    const parallelism = { ...singleDevice, tensor: 4 };
    const calls = callsOf(applyAttention(llama, "gqa:8"), point, { parallelism });
    expect(calls.get("attention")!.call).toMatchObject({ heads: 8, kvHeads: 2 });
    const collective = [...calls.values()].find((each) => each?.kind === "collective")!;
    // All sequences' activations: 8 × 4096 elements of 2 bytes.
    expect(collective.call).toMatchObject({ algorithm: "all-reduce", devices: 4, messageBytes: 65_536 });
  });

  it("makes a prompt causal attention over its own rows", () => {
    const prompt = { batch: 2, context: 512 };
    const call = callsOf(applyWindow(llama, 100), prompt, { phase: "prefill" }).get("attention")!;
    expect(call.kind).toBe("prefill-attention");
    expect(call.call).toMatchObject({ batch: 2, queryTokens: 512, context: 512, window: 100 });
  });

  it("counts what a small kernel reads and writes a call", () => {
    const call = callsOf(llama, point).get("final norm")!;
    expect(call.kind).toBe("small-kernel");
    // 8 tokens of 4096 elements in and out, and the norm's 4096 weights.
    expect(call.call).toEqual({ bytes: 2 * (2 * 8 * 4096 + 4096) });
  });

  it("says of a mixture what the busiest device touches", () => {
    const mixture = modelProfile("mixtral-8x7b");
    const one = [...callsOf(mixture, { batch: 1, context: 100 }).values()].find(
      (each) => each?.kind === "mixture-of-experts",
    )!;
    expect(one.call).toMatchObject({
      tokens: 1,
      choices: 2,
      touchedExperts: 2,
      experts: 8,
      localExperts: 8,
      matrices: 3,
    });
    const many = [...callsOf(mixture, { batch: 512, context: 100 }).values()].find(
      (each) => each?.kind === "mixture-of-experts",
    )!;
    expect((many.call as { touchedExperts: number }).touchedExperts).toBeCloseTo(8, 3);
  });

  it("knows latent attention, absorbed and not", () => {
    const latent = modelProfile("deepseek-v2-lite");
    const call = [...callsOf(latent, point).values()].find((each) => each?.kind === "latent-attention")!;
    expect(call.call).toMatchObject({ batch: 8, context: 3000, absorbed: true, latentDim: 512, ropeDim: 64 });
  });

  it("finds a form, or null, for every operation of every model, with figures that are finite", () => {
    const without = new Set<string>();
    for (const id of modelIds()) {
      for (const [name, call] of callsOf(modelProfile(id), { batch: 3, context: 257, sourceContext: 64 })) {
        if (call === null) without.add(name);
        else
          for (const value of Object.values(call.call)) {
            if (typeof value === "number") expect(Number.isFinite(value), `${id} ${name}`).toBe(true);
          }
      }
    }
    // Recurrent layers and sparse indexers have no form; an encoder's attention runs both ways.
    expect([...without].filter((name) => /projection|logits|feed-forward/.test(name))).toEqual([]);
  });
});
