import { describe, expect, test } from "vitest";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { countStep } from "../../src/step/count-step.ts";
import { defaultStepOptions, type StepOptions, type StepWorkload } from "../../src/step/step-options.ts";
import { planStep } from "../../src/step/step-plan.ts";
import type { EngineOperation } from "../../src/timing/engine-form.ts";
import {
  countEngineOperation,
  type EngineRules,
  engineMachine,
  planEngineOperations,
} from "../../src/timing/engine-operation.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");
const onVectorUnits: EngineRules = {
  matricesOnMatrixUnits: false,
  attentionOnMatrixUnits: (group) => group === 8,
  unpacks: (weights) => weights?.id === "q4_k_m",
  records: (version) => version !== "old",
};

function operations(model: string, workload: StepWorkload, options: Partial<StepOptions> = {}) {
  const plan = planStep(modelProfile(model), { ...defaultStepOptions, ...options });
  const tape = countStep(plan, workload);
  return new Map(
    planEngineOperations(plan, onVectorUnits, h100).map((planned, i): [string, EngineOperation] => [
      plan.operations[i]!.name,
      countEngineOperation(planned, tape),
    ]),
  );
}

describe("Llama-2-7B, one sequence", () => {
  const counted = operations("llama-2-7b", { batch: 1, context: 512 });

  test("the output projection of 32 layers: 4096 x 4096 weights each, in 16 bits", () => {
    const projection = counted.get("output projection");
    expect(projection?.work).toBe("matrix");
    expect(projection?.instances).toBe(32);
    expect(projection?.weights).toBe(32 * 4096 * 4096);
    expect(projection?.weightBytes).toBe(2 * 32 * 4096 * 4096);
    expect(projection?.peakFlopsPerSecond).toBe(989e12);
    expect(projection?.onMatrixUnits).toBe(false);
  });

  test("attention reads the cache, and starts for each sequence", () => {
    const attention = counted.get("attention");
    expect(attention?.cacheBytes).toBe(512 * 524_288);
    expect(attention?.sequences).toBe(1);
    // Its heads share nothing.
    expect(attention?.onMatrixUnits).toBe(false);
  });

  test("norms are small: their weights are read with their activations", () => {
    const norms = counted.get("norms");
    expect(norms?.work).toBe("small");
    expect(norms?.weightBytes).toBe(0);
    expect(norms?.activationBytes).toBeGreaterThan(64 * 4096 * 2);
  });
});

test("matrix units multiply from nine rows on, and in a prefill", () => {
  const onUnits = (workload: StepWorkload, options: Partial<StepOptions> = {}): boolean | undefined =>
    operations("llama-2-7b", workload, options).get("feed-forward down")?.onMatrixUnits;
  expect(onUnits({ batch: 8, context: 128 })).toBe(false);
  expect(onUnits({ batch: 9, context: 128 })).toBe(true);
  expect(onUnits({ batch: 1, context: 128 }, { phase: "prefill" })).toBe(true);
});

test("an engine that multiplies few rows on vector units loads the weights of many there, and no keys or values", () => {
  const many = operations("llama-2-7b", { batch: 64, context: 128 });
  expect(many.get("feed-forward down")?.onVectorUnits).toBe(true);
  expect(many.get("attention")?.onVectorUnits).toBe(false);
});

test("whether attention runs on matrix units goes by its group when decoding; a prefill always does", () => {
  const workload = { batch: 2, context: 128 };
  expect(operations("llama-2-70b", workload).get("attention")?.onMatrixUnits).toBe(true);
  expect(operations("mistral-7b-v0.1", workload).get("attention")?.onMatrixUnits).toBe(false);
  const prefill = operations("mistral-7b-v0.1", workload, { phase: "prefill" }).get("attention");
  expect(prefill?.onMatrixUnits).toBe(true);
  expect(prefill?.sequences).toBe(0);
});

test("eight devices exchange by collectives", () => {
  const parallelism = { ...defaultStepOptions.parallelism, tensor: 8 };
  const counted = [...operations("llama-2-70b", { batch: 4, context: 128 }, { parallelism }).values()];
  const collectives = counted.filter(({ work }) => work === "collective");
  expect(collectives.reduce((sum, { instances }) => sum + instances, 0)).toBeGreaterThanOrEqual(160);
  for (const { linkBytes } of collectives) expect(linkBytes).toBeGreaterThan(0);
});

describe("the machine", () => {
  test("without a link, devices exchange through the host; without fp32, vector units go by 16 bits", () => {
    const bare = { ...h100, link: null, peakFlopsPerSecond: { fp16: 1e14 } };
    expect(engineMachine(bare, 3e12, null, onVectorUnits, null)).toEqual({
      bytesPerSecond: 3e12,
      halfFlopsPerSecond: 1e14,
      issueFlopsPerSecond: 1e14,
      linkBytesPerSecond: 16e9,
      records: true,
      unpacks: false,
    });
  });

  test("over PCIe each byte crosses the host twice; over NVLink it does not", () => {
    const link = (id: string): number =>
      engineMachine(hardwareProfile(id), 1e12, null, onVectorUnits, null).linkBytesPerSecond;
    expect(link("l40s")).toBe((hardwareProfile("l40s").link?.bytesPerSecond ?? 0) / 2);
    expect(link("h200")).toBe(450e9);
  });

  test("the format of the weights says whether they are unpacked, the version whether kernels are recorded", () => {
    const machine = engineMachine(h100, 3e12, parseNumberFormat("q4_k_m"), onVectorUnits, "old");
    expect([machine.unpacks, machine.records]).toEqual([true, false]);
  });
});

test("an operation is counted anew at each workload, and leaves nothing of the last", () => {
  const plan = planStep(modelProfile("llama-2-7b"), defaultStepOptions);
  const [planned] = planEngineOperations(plan, onVectorUnits, h100).filter(
    ({ operation: { work } }) => work === "attention",
  );
  const first = { ...countEngineOperation(planned!, countStep(plan, { batch: 1, context: 100 })) };
  countEngineOperation(planned!, countStep(plan, { batch: 64, context: 4000 }));
  expect(countEngineOperation(planned!, countStep(plan, { batch: 1, context: 100 }))).toEqual(first);
});
