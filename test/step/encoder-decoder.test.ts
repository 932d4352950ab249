/** The paper's encoder-decoder, prefill, materialised attention, concatenation and beams, against closed forms. */
import { describe, expect, test } from "vitest";
import { countStep } from "../../src/step/count-step.ts";
import { footprintOf, planFootprint } from "../../src/step/footprint.ts";
import { defaultStepOptions, type StepOptions } from "../../src/step/step-options.ts";
import { planStep } from "../../src/step/step-plan.ts";
import { modelProfile } from "../fixtures/profiles.ts";

const paper = modelProfile("shazeer-2019-wmt-mha");
const options = (change: Partial<StepOptions>): StepOptions => ({ ...defaultStepOptions, ...change });

function countsOf(plan: ReturnType<typeof planStep>, name: string, workload: Parameters<typeof countStep>[1]) {
  const tape = countStep(plan, workload);
  const i = plan.operations.findIndex((operation) => operation.name === name);
  expect(i, `${name} in ${plan.operations.map((o) => o.name).join(", ")}`).toBeGreaterThanOrEqual(0);
  return tape.counts[i] as (typeof tape.counts)[number];
}

describe("a decoder step of an encoder-decoder", () => {
  const plan = planStep(paper, options({}));

  test("reads the encoder's keys and values once a request: 6 layers × 2 × 8 × 128 × source × 2 bytes", () => {
    const cross = countsOf(plan, "cross attention", { batch: 3, context: 10, sourceContext: 128 });
    expect(cross.kvBytes).toBe(3 * 6 * 2 * 8 * 128 * 128 * 2);
    expect(cross.matmulFlops).toBe(3 * 6 * 4 * 8 * 128 * 128);
  });

  test("beams share the encoder's rows and have caches of their own", () => {
    const load = { batch: 3, context: 10, sourceContext: 128, beams: 4 };
    expect(countsOf(plan, "cross attention", load).kvBytes).toBe(3 * 6 * 2 * 8 * 128 * 128 * 2);
    expect(countsOf(plan, "attention", load).kvBytes).toBe(12 * 6 * 2 * 8 * 128 * 10 * 2);
  });

  test("has no operation of the encoder", () => {
    expect(plan.operations.some((operation) => operation.encoder)).toBe(false);
  });

  test("its footprint holds encoder and decoder, and both caches", () => {
    const footprint = footprintOf(planFootprint(plan), { batch: 2, context: 10, sourceContext: 128 });
    expect(footprint.cacheBytes).toBe(2 * 6 * 2 * 8 * 128 * (10 + 128) * 2);
    expect(Math.abs(footprint.weightBytes / 2 / 211e6 - 1)).toBeLessThan(0.01);
  });
});

describe("an encoder-decoder's prefill", () => {
  const plan = planStep(paper, options({ phase: "prefill" }));

  test("runs the encoder over the prompt, all tokens seeing all", () => {
    const attention = countsOf(plan, "attention", { batch: 2, context: 128 });
    expect(attention.matmulFlops).toBe(2 * 6 * 4 * 8 * 128 * 128 * 128);
    expect(attention.kvBytes).toBe(0);
  });

  test("makes and writes the decoder's cross keys and values", () => {
    const write = countsOf(plan, "cross cache write", { batch: 2, context: 128 });
    expect(write.kvBytes).toBe(2 * 6 * 2 * 8 * 128 * 128 * 2);
  });

  test("takes the whole source at once: another source or a part of it is refused", () => {
    expect(() => countStep(plan, { batch: 2, context: 100, sourceContext: 300 })).toThrow("invalid sourceContext: 300");
    expect(() => countStep(plan, { batch: 2, context: 100, queryTokens: 10 })).toThrow("invalid queryTokens: 10");
    expect(countStep(plan, { batch: 2, context: 100, sourceContext: 100 }).point.queryTokens).toBe(100);
  });

  test("computes no logits", () => {
    expect(plan.operations.some((operation) => operation.name === "logits")).toBe(false);
  });
});

