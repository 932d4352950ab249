import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generateRequest } from "../../src/analysis/generate-request.ts";
import { predictStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import { defaultStepOptions } from "../../src/step/step-options.ts";
import { bounds } from "../../src/timing/timing-model.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const llama = modelProfile("llama-2-7b");
const h100 = hardwareProfile("h100-sxm");
const decodeSeconds = (batch: number, context: number): number =>
  predictStep(stepPredictor(llama, h100), { batch, context }).seconds ?? Number.NaN;
const prefillSeconds = (batch: number, context: number): number =>
  predictStep(stepPredictor(llama, h100, { step: { ...defaultStepOptions, phase: "prefill" } }), { batch, context })
    .seconds ?? Number.NaN;

describe("generateRequest", () => {
  it("runs a prefill at the input, then decode steps at input + 1 … input + output − 1", () => {
    const p = generateRequest(llama, h100, { inputTokens: 1000, outputTokens: 4, batch: 2 });
    expect(p.steps.map(({ phase, token, context }) => [phase, token, context])).toEqual([
      ["prefill", 1, 1000],
      ["decode", 2, 1001],
      ["decode", 3, 1002],
      ["decode", 4, 1003],
    ]);
    expect(p.decodeSteps).toBe(3);
    expect(p.ttftSeconds).toBe(prefillSeconds(2, 1000));
    expect(p.tpotLastSeconds).toBe(decodeSeconds(2, 1003));
    const steps = decodeSeconds(2, 1001) + decodeSeconds(2, 1002) + decodeSeconds(2, 1003);
    expect(p.tpotSeconds).toBeCloseTo(steps / 3, 15);
    expect(p.endToEndSeconds).toBeCloseTo(prefillSeconds(2, 1000) + steps, 15);
    expect(p.tokensPerSecond).toBeCloseTo(8 / (prefillSeconds(2, 1000) + steps), 9);
  });

  it("holds the cache of the last step's context at the end: 1003 rows of 524,288 bytes for each of 2 requests", () => {
    const p = generateRequest(llama, h100, { inputTokens: 1000, outputTokens: 4, batch: 2 });
    expect(p.footprint.cacheBytes).toBe(2 * 1003 * 524_288);
    expect(p.footprint.weightBytes).toBe(13_476_831_232);
    expect(p.steps.at(-1)?.memoryBytes).toBe(p.footprint.bytes);
  });

  it("has no time per output token where only the first is generated", () => {
    const p = generateRequest(llama, h100, { inputTokens: 10, outputTokens: 1, batch: 1 });
    expect(p).toMatchObject({ decodeSteps: 0, tpotSeconds: null, tpotLastSeconds: null, fits: true });
    expect(p.endToEndSeconds).toBe(p.ttftSeconds);
    expect(p.footprint.cacheBytes).toBe(10 * 524_288);
  });

  it("says at which token memory runs out, and gives no speed", () => {
    // (85,017,493,504 − 13,476,831,232) / (128 × 524,288) = 1066.06 rows: the step at context 1067 is the first too large.
    const p = generateRequest(llama, h100, { inputTokens: 1000, outputTokens: 200, batch: 128 });
    expect(p.fits).toBe(false);
    expect(p.outOfMemory).toEqual({ token: 68, context: 1067, neededBytes: 13_476_831_232 + 128 * 1067 * 524_288 });
    expect([p.ttftSeconds, p.tpotSeconds, p.tpotLastSeconds, p.endToEndSeconds, p.tokensPerSecond]).toEqual(
      Array(5).fill(null),
    );
    expect(p.endToEndSecondsIfItFitted).toBeGreaterThan(0);
    expect(p.steps.filter((step) => !step.fits)[0]?.token).toBe(68);
    const within = generateRequest(llama, h100, { inputTokens: 1000, outputTokens: 67, batch: 128 });
    expect(within.fits).toBe(true);
  });

  it("runs out at token 1 where not even the prompt fits", () => {
    const p = generateRequest(llama, h100, { inputTokens: 100_000, outputTokens: 2, batch: 128 });
    expect(p.outOfMemory).toMatchObject({ token: 1, context: 100_000 });
  });

  it("uses a share of the memory only, where told", () => {
    const request = { inputTokens: 1000, outputTokens: 67, batch: 128 };
    expect(generateRequest(llama, h100, request, { memoryShare: 0.9 }).fits).toBe(false);
  });

  it("runs an encoder, then decodes from context 1 with the input as its source", () => {
    const t5 = modelProfile("flan-t5-xl");
    const p = generateRequest(t5, h100, { inputTokens: 500, outputTokens: 3, batch: 1 });
    expect(p.steps.map(({ phase, token, context }) => [phase, token, context])).toEqual([
      ["prefill", 0, 500],
      ["decode", 1, 1],
      ["decode", 2, 2],
      ["decode", 3, 3],
    ]);
    const [encoder, first, second, third] = p.steps.map((step) => step.seconds);
    expect(p.ttftSeconds).toBe((encoder ?? 0) + (first ?? 0));
    expect(p.tpotSeconds).toBeCloseTo(((second ?? 0) + (third ?? 0)) / 2, 15);
  });

  it("has parts that add up to its whole, and grows with the output", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 8 }),
        (n, m, batch) => {
          const p = generateRequest(llama, h100, { inputTokens: n, outputTokens: m, batch });
          const { prefill, decode } = p.secondsByBound;
          const parts = bounds.reduce((sum, bound) => sum + prefill[bound] + decode[bound], 0);
          expect(parts).toBeCloseTo(p.endToEndSeconds ?? 0, 12);
          expect((p.ttftSeconds ?? 0) + (p.tpotSeconds ?? 0) * (m - 1)).toBeCloseTo(p.endToEndSeconds ?? 0, 12);
          const longer = generateRequest(llama, h100, { inputTokens: n, outputTokens: m + 1, batch });
          expect(longer.endToEndSeconds).toBeGreaterThan(p.endToEndSeconds ?? 0);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("notes a context longer than the model was made for", () => {
    const p = generateRequest(llama, h100, { inputTokens: 4000, outputTokens: 200, batch: 1 });
    expect(p.notes).toContain("Llama 2 7B was made for contexts up to 4096 tokens, this request reaches 4200");
  });

  it.each([
    [{ inputTokens: 0, outputTokens: 1, batch: 1 }, "invalid input: 0 (wants a positive whole number)"],
    [{ inputTokens: 1, outputTokens: 1.5, batch: 1 }, "invalid output: 1.5 (wants a positive whole number)"],
    [
      { inputTokens: 1, outputTokens: 1, batch: Number.NaN },
      "invalid batch: not a number (wants a positive whole number)",
    ],
    [{ inputTokens: 1, outputTokens: 1_000_001, batch: 1 }, "invalid output: 1000001 (wants at most 1,000,000 tokens)"],
    [
      { inputTokens: Number.MAX_SAFE_INTEGER, outputTokens: 1, batch: 1 },
      "invalid input: 9007199254740991 (is too long)",
    ],
  ])("refuses %j", (request, message) => {
    expect(() => generateRequest(llama, h100, request)).toThrow(message);
  });
});
