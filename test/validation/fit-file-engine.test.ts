import { describe, expect, it } from "vitest";
import { servingProfiles } from "../../src/serving/serving-profiles.ts";
import { type FitFileEngine, fittedEngineOf } from "../../src/validation/fit-file-engine.ts";

const errors = {
  ...{ rows: 1, medianAbsolutePercentageError: 1, meanAbsolutePercentageError: 1, p95AbsolutePercentageError: 1 },
  ...{ maxAbsolutePercentageError: 1, bias: 0, within10Percent: 100 },
};
const engine: FitFileEngine = {
  ...{ form: "serving", id: "vllm", engine: "vllm", constants: { ...servingProfiles.vllm.constants } },
  ...{ rows: 40, machines: ["h100-sxm"], atBound: [], fittedErrors: errors, heldOutErrors: null },
  ...{ heldOutFirstTokenErrors: null, heldOutBy: null, band: null, firstTokenBand: null },
};

describe("an engine of a fit file", () => {
  it("is what predictions need, with its source", () => {
    expect(fittedEngineOf(engine, "a table")).toMatchObject({ id: "vllm", form: "serving", source: "a table" });
  });

  it.each<[string, Partial<FitFileEngine>]>([
    ["no engine of that name with the form serving", { id: "sglang" }],
    ["no engine of that name with the form runs", { form: "runs" }],
    ["invalid fit engines: speed", { constants: { ...engine.constants, speed: 1 } }],
    ["invalid fit engines: no stepSeconds", { constants: { memoryEfficiency: 1 } }],
    ["wants 0 to 1", { constants: { ...engine.constants, computeEfficiency: 1.2 } }],
  ])("is refused: %s", (message, change) => {
    const broken = { ...engine, ...change };
    if (message.includes("no stepSeconds")) {
      const { stepSeconds: _, ...rest } = servingProfiles.vllm.constants;
      expect(() => fittedEngineOf({ ...broken, constants: rest }, "")).toThrow(message);
    } else expect(() => fittedEngineOf(broken, "")).toThrow(message);
  });
});
