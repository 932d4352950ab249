import { describe, expect, test } from "vitest";
import { shippedCalibrations } from "../../src/files/load-calibration.ts";
import { type ChosenEngine, chooseEngine } from "../../src/serving/engine-choice.ts";
import { engineMemories, fixedBatchMemory } from "../../src/serving/engine-memory.ts";
import { servingBands } from "../../src/serving/serving-bands.ts";
import { servingProfiles } from "../../src/serving/serving-profiles.ts";
import type { Calibration } from "../../src/timing/calibration.ts";
import type { TimingChoice } from "../../src/timing/choose-timing.ts";
import { engineFitOf } from "../../src/timing/engine-fits.ts";
import type { EngineId } from "../../src/timing/execution-profile.ts";
import type { FittedEngine } from "../../src/timing/fitted-engine.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const shipped = shippedCalibrations();

function choose(id: string, engine: EngineId | null = null, changes: Partial<TimingChoice> = {}): ChosenEngine {
  const hardware = hardwareProfile(id);
  return chooseEngine(hardware, hardware, { timing: null, engine, calibrations: shipped, ...changes });
}

/** The first of the calibrations with an engine of the user's own beside its kernels. */
function withEngine(engine: Pick<FittedEngine, "form" | "id" | "engine" | "constants" | "band">): Calibration[] {
  const fitted = { ...engine, firstTokenBand: null, machines: ["h100-sxm"], source: "runs of a test" };
  return [{ ...shipped[0]!, engines: [fitted] }, ...shipped.slice(1)];
}

describe("the engine that a fleet runs", () => {
  test("is vLLM on NVIDIA's machines, by its profile on measured kernels", () => {
    const engine = choose("h100-sxm");
    expect(engine).toMatchObject({ id: "vllm", name: "vLLM with CUDA graphs", cacheFormat: "16 bits" });
    expect(engine.policy).toEqual(servingProfiles.vllm.policy);
    expect(engine.constants).toEqual(servingProfiles.vllm.constants);
    expect(engine.memory).toBe(engineMemories.vllm);
    expect(engine.timing.id).toBe("calibrated");
    expect(engine.bands).toEqual({
      outputToken: servingBands.vllm.outputToken,
      firstToken: servingBands.vllm.firstToken,
    });
  });

  test("starts kernels of a layer by the model's own, where its profile was fitted on another's", () => {
    const [qwen, deepseek] = ["qwen3-32b", "deepseek-v3"].map((id) => choose("h100-sxm").layerRatio(modelProfile(id)));
    expect(qwen).toBeGreaterThan(0.8);
    expect(deepseek).toBeGreaterThan(qwen!);
  });

  test.each(["trt-llm", "sglang"] as const)("is %s where it is asked for", (id) => {
    const engine = choose("h100-sxm", id);
    expect(engine.id).toBe(id);
    expect(engine.policy).toEqual(servingProfiles[id].policy);
    expect(engine.cacheFormat).toBe(servingProfiles[id].cacheFormat);
    expect(engine.memory).toBe(engineMemories[id]);
  });

  test("is vLLM on ROCm on AMD's, by its fit, which holds all that a step adds", () => {
    const engine = choose("mi300x");
    const fit = engineFitOf("vllm", hardwareProfile("mi300x"))!;
    expect(engine).toMatchObject({ id: "vllm", name: "vLLM on ROCm" });
    expect(engine.timing.calibration).toBe("vllm-rocm");
    expect(engine.policy).toEqual(servingProfiles.vllm.policy);
    const { requestSeconds, ...added } = engine.constants;
    expect(requestSeconds).toBe(servingProfiles.vllm.constants.requestSeconds);
    expect(added).toMatchObject({ layerSeconds: 0, stepSeconds: 0, sequenceSeconds: 0, computeEfficiency: 1 });
    expect(engine.bands?.outputToken).toEqual(fit.band);
    // Its prefills were not fitted: the first token may come in half or in twice the time.
    expect(engine.bands?.firstToken).toEqual({ low: -0.7, high: 0.7 });
  });

  test("is llama.cpp on Apple's, whose slots are set aside as a whole", () => {
    const engine = choose("apple-m2-ultra");
    const fit = engineFitOf("llama.cpp", hardwareProfile("apple-m2-ultra"))!;
    expect(engine).toMatchObject({ id: "llama.cpp", name: "llama.cpp, Metal", cacheFormat: "16 bits" });
    expect(engine.policy).toMatchObject({ reservedShare: 1, admittedShare: 1, stepTokens: 2048 });
    expect(engine.constants.requestSeconds).toBe(0);
    expect(engine.bands).toEqual({ outputToken: fit.band, firstToken: fit.prefillBand });
  });

  test("is llama.cpp by runs of it on NVIDIA's machines too", () => {
    expect(choose("rtx-4090", "llama.cpp").name).toBe("llama.cpp, CUDA");
  });

  test("is TensorRT-LLM by runs of a fixed batch before 1.0, and by its serving profile from 1.0 on", () => {
    const of = (version: string | null): ChosenEngine => {
      const hardware = hardwareProfile("h100-sxm");
      const choice = { timing: null, engine: "trt-llm", calibrations: shipped } as const;
      return chooseEngine(hardware, hardware, choice, version);
    };
    for (const version of ["0.5.0", "v0.9.0", "0.21"]) {
      const engine = of(version);
      expect(engine).toMatchObject({ id: "trt-llm", name: "TensorRT-LLM 0.5 to 0.9", cacheFormat: "weights" });
      expect(engine.memory).toBe(fixedBatchMemory);
      expect(engine.constants).toMatchObject({ sequenceSeconds: 0, stepSeconds: 0, requestSeconds: 0 });
    }
    for (const version of ["1.0.0rc3", "1.2", "10.0", null]) {
      expect(of(version).constants).toEqual(servingProfiles["trt-llm"].constants);
      expect(of(version).memory).toBe(engineMemories["trt-llm"]);
    }
  });

  test("is the same vLLM whatever version is named", () => {
    const hardware = hardwareProfile("h100-sxm");
    const choice = { timing: null, engine: "vllm", calibrations: shipped } as const;
    expect(chooseEngine(hardware, hardware, choice, "0.6.3").constants).toEqual(servingProfiles.vllm.constants);
  });

  test("on a vendor's machines of which nothing was measured is as if it ran there, and says so", () => {
    const engine = choose("gaudi3");
    expect(engine.id).toBe("vllm");
    expect(engine.notes).toContain("vllm as if it ran on Intel's machines");
    expect(choose("h100-sxm").notes.join()).not.toContain("as if");
  });

  test("adds nothing with the roofline, whatever is asked for", () => {
    const engine = choose("h100-sxm", "vllm", { timing: "roofline" });
    expect(engine).toMatchObject({ id: "ideal", bands: null, memory: engineMemories.ideal });
    expect(engine.timing.id).toBe("roofline");
    expect(engine.constants).toMatchObject({ layerSeconds: 0, stepSeconds: 0, sequenceSeconds: 0, requestSeconds: 0 });
  });

  test("ideal adds nothing to measured kernels", () => {
    const engine = choose("h100-sxm", "ideal");
    expect(engine).toMatchObject({ id: "ideal", bands: null });
    expect(engine.timing.id).toBe("calibrated");
    expect(engine.constants.stepSeconds).toBe(0);
  });

  test.each(["pytorch-graph", "pytorch-eager"] as const)("is not %s, which serves nobody", (id) => {
    expect(() => choose("h100-sxm", id)).toThrow(`invalid engine: ${id} (wants software that serves`);
  });

  test("is refused where no run of it was measured on machines like it", () => {
    expect(() => choose("gaudi3", "llama.cpp")).toThrow("invalid engine: llama.cpp (no run of llama.cpp");
    expect(() => choose("h100-sxm", "vllm", { calibrations: [] })).toThrow("no fit is known");
  });
});