describe("a decoder-only prefill", () => {
  const llama = modelProfile("llama-2-7b");
  const plan = planStep(llama, options({ phase: "prefill" }));

  test("counts causal attention exactly: n (n + 1) / 2 pairs", () => {
    const n = 1000;
    expect(countsOf(plan, "attention", { batch: 2, context: n }).matmulFlops).toBe(
      2 * 32 * 4 * 32 * 128 * ((n * (n + 1)) / 2),
    );
  });

  test("its chunks add up to the whole, in pairs and in linear FLOPs", () => {
    const part = (context: number, queryTokens?: number) =>
      countStep(plan, queryTokens === undefined ? { batch: 1, context } : { batch: 1, context, queryTokens }).totals;
    const whole = part(1000).matmulFlops;
    const chunks = part(300, 300).matmulFlops + part(1000, 700).matmulFlops;
    // Each chunk computes the logits of its last token.
    expect(chunks - whole).toBe(2 * 4096 * 32_000);
  });

  test("steps of one token each do the prompt's FLOPs one by one", () => {
    let sum = 0;
    const decode = planStep(llama, options({}));
    for (let context = 1; context <= 20; context++) sum += countStep(decode, { batch: 1, context }).totals.matmulFlops;
    expect(sum - 19 * 2 * 4096 * 32_000).toBe(countStep(plan, { batch: 1, context: 20 }).totals.matmulFlops);
  });
});

describe("policies of the paper's code", () => {
  const llama = modelProfile("llama-2-7b");

  test("concatenation reads the old rows and writes all: 3 n − 1 rows a step beside 2 n − … in place", () => {
    const concat = countStep(planStep(llama, options({ cacheUpdate: "concat" })), { batch: 1, context: 100 }).totals;
    const inPlace = countStep(planStep(llama, options({})), { batch: 1, context: 100 }).totals;
    expect(inPlace.kvBytes).toBe(101 * 524_288);
    expect(concat.kvBytes).toBe((100 + 99 + 100) * 524_288);
  });

  test("beams of a concatenated cache are gathered: two more passes over it", () => {
    const plan = planStep(llama, options({ cacheUpdate: "concat" }));
    const beams = countStep(plan, { batch: 1, context: 100, beams: 4 }).totals;
    expect(beams.kvBytes).toBe(4 * (100 + 99 + 100 + 200) * 524_288);
  });

  test("materialised attention adds four passes over the logits and no FLOPs", () => {
    const fused = countStep(planStep(llama, options({})), { batch: 1, context: 100 }).totals;
    const apart = countStep(planStep(llama, options({ attentionKernel: "materialized" })), {
      batch: 1,
      context: 100,
    }).totals;
    expect(apart.flops).toBe(fused.flops);
    expect(apart.activationBytes - fused.activationBytes).toBe(32 * 4 * 32 * 100 * 2);
  });
});

describe("bad workloads are refused by name", () => {
  const plan = planStep(modelProfile("llama-2-7b"), options({}));
  test.each([
    [{ batch: 0, context: 1 }, "invalid batch: 0"],
    [{ batch: 1.5, context: 1 }, "invalid batch: 1.5"],
    [{ batch: 1, context: -4 }, "invalid context: -4"],
    [{ batch: 1, context: Number.NaN }, "invalid context: not a number"],
    [{ batch: Number.POSITIVE_INFINITY, context: 1 }, "invalid batch: a number too large"],
    [{ batch: 1, context: 4, queryTokens: 5 }, "invalid queryTokens: 5 (at most the context 4"],
    [{ batch: 1, context: 4, beams: 0 }, "invalid beams: 0"],
  ])("%j", (workload, message) => {
    expect(() => countStep(plan, workload)).toThrow(message);
  });
});
