import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { singleDevice } from "../../src/architecture/shard.ts";
import { shippedCalibrations } from "../../src/files/load-calibration.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { chooseEngine } from "../../src/serving/engine-choice.ts";
import { type EngineStepsRequest, predictedEngineSteps } from "../../src/serving/predicted-engine-steps.ts";
import { predictedStepCosts } from "../../src/serving/predicted-step-costs.ts";
import { engineStepSeconds } from "../../src/serving/serving-constants.ts";
import { roofline } from "../../src/timing/roofline.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";
import { nothingAdded } from "../fixtures/toy-engine.ts";

const h100 = hardwareProfile("h100-sxm");
const llama = modelProfile("llama-3.1-8b");
const qwen = modelProfile("qwen3-32b");
const vllm = chooseEngine(h100, h100, { timing: null, engine: "vllm", calibrations: shippedCalibrations() });
const measured = { model: qwen, hardware: h100, timing: vllm.timing, constants: vllm.constants };
const tensor2 = { parallelism: { ...singleDevice, tensor: 2 } };
const ideal = { model: llama, hardware: h100, timing: roofline(h100), constants: nothingAdded };

const requests: readonly (readonly [string, EngineStepsRequest])[] = [
  ["the roofline", { ...ideal, step: {} }],
  ["vLLM's kernels on two devices", { ...measured, step: tensor2 }],
];
const made = requests.map(([name, request]) => [name, request, predictedEngineSteps(request)] as const);
const wholePrompt = (tokens: number): number => (tokens + 1) / 2;
const off = (predicted: number, wanted: number): number => Math.abs(predicted / wanted - 1);

