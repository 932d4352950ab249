/** Totals that others have published, to the last byte and parameter; each with its source. */
import { describe, expect, test } from "vitest";
import { predictStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import { applyAttention } from "../../src/architecture/attention-variant.ts";
import { modelCacheElementsPerToken } from "../../src/architecture/cache-row.ts";
import { modelFromHuggingFace } from "../../src/architecture/hugging-face/model-from-hugging-face.ts";
import { countParameters } from "../../src/architecture/weights.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { countStep } from "../../src/step/count-step.ts";
import { type FootprintPlan, footprintOf, planFootprint } from "../../src/step/footprint.ts";
import { defaultStepOptions } from "../../src/step/step-options.ts";
import { planStep } from "../../src/step/step-plan.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const mebibyte = 2 ** 20;

describe("bytes of keys and values a token, bf16", () => {
  test.each([
    ["deepseek-v3", 70_272, "ai-dynamo/aiconfigurator tests/unit/sdk/test_memory_estimation.py; 61 × (512 + 64) × 2"],
    ["llama-3.1-70b", 327_680, "80 × 2 × 8 × 128 × 2"],
    ["llama-3.1-8b", 131_072, "32 × 2 × 8 × 128 × 2"],
    ["falcon-7b", 8_192, "32 × 2 × 1 × 64 × 2: one K/V head, not the 71 that its config.json prints"],
    ["llama-2-7b", 524_288, "32 × 2 × 32 × 128 × 2"],
    ["starcoder-15.5b", 20_480, "40 × 2 × 128 × 2"],
  ])("%s: %d", (id, bytes) => {
    expect(modelCacheElementsPerToken(modelProfile(id)) * 2).toBe(bytes);
  });

  test("DeepSeek-V3 is not two K/V heads of 56, as a peer declares it (27,328 bytes)", () => {
    expect(modelCacheElementsPerToken(modelProfile("deepseek-v3")) * 2).not.toBe(27_328);
  });
});

describe("f16 cache at context 2048, in MiB (llama.cpp prints these at load)", () => {
  test.each([
    ["llama-3-8b", 256],
    ["llama-3-70b", 640],
    ["mixtral-8x7b", 256],
    ["command-r-v01", 2560],
  ])("%s: %d MiB", (id, size) => {
    const plan = planStep(modelProfile(id), { ...defaultStepOptions, kvCache: parseNumberFormat("fp16") });
    const footprint = footprintOf(planFootprint(plan), { batch: 1, context: 2048 });
    expect(footprint.cacheBytes).toBe(size * mebibyte);
  });
});

describe("Llama-2-7B", () => {
  const model = modelProfile("llama-2-7b");
  const plan = planStep(model, defaultStepOptions);

  test("has 6,738,415,616 parameters and reads 6,607,343,616 of them in a step beside one embedding row a sequence", () => {
    expect(countParameters(model).total).toBe(6_738_415_616);
    for (const batch of [1, 3, 64]) {
      const weights = countStep(plan, { batch, context: 512 }).totals.weightBytes;
      expect(weights).toBe(2 * (6_607_343_616 + batch * 4096));
    }
  });

  test("moves batch × (context + new tokens) × 524,288 bytes of keys and values", () => {
    for (const [batch, context, queryTokens] of [
      [1, 512, 1],
      [16, 4096, 1],
      [2, 100, 4],
    ] as const) {
      const totals = countStep(plan, { batch, context, queryTokens }).totals;
      expect(totals.kvBytes).toBe(batch * (context + queryTokens) * 524_288);
    }
  });

  test("takes 4.03 ms at batch 1 and context 512 on an H100: bytes over 3.35e12, not over 2^30-based gigabytes (3.75 ms)", () => {
    const p = predictStep(stepPredictor(model, hardwareProfile("h100-sxm")), { batch: 1, context: 512 });
    expect(p.seconds).toBeCloseTo(4.028e-3, 6);
    expect(p.seconds).toBeGreaterThan(4.0e-3);
  });

  test("the weights of its q4_k_m file are 4.08 GB, as llama.cpp's llama-2-7b.Q4_K_M.gguf is", () => {
    const quantized = planStep(model, { ...defaultStepOptions, weights: parseNumberFormat("q4_k_m") });
    const bytes = footprintOf(planFootprint(quantized), { batch: 1, context: 1 }).weightBytes;
    expect(Math.abs(bytes / 4_081_004_224 - 1)).toBeLessThan(0.002);
  });
});

describe("bytes of the tensors in GGUF files", () => {
  const footprint = (id: string, weights: string, tensor = 1, pipeline = 1): FootprintPlan =>
    planFootprint(
      planStep(modelProfile(id), {
        ...defaultStepOptions,
        weights: parseNumberFormat(weights),
        parallelism: { tensor, pipeline, expert: 1 },
      }),
    );
  const bytesOf = (plan: FootprintPlan): number => footprintOf(plan, { batch: 1, context: 1 }).weightBytes;

  test.each([
    ["llama-2-7b", "q4_0", 3_825_065_984, "the file of 3,825,807,040 bytes less 741,056 of metadata"],
    ["llama-2-7b", "q4_k_m", 4_080_263_168, "the file of 4,081,004,224 bytes less the same metadata"],
    ["qwen2.5-0.5b", "q4_k_m", 391_859_712, "the published file of 397,808,192 bytes less 5,948,480 of metadata"],
    ["qwen2.5-0.5b", "q4_0", 346_206_720, "rows of 896: the tied table Q8_0 instead of Q6_K"],
    ["gpt2", "q8_0", 134_883_888, "positions of 1024 × 768 in fp32"],
    ["starcoder-15.5b", "q8_0", 16_643_153_920, "positions of 8192 × 6144 in fp32"],
    ["opt-6.7b", "q4_0", 3_833_228_288, "positions of 2050 × 4096 in fp32"],
    ["phi-2", "q4_k_m", 1_787_432_960, "attn_qkv in Q5_K: the file of 1,789,239,136 bytes (recalled) less 1,806,176"],
  ])("%s, %s: %d (%s)", (id, weights, bytes) => {
    expect(bytesOf(footprint(id, weights))).toBe(bytes);
  });

  test.each([
    ["q4_0", 4.5],
    ["q4_k_m", 5.5],
  ])("Mixtral in %s: keys and values Q8_0, the output projection %d bits", (weights, output) => {
    const options = { ...defaultStepOptions, weights: parseNumberFormat(weights) };
    const plan = planStep(modelProfile("mixtral-8x7b"), options);
    const bits = (name: string): number => {
      const shape = plan.operations.find((operation) => operation.name === name)?.shape as unknown;
      return 8 * (shape as { weightBytesPerElement: number }).weightBytesPerElement;
    };
    expect(bits("q/k/v projection")).toBeCloseTo((4096 * 4.5 + 2048 * 8.5) / 6144, 12);
    expect(bits("output projection")).toBe(output);
  });

  test("80 layers with grouped heads store their values in Q5_K, those that are finer in Q6_K", () => {
    const plan = planStep(modelProfile("llama-2-70b"), { ...defaultStepOptions, weights: parseNumberFormat("q4_k_m") });
    const qkv = plan.operations.find((operation) => operation.name === "q/k/v projection")?.shape as unknown;
    const finer = 40 / 80;
    const value = 5.5 + (6.5625 - 5.5) * finer;
    const mean = ((8192 + 1024) * 4.5 + 1024 * value) / (8192 + 2048);
    expect(8 * (qkv as { weightBytesPerElement: number }).weightBytesPerElement).toBeCloseTo(mean, 12);
  });

  test("pipeline stages hold the file between them: their layers keep their depths", () => {
    for (const id of ["llama-2-7b", "llama-2-70b", "mixtral-8x7b", "phi-2"]) {
      const stages = footprint(id, "q4_k_m", 1, 4).stages;
      const sum = stages.reduce((bytes, stage) => bytes + stage.weightBytes, 0);
      expect(sum).toBeCloseTo(bytesOf(footprint(id, "q4_k_m")), 3);
    }
  });

  test("a divided matrix keeps the format of the whole one: 11008 / 2 columns are no blocks of 256", () => {
    const whole = bytesOf(footprint("llama-2-7b", "q4_k_m"));
    const norms = 65 * 4096 * 4;
    expect(bytesOf(footprint("llama-2-7b", "q4_k_m", 2))).toBeCloseTo((whole - norms) / 2 + norms, 3);
  });
});

describe("OPT-350m: a table of 512 columns, a projection to 1024 and one back, no final norm", () => {
  const { model, notes } = modelFromHuggingFace({
    architectures: ["OPTForCausalLM"],
    model_type: "opt",
    hidden_size: 1024,
    num_hidden_layers: 24,
    num_attention_heads: 16,
    ffn_dim: 4096,
    vocab_size: 50272,
    max_position_embeddings: 2048,
    word_embed_proj_dim: 512,
    do_layer_norm_before: false,
  });
  const plan = planStep(model, defaultStepOptions);

  test("331,196,416 parameters, nothing left to say", () => {
    expect(countParameters(model).total).toBe(331_196_416);
    expect(countParameters(model).embedding).toBe(50_272 * 512);
    expect([model.embeddingDim, model.outerNorms, notes]).toEqual([512, 0, []]);
  });

  test("two bytes a parameter in bf16; a step reads all but the positions, and one row of each table a sequence", () => {
    expect(footprintOf(planFootprint(plan), { batch: 1, context: 1 }).weightBytes).toBe(2 * 331_196_416);
    const read = countStep(plan, { batch: 3, context: 10 }).totals.weightBytes;
    expect(read).toBe(2 * (331_196_416 - 2050 * 1024 + 3 * (512 + 1024)));
  });

  test("the projections stand around the layers", () => {
    const names = plan.operations.map((operation) => operation.name);
    expect(names.slice(0, 3)).toEqual(["embedding lookup", "embedding projection", "position lookup"]);
    expect(names.slice(-2)).toEqual(["logits projection", "logits"]);
  });

  test("two pipeline stages hold one projection each, and both the tied table", () => {
    const two = planStep(model, { ...defaultStepOptions, parallelism: { tensor: 1, pipeline: 2, expert: 1 } });
    const sum = planFootprint(two).stages.reduce((bytes, stage) => bytes + stage.weightBytes, 0);
    expect(sum).toBe(2 * (331_196_416 + 50_272 * 512));
  });

  test("two devices divide the table and sum its 512 columns, not 1024", () => {
    const two = planStep(model, { ...defaultStepOptions, parallelism: { tensor: 2, pipeline: 1, expert: 1 } });
    const links = (name: string): number =>
      countStep(two, { batch: 1, context: 10 }).counts[two.operations.findIndex((o) => o.name === name)]!.linkBytes;
    expect(links("model: all-reduce")).toBe(2 * (1 / 2) * 512 * 2);
  });
});

describe("faults that peers have", () => {
  test("fused attention reads kvHeads, not heads: Llama-3-8B, batch 64, context 2048 is 9.6 ms on an H100, not 25", () => {
    const p = predictStep(stepPredictor(modelProfile("llama-3-8b"), hardwareProfile("h100-sxm")), {
      batch: 64,
      context: 2048,
    });
    expect(p.seconds).toBeGreaterThan(9.6e-3);
    expect(p.seconds).toBeLessThan(9.9e-3);
    expect(p.totals.kvBytes).toBe(64 * 2049 * 131_072);
  });

  test("a step that does not fit has no speed", () => {
    const p = predictStep(stepPredictor(modelProfile("llama-3.1-70b"), hardwareProfile("h100-sxm")), {
      batch: 1,
      context: 2048,
    });
    expect(p.fits).toBe(false);
    expect([p.seconds, p.tokensPerSecond, p.bound]).toEqual([null, null, null]);
    expect(p.secondsIfItFitted).toBeGreaterThan(0.04);
    expect(p.largestBatch).toBe(0);
    expect(p.capacityBytes).toBe(85_017_493_504);
  });

  test("PaLM is multi-query and BLOOM has 70 layers of 14336, not GPT-3's shape", () => {
    const palm = modelProfile("palm-540b").decoder.kinds[0]?.attention;
    expect(palm?.kind === "softmax" && palm.kvHeads).toBe(1);
    const bloom = modelProfile("bloom-176b");
    expect([bloom.decoder.order.length, bloom.dModel]).toEqual([70, 14336]);
  });
});

describe("the paper's widths at equal parameters", () => {
  test.each([
    ["shazeer-2019-wmt-mha", 4096, 5440],
    ["shazeer-2019-lm-mha", 8192, 9088],
  ])("%s: multi-query widens %d to %d", (id, from, to) => {
    const widthOf = (attention: string): number | undefined =>
      applyAttention(modelProfile(id), attention, true).decoder.kinds[0]?.feedForward.dFf;
    expect(widthOf("as-is")).toBe(from);
    expect(widthOf("mqa")).toBe(to);
  });
});

describe("every published number of bytes of keys and values, f16 at context 2048", () => {
  // Qwen1.5-32B and Yi-34B have no profile: their dimensions as config.json prints them.
  test.each([
    ["Qwen1.5-32B: 64 layers, 8 K/V heads of 128", { layers: 64, heads: 40, kvHeads: 8, d: 5120, dFf: 27392 }, 512],
    ["Yi-34B: 60 layers, 8 K/V heads of 128", { layers: 60, heads: 56, kvHeads: 8, d: 7168, dFf: 20480 }, 480],
  ])("%s", (_name, shape, size) => {
    const { model } = modelFromHuggingFace({
      architectures: ["LlamaForCausalLM"],
      model_type: "llama",
      hidden_size: shape.d,
      num_hidden_layers: shape.layers,
      num_attention_heads: shape.heads,
      num_key_value_heads: shape.kvHeads,
      intermediate_size: shape.dFf,
      vocab_size: 64000,
      max_position_embeddings: 4096,
    });
    expect(modelCacheElementsPerToken(model) * 2 * 2048).toBe(size * mebibyte);
  });
});
