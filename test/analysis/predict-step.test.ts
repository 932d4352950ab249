/** One step's prediction in the contract's names; what fits, what doesn't, and what would help. */
import { describe, expect, test } from "vitest";
import { fitAdvice } from "../../src/analysis/fit-advice.ts";
import { evaluateStep, predictStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import { countParameters } from "../../src/architecture/weights.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");
const llama = modelProfile("llama-2-7b");

describe("a prediction", () => {
  const p = predictStep(stepPredictor(llama, h100), { batch: 8, context: 1024 });

  test("says tokens a second as batch × query tokens / seconds", () => {
    expect(p.tokensPerSecond).toBe(8 / (p.seconds as number));
    const draft = predictStep(stepPredictor(llama, h100), { batch: 8, context: 1024, queryTokens: 4 });
    expect(draft.tokensPerSecond).toBe(32 / (draft.seconds as number));
    const prompt = predictStep(stepPredictor(llama, h100, { step: { phase: "prefill" } }), { batch: 2, context: 512 });
    expect(prompt.tokensPerSecond).toBe(1024 / (prompt.seconds as number));
  });

  test("counts a group of beams once", () => {
    const beams = predictStep(stepPredictor(llama, h100), { batch: 2, context: 1024, beams: 4 });
    expect(beams.tokensPerSecond).toBe(2 / (beams.seconds as number));
    expect(beams.totals.kvBytes).toBe(8 * 1025 * 524_288);
  });

  test("has no field that is not a finite number where a number is due", () => {
    const walk = (value: unknown): void => {
      if (typeof value === "number") expect(Number.isFinite(value)).toBe(true);
      else if (typeof value === "object" && value !== null) for (const each of Object.values(value)) walk(each);
    };
    walk(p);
    walk(predictStep(stepPredictor(modelProfile("llama-3.1-405b"), h100), { batch: 1, context: 131_072 }));
  });

  test("is made of fresh objects: a second prediction leaves the first alone", () => {
    const predictor = stepPredictor(llama, h100);
    const first = predictStep(predictor, { batch: 1, context: 100 });
    const before = JSON.stringify(first);
    predictStep(predictor, { batch: 64, context: 4000 });
    expect(JSON.stringify(first)).toBe(before);
  });

  test("takes the path of a sweep: the same seconds to the last bit", () => {
    const predictor = stepPredictor(llama, h100);
    expect(predictStep(predictor, { batch: 8, context: 1024 }).seconds).toBe(
      evaluateStep(predictor, { batch: 8, context: 1024 }).seconds,
    );
  });
});

describe("memory share", () => {
  test("fits is footprint ≤ capacity × share, and the largest batch follows", () => {
    const at = (memoryShare: number) =>
      predictStep(stepPredictor(llama, h100, { memoryShare }), { batch: 1, context: 2048 });
    expect(at(1).fits).toBe(true);
    expect(at(0.1).fits).toBe(false);
    expect(at(0.5).largestBatch).toBeLessThan(at(1).largestBatch as number);
    expect(at(0.5).capacityBytes).toBe(at(1).capacityBytes);
  });

  test.each([0, -1, 1.1, Number.NaN])("a share of %d is refused", (memoryShare) => {
    expect(() => stepPredictor(llama, h100, { memoryShare })).toThrow("invalid memoryShare");
  });
});

describe("what would make it fit", () => {
  const advise = (id: string, context: number, step = {}) =>
    fitAdvice(modelProfile(id), h100, { step }, { batch: 1, context }).map((advice) => advice.option);

  test("Llama-3.1-70B in bf16: two devices, or fp8 weights", () => {
    expect(advise("llama-3.1-70b", 2048)).toEqual(["--tensor-parallel 2", "--weights fp8"]);
  });

  test("a long cache: fewer bits of it, or a smaller batch", () => {
    const options = fitAdvice(llama, h100, {}, { batch: 64, context: 4096 }).map((advice) => advice.option);
    expect(options).toContain("--kv-cache fp8");
    expect(options).toContain("--batch 33");
  });

  test("every piece of advice is true, and sizes that don't divide the model are passed over", () => {
    for (const id of ["llama-3.1-405b", "deepseek-v3", "mixtral-8x22b", "falcon-180b", "phi-4"]) {
      for (const advice of fitAdvice(modelProfile(id), h100, {}, { batch: 4, context: 4096 })) {
        expect(advice.footprintBytes).toBeLessThanOrEqual(h100.memoryCapacityBytes);
      }
    }
  });

  test("Phi-4's 10 K/V heads go on 2 devices, not on 4 or more: only a smaller batch helps", () => {
    const phi4 = modelProfile("phi-4");
    // 40 layers × 2 × 10 × 128 elements of 2 bytes a token.
    const request = 204_800 * 16_384;
    const options = fitAdvice(phi4, h100, {}, { batch: 64, context: 16_384 }).map((advice) => advice.option);
    const room = h100.memoryCapacityBytes - 2 * countParameters(phi4).total;
    expect(options).toEqual([`--batch ${Math.floor(room / request)}`]);
  });

  test("without a link no number of devices is offered", () => {
    const alone = { ...h100, link: null };
    const options = fitAdvice(modelProfile("llama-3.1-70b"), alone, {}, { batch: 1, context: 2048 });
    expect(options.map((advice) => advice.option)).toEqual(["--weights fp8"]);
  });

  test("where nothing helps alone, nothing is offered", () => {
    const tiny = { ...h100, memoryCapacityBytes: 1e9, link: null };
    expect(fitAdvice(llama, tiny, { step: { kvCache: parseNumberFormat("fp8") } }, { batch: 1, context: 1 })).toEqual(
      [],
    );
  });
});