describe.each(made)("steps by %s", (_, request, steps) => {
  const costs = predictedStepCosts(request.model, h100, request);
  const decodeSeconds = (batch: number, context: number): number =>
    engineStepSeconds(costs.decode(batch, context), batch, costs.layers, request.constants);

  test("of whole batches at contexts of nodes are engineStepSeconds of the counted step", () => {
    for (const batch of [1, 7, 64, 300])
      for (const context of [1, 128, 2048, 32_768])
        expect(off(steps.stepSeconds(batch, context, 0, 0), decodeSeconds(batch, context))).toBeLessThan(1e-12);
  });

  test("between nodes are within 0.1 %, and so are batches that are not whole", () => {
    for (const batch of [1, 16, 33.5, 200])
      for (const context of [100, 1500, 1700, 5000, 9500, 40_000])
        expect(off(steps.stepSeconds(batch, context, 0, 0), decodeSeconds(batch, context))).toBeLessThan(1e-3);
  });

  test("with a prompt beside them are within 2 % of the counted mixed step, of 512 tokens within 3 %", () => {
    for (const [batch, context] of [
      [8, 1000],
      [64, 3000],
      [200, 1500],
    ] as const)
      for (const tokens of [512, 1024, 2000, 8192]) {
        const wanted = engineStepSeconds(
          costs.mixed(batch, context, 1, tokens),
          batch,
          costs.layers,
          request.constants,
        );
        expect(off(steps.stepSeconds(batch, context, tokens, wholePrompt(tokens)), wanted)).toBeLessThan(
          tokens < 1000 ? 0.03 : 0.02,
        );
      }
  });

  test("of prompts alone are within 2 % of the counted prefill", () => {
    for (const tokens of [256, 1024, 3000, 8192]) {
      const wanted = engineStepSeconds(costs.mixed(0, 1, 1, tokens), 0, costs.layers, request.constants);
      expect(off(steps.stepSeconds(0, 1, tokens, wholePrompt(tokens)), wanted)).toBeLessThan(0.02);
    }
  });

  test("several prompts in a step cost what they do as a batch, within 2 %", () => {
    for (const [prompts, tokens] of [
      [2, 1024],
      [4, 2048],
      [16, 512],
    ] as const) {
      const wanted = engineStepSeconds(costs.mixed(0, 1, prompts, tokens), 0, costs.layers, request.constants);
      expect(off(steps.stepSeconds(0, 1, prompts * tokens, wholePrompt(tokens)), wanted)).toBeLessThan(0.02);
    }
  });

  test("that compute a prompt in chunks cost at least what the whole costs in one", () => {
    for (const [tokens, chunk] of [
      [2048, 512],
      [8192, 2048],
      [6000, 1000],
    ] as const) {
      let chunks = 0;
      for (let done = 0; done < tokens; done += chunk)
        chunks += steps.stepSeconds(0, 1, chunk, done + wholePrompt(chunk));
      expect(chunks).toBeGreaterThanOrEqual(steps.stepSeconds(0, 1, tokens, wholePrompt(tokens)));
    }
  });

  test("take no less with more sequences but for the kernels' stairs (3 %), with longer caches, and with prompts", () => {
    const batch = fc.double({ min: 0.5, max: 500, noNaN: true });
    const context = fc.double({ min: 1, max: 100_000, noNaN: true });
    fc.assert(
      fc.property(batch, batch, context, context, fc.integer({ min: 1, max: 8192 }), (b, more, s, longer, tokens) => {
        const at = steps.stepSeconds(b, s, 0, 0);
        expect(steps.stepSeconds(b + more, s, 0, 0)).toBeGreaterThan(0.97 * at);
        expect(steps.stepSeconds(b, s + longer, 0, 0)).toBeGreaterThan(0.97 * at);
        expect(steps.stepSeconds(b, s, tokens, wholePrompt(tokens))).toBeGreaterThanOrEqual(at);
      }),
      { numRuns: 200 },
    );
  });

  test("are what their parts add up to", () => {
    const { memory, compute, link, host } = steps.decodeParts(16, 2048);
    expect(off(memory + compute + link + host, decodeSeconds(16, 2048))).toBeLessThan(1e-12);
    const parts = steps.promptParts(1024);
    const kernels = engineStepSeconds(costs.mixed(0, 1, 1, 1024), 0, 0, { ...request.constants, stepSeconds: 0 });
    expect(off(parts.memory + parts.compute + parts.link + parts.host, kernels)).toBeLessThan(1e-9);
  });
});

describe("what an engine adds", () => {
  test("is counted once a step: layers, the gap, each sequence", () => {
    const bare = predictedEngineSteps({ ...ideal, step: {} });
    const constants = { ...nothingAdded, layerSeconds: 1e-5, stepSeconds: 1e-3, sequenceSeconds: 2e-5 };
    const engine = predictedEngineSteps({ ...ideal, step: {}, constants });
    const added = (sequences: number, tokens: number): number =>
      engine.stepSeconds(sequences, 1000, tokens, 500) - bare.stepSeconds(sequences, 1000, tokens, 500);
    expect(added(10, 0)).toBeCloseTo(32e-5 + 1e-3 + 20e-5, 12);
    expect(added(10, 1000)).toBeCloseTo(32e-5 + 1e-3 + 20e-5, 12);
    expect(added(0, 1000)).toBeCloseTo(32e-5 + 1e-3, 12);
  });
});

describe("pipeline stages", () => {
  const two = { parallelism: { ...singleDevice, pipeline: 2 } };
  const one = predictedEngineSteps({ ...ideal, step: {} });
  const staged = predictedEngineSteps({ ...ideal, step: two });

  test("work on two groups of requests at once: 2 B sequences take as long as B in one stage, but for hand-overs", () => {
    expect(staged.stages).toBe(2);
    const whole = one.stepSeconds(16, 2048, 0, 0);
    expect(staged.stepSeconds(32, 2048, 0, 0)).toBeGreaterThan(whole);
    expect(off(staged.stepSeconds(32, 2048, 0, 0), whole)).toBeLessThan(0.02);
  });

  test("share a prompt: it adds half of its time to a step, and takes as long as in one stage", () => {
    const decode = staged.stepSeconds(32, 2048, 0, 0);
    const added = staged.stepSeconds(32, 2048, 4096, 2048.5) - decode;
    const alone = one.stepSeconds(16, 2048, 4096, 2048.5) - one.stepSeconds(16, 2048, 0, 0);
    expect(off(2 * added, alone)).toBeLessThan(0.05);
    expect(off(2 * staged.stepSeconds(0, 1, 4096, 2048.5), one.stepSeconds(0, 1, 4096, 2048.5))).toBeLessThan(0.05);
  });
});

