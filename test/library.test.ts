/** The library as a user imports it: from its source, and from dist/ where that has been built. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import * as source from "../src/index.ts";
import * as planning from "../src/planning.ts";
import { hardwareProfile, modelProfile } from "./fixtures/profiles.ts";

const root = join(import.meta.dirname, "..");
const built = join(root, "dist", "index.js");
const sides: [string, typeof source][] = [["src/index.ts", source]];
if (existsSync(built)) sides.push(["dist/index.js", await import(pathToFileURL(built).href)]);
else console.warn("skipped: dist/index.js is missing: npm run build");

const llama = modelProfile("llama-2-7b");
const h100 = hardwareProfile("h100-sxm");

describe.each(sides)("the library, %s", (_, library) => {
  it("counts a step without a machine", () => {
    const step = library.countDecodeStep(llama, { batch: 1, context: 512 });
    expect(step.totals.kvBytes).toBe(513 * 524_288);
    // 6,607,343,616 parameters read in full, one row of 4096 of the input embedding, 2 bytes each.
    expect(step.totals.weightBytes).toBe(2 * (6_607_343_616 + 4096));
  });

  it("reads profiles and config.json files, and counts their parameters", () => {
    const profile = JSON.parse(readFileSync(join(root, "model-profiles", "llama-2-7b.json"), "utf8"));
    expect(library.countParameters(library.modelFromProfile(profile)).total).toBe(6_738_415_616);
    const { model } = library.modelFromHuggingFace({
      architectures: ["LlamaForCausalLM"],
      model_type: "llama",
      hidden_size: 4096,
      intermediate_size: 11_008,
      num_attention_heads: 32,
      num_key_value_heads: 32,
      num_hidden_layers: 32,
      max_position_embeddings: 4096,
      vocab_size: 32_000,
      tie_word_embeddings: false,
      hidden_act: "silu",
    });
    expect(library.countParameters(model).total).toBe(6_738_415_616);
  });

  it("times a step on a roofline, on the hot path and as fresh objects alike", () => {
    const predictor = library.stepPredictor(llama, h100);
    const workload = { batch: 1, context: 512 };
    const time = library.evaluateStep(predictor, workload).seconds;
    expect(library.predictStep(predictor, workload).seconds).toBe(time);
    // At least all weights and K/V rows at 3.35 TB/s.
    expect(time).toBeGreaterThan((2 * 6_607_343_616 + 513 * 524_288) / 3.35e12);
    expect(time).toBeLessThan(0.005);
  });

  it("plans once and counts many times on one tape", () => {
    const plan = library.planStep(llama, library.defaultStepOptions);
    const tape = library.stepTape(plan);
    expect(library.countStep(plan, { batch: 2, context: 100 }, tape)).toBe(tape);
    expect(tape.totals.kvBytes).toBe(2 * 101 * 524_288);
  });

  it("changes the attention, compares, generates and describes", () => {
    const mqa = library.applyAttention(llama, "mqa");
    expect(library.describeAttention(mqa)).toBe("MQA 32/1");
    const rows = library.compareVariants({
      variants: [
        { attention: "mha", model: llama },
        { attention: "mqa", model: mqa },
      ],
      hardware: [h100],
      batches: [16],
      contexts: [8192],
    });
    expect(rows[1]?.speedup).toBeGreaterThan(5);
    expect(library.generateRequest(llama, h100, { inputTokens: 10, outputTokens: 3, batch: 1 }).decodeSteps).toBe(2);
    expect(library.describeModel(llama).kvBytesPerToken).toBe(524_288);
  });

  it("formats quantities and refuses bad input with its own error", () => {
    expect(library.formatBytes(13.2e9)).toBe("13.2 GB");
    expect(library.parseNumberFormat("int4").bits).toBe(4.125);
    expect(() => library.countDecodeStep(llama, { batch: 0, context: 1 })).toThrow(library.InvalidInput);
  });
});

describe("the package", () => {
  it.skipIf(!existsSync(join(root, "dist", "node.js")))("has what needs Node under ridgepoint/node", async () => {
    const node = await import(pathToFileURL(join(root, "dist", "node.js")).href);
    expect(node.loadModel("llama-2-7b").dModel).toBe(4096);
    expect((await node.loadHardware("h100-sxm")).memoryBandwidthBytesPerSecond).toBe(3.35e12);
    expect(typeof node.renderChart).toBe("function");
    expect(typeof node.countDecodeStep).toBe("function");
  });
});

const builtPlanning = join(root, "dist", "planning.js");
const planningSides: [string, typeof planning][] = [["src/planning.ts", planning]];
if (existsSync(builtPlanning)) {
  planningSides.push(["dist/planning.js", await import(pathToFileURL(builtPlanning).href)]);
}

describe.each(planningSides)("the library's planning, %s", (_, library) => {
  it("simulates a replica whose steps are a formula", () => {
    const requests = [
      { arrivalSeconds: 0, inputTokens: 100, outputTokens: 11 },
      { arrivalSeconds: 10, inputTokens: 100, outputTokens: 11 },
    ];
    const { ttftSeconds, tpotSeconds } = library.simulateServing({
      replica: {
        steps: { tokensPerStep: 1, stages: 1, stepSeconds: (_b, _c, promptTokens) => (promptTokens > 0 ? 0.05 : 0.01) },
        policy: { prefill: "mixed", stepTokens: 8192, reservedShare: 0.5, admittedShare: 0 },
        ...{ maxSequences: 8, cacheCapacityBytes: 1e9, cachedPromptShare: 0, requestSeconds: 0 },
        requestBytes: (rows) => rows,
      },
      ...{ replicas: 1, balancer: "least-loaded" },
      load: {
        kind: "open",
        requests: {
          next(into) {
            const request = requests.shift();
            return request !== undefined && Object.assign(into, request) === into;
          },
        },
      },
    });
    expect(ttftSeconds.mean).toBeCloseTo(0.05, 9);
    expect(tpotSeconds.mean).toBeCloseTo(0.01, 9);
  });

  it("reads lengths and lays out a model", () => {
    expect(library.parseLengths("input", "100..300").mean).toBe(200);
    expect(library.layoutText({ tensor: 4, pipeline: 2, expert: 1 })).toBe("TP 4 × PP 2");
  });
});