describe("bands of a chosen engine", () => {
  test("widen off the machine that the constants were fitted on, at both ends, and more on another vendor's", () => {
    const [own, near, far] = ["h100-sxm", "h200", "gaudi3"].map((id) => choose(id).bands!) as [
      NonNullable<ChosenEngine["bands"]>,
      NonNullable<ChosenEngine["bands"]>,
      NonNullable<ChosenEngine["bands"]>,
    ];
    for (const part of ["outputToken", "firstToken"] as const) {
      expect(near[part].low).toBeLessThan(own[part].low);
      expect(near[part].high).toBeGreaterThan(own[part].high);
      expect(far[part].low).toBeLessThan(near[part].low);
      expect(far[part].high).toBeGreaterThan(near[part].high);
    }
  });
});

describe("a fit file's own constants", () => {
  test("of a serving engine take the place of those that ship", () => {
    const constants = { ...servingProfiles.vllm.constants, stepSeconds: 7e-3 };
    const band = { low: -0.01, high: 0.02 };
    const calibrations = withEngine({ form: "serving", id: "vllm", engine: "vllm", constants, band });
    const engine = choose("h100-sxm", "vllm", { calibrations });
    expect(engine.constants.stepSeconds).toBe(7e-3);
    expect(engine.bands?.outputToken).toEqual(band);
    // Another engine's stay.
    expect(choose("h100-sxm", "sglang", { calibrations }).constants).toEqual(servingProfiles.sglang.constants);
  });

  test("of whole runs take the place of those of the engine's fit", () => {
    const { constants } = engineFitOf("vllm", hardwareProfile("mi300x"))!;
    const band = { low: -0.01, high: 0.02 };
    const calibrations = withEngine({ form: "runs", id: "vllm-rocm", engine: "vllm", constants, band });
    expect(choose("mi300x", null, { calibrations }).bands?.outputToken).toEqual(band);
  });
});

test("what is said of the choice is said of the engine", () => {
  const notes = ["tables changed"];
  for (const id of ["h100-sxm", "mi300x"]) expect(choose(id, null, { notes }).notes).toContain("tables changed");
  expect(choose("h100-sxm", "ideal", { notes }).notes).toContain("tables changed");
  expect(choose("h100-sxm", null, { notes, timing: "roofline" }).notes).toContain("tables changed");
});