describe("groups of devices that hold different requests", () => {
  test("share sequences evenly: 8 groups with 64 sequences step as one batch of 64 in all", () => {
    const deepseek = modelProfile("deepseek-v3");
    const h200 = hardwareProfile("h200");
    const step = { parallelism: { tensor: 1, pipeline: 1, expert: 8 }, activations: parseNumberFormat("fp8") };
    const request = { model: deepseek, hardware: h200, timing: roofline(h200), constants: nothingAdded, step };
    const steps = predictedEngineSteps(request);
    expect(steps.groups).toBe(8);
    const costs = predictedStepCosts(deepseek, h200, request);
    const wanted = engineStepSeconds(costs.decode(64, 4096), 64, costs.layers, nothingAdded);
    expect(off(steps.stepSeconds(64, 4096, 0, 0), wanted)).toBeLessThan(1e-12);
    // Each computes a prompt of 1024.
    const prefill = engineStepSeconds(costs.mixed(0, 1, 8, 1024), 0, costs.layers, nothingAdded);
    expect(off(steps.stepSeconds(0, 1, 8 * 1024, 512.5), prefill)).toBeLessThan(1e-9);
    // One of them alone keeps its group as long.
    expect(steps.stepSeconds(0, 1, 1024, 512.5)).toBe(steps.stepSeconds(0, 1, 8 * 1024, 512.5));
  });
});

describe("speculation", () => {
  test("verifies all drafts in one step, which costs a little more than one of one token, and pays for the drafts", () => {
    const draft = modelProfile("llama-3.2-1b");
    const plain = predictedEngineSteps({ ...ideal, step: {} });
    const speculative = predictedEngineSteps({
      ...ideal,
      step: {},
      speculation: { tokens: 3, acceptance: 0.7, draft },
    });
    const drafter = predictedEngineSteps({ ...ideal, model: draft, step: {} });
    expect(plain.tokensPerStep).toBe(1);
    expect(speculative.tokensPerStep).toBeCloseTo(2.533, 12);
    const wanted = plain.stepSeconds(4, 2048, 0, 0) + 3 * drafter.stepSeconds(4, 2048, 0, 0);
    const seconds = speculative.stepSeconds(4, 2048, 0, 0);
    expect(seconds).toBeGreaterThan(wanted);
    expect(off(seconds, wanted)).toBeLessThan(0.02);
  });

  test("of a head on the model itself costs a layer and the logits for each draft", () => {
    const head = predictedEngineSteps({
      ...ideal,
      step: {},
      speculation: { tokens: 1, acceptance: 0.8, draft: null },
    });
    const plain = predictedEngineSteps({ ...ideal, step: {} });
    const added = head.stepSeconds(4, 2048, 0, 0) / plain.stepSeconds(4, 2048, 0, 0) - 1;
    // One layer of 32, and the logits: 0.5 of 7.5 billion weights.
    expect(added).toBeGreaterThan(1 / 32 + 0.05);
    expect(added).toBeLessThan(1 / 32 + 0.09);
  });
});

test("a model that can't be laid out so is refused", () => {
  const step = { parallelism: { ...singleDevice, tensor: 3 } };
  expect(() => predictedEngineSteps({ ...ideal, step })).toThrow("invalid tensor");
});
