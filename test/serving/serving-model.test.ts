import { describe, expect, test } from "vitest";
import { shippedCalibrations } from "../../src/files/load-calibration.ts";
import { servingBands } from "../../src/serving/serving-bands.ts";
import { servingModel, widenedBand } from "../../src/serving/serving-model.ts";
import { servingProfiles } from "../../src/serving/serving-profiles.ts";
import type { Calibration } from "../../src/timing/calibration.ts";
import type { FittedEngine } from "../../src/timing/fitted-engine.ts";
import { hardwareProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");
const h200 = hardwareProfile("h200");
const mi300x = hardwareProfile("mi300x");
const shipped = shippedCalibrations();
const { vllm } = servingProfiles;

function withEngine(changes: Partial<FittedEngine> = {}): Calibration[] {
  const engine: FittedEngine = {
    ...{ form: "serving", id: "vllm", engine: "vllm", machines: ["h200"], source: "runs of a test" },
    constants: { ...vllm.constants, stepSeconds: 7e-3 },
    band: { low: -0.01, high: 0.02 },
    firstTokenBand: null,
    ...changes,
  };
  return [{ ...shipped[0]!, engines: [engine] }, ...shipped.slice(1)];
}

describe("a serving engine's constants on a machine", () => {
  test("are those that ship, with their bands, on the machine that they were fitted on", () => {
    const model = servingModel(vllm, h100, h100, shipped);
    expect(model.constants).toEqual(vllm.constants);
    expect(model.bands.outputToken).toEqual(servingBands.vllm.outputToken);
    expect(model.bands.firstToken).toEqual(servingBands.vllm.firstToken);
    expect(model.widening).toBe(0);
  });

  test("are the same elsewhere, with bands that widen by 6 % of standard deviation at least, more on another vendor's", () => {
    const near = servingModel(vllm, h200, h200, shipped);
    const far = servingModel(vllm, mi300x, mi300x, shipped);
    expect(near.constants).toEqual(vllm.constants);
    expect(near.widening).toBeGreaterThanOrEqual(1.645 * 0.06);
    expect(far.widening).toBeGreaterThan(near.widening);
    // Carried over without any kernel: as to another vendor's.
    expect(servingModel(vllm, h200, h200, []).widening).toBeCloseTo(far.widening, 12);
  });

  test("are a fit file's own where it has some, whose machines are then those that were seen", () => {
    const fitted = withEngine();
    const model = servingModel(vllm, h200, h200, fitted);
    expect(model.constants.stepSeconds).toBe(7e-3);
    expect(model.bands).toEqual({ outputToken: { low: -0.01, high: 0.02 }, firstToken: servingBands.vllm.firstToken });
    expect(model.widening).toBe(0);
    expect(servingModel(vllm, h100, h100, fitted).widening).toBeGreaterThan(0);
  });

  test("of a fit without a band keep the band that ships, and one of another engine changes nothing", () => {
    expect(servingModel(vllm, h200, h200, withEngine({ band: null })).bands.outputToken).toEqual(
      servingBands.vllm.outputToken,
    );
    const other = withEngine({ id: "sglang", engine: "sglang" });
    expect(servingModel(vllm, h100, h100, other).constants).toEqual(vllm.constants);
    expect(servingModel(vllm, h100, h100, withEngine({ form: "runs" })).constants).toEqual(vllm.constants);
  });
});

describe("a widened band", () => {
  test("has both ends farther out, by squares: 3 and 4 make 5", () => {
    const { low, high } = widenedBand({ low: -0.3, high: 0.4 }, 0.4);
    expect(low).toBeCloseTo(-0.5, 12);
    expect(high).toBeCloseTo(Math.sqrt(0.32), 12);
    expect(widenedBand({ low: -0.3, high: 0.4 }, 0)).toEqual({ low: -0.3, high: 0.4 });
  });
});
