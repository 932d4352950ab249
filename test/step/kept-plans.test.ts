import { describe, expect, test } from "vitest";
import { singleDevice } from "../../src/architecture/shard.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { countStep } from "../../src/step/count-step.ts";
import { footprintOf, planFootprint } from "../../src/step/footprint.ts";
import { keptFootprint, keptPlan } from "../../src/step/kept-plans.ts";
import { defaultStepOptions } from "../../src/step/step-options.ts";
import { planStep } from "../../src/step/step-plan.ts";
import { modelProfile } from "../fixtures/profiles.ts";

const llama = modelProfile("llama-3.1-8b");

describe("a kept plan", () => {
  test("is the same object for the same model and equal options", () => {
    const plan = keptPlan(llama, defaultStepOptions);
    expect(keptPlan(llama, defaultStepOptions)).toBe(plan);
    const alike = { ...defaultStepOptions, kvCache: parseNumberFormat("bf16"), parallelism: { ...singleDevice } };
    expect(keptPlan(llama, alike)).toBe(plan);
  });

  test("is another for other options: each of them", () => {
    const changes = [
      { phase: "prefill" as const },
      { weights: parseNumberFormat("fp8") },
      { kvCache: parseNumberFormat("fp8") },
      { activations: parseNumberFormat("fp8") },
      { attentionKernel: "materialized" as const },
      { cacheUpdate: "concat" as const },
      { latentKernel: "absorbed" as const },
      { touchedExperts: "all" as const },
      { parallelism: { ...singleDevice, tensor: 2 } },
    ];
    const plans = [{}, ...changes].map((change) => keptPlan(llama, { ...defaultStepOptions, ...change }));
    expect(new Set(plans).size).toBe(changes.length + 1);
    // Block sizes are part of a format.
    const [wide, narrow] = ["int4:128", "int4:32"].map((format) =>
      keptPlan(llama, { ...defaultStepOptions, weights: parseNumberFormat(format) }),
    );
    expect(narrow).not.toBe(wide);
  });

  test("is another for a model of the same name", () => {
    const copy = { ...llama };
    expect(keptPlan(copy, defaultStepOptions)).not.toBe(keptPlan(llama, defaultStepOptions));
  });

  test("counts what a fresh one counts", () => {
    const workload = { batch: 3, context: 777 };
    expect(countStep(keptPlan(llama, defaultStepOptions), workload).totals).toEqual(
      countStep(planStep(llama, defaultStepOptions), workload).totals,
    );
  });

  test("that is refused stays refused", () => {
    const options = { ...defaultStepOptions, parallelism: { ...singleDevice, tensor: 3 } };
    for (let time = 0; time < 2; time++) expect(() => keptPlan(llama, options)).toThrow("invalid tensor");
  });
});

describe("a kept footprint", () => {
  test("is the plan's own, made once", () => {
    const plan = keptPlan(llama, defaultStepOptions);
    const workload = { batch: 2, context: 1000 };
    expect(keptFootprint(plan)).toBe(keptFootprint(plan));
    expect(footprintOf(keptFootprint(plan), workload)).toEqual(footprintOf(planFootprint(plan), workload));
    expect(keptFootprint(planStep(llama, defaultStepOptions))).not.toBe(keptFootprint(plan));
  });
});
