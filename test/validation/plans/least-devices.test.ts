import { describe, expect, test } from "vitest";
import { shippedCalibrations } from "../../../src/files/load-calibration.ts";
import { leastDevices } from "../../../src/validation/plans/least-devices.ts";
import { publishedRun } from "../../../src/validation/published/published-run.ts";
import { engineRow, shippedProfiles } from "../../fixtures/engine-rows.ts";

type Cells = Readonly<Record<string, string | number>>;

function least(cells: Cells, devices: readonly number[]) {
  const runs = devices.map((tp) => {
    const run = publishedRun(engineRow({ ...cells, devices: tp, tp }), shippedProfiles);
    if (typeof run === "string") throw new Error(run);
    return run;
  });
  return leastDevices(runs, shippedCalibrations());
}

describe("the fewest devices that hold a model", () => {
  test.each<[Cells, number]>([
    // 138 GB of weights on devices of 80 GB: two.
    [{ model: "LLaMA 70B", precision: "fp16", hardware: "A100-SXM-80GB" }, 2],
    [{ model: "LLaMA 70B", precision: "fp8", hardware: "H100-SXM-80GB" }, 1],
    [{ model: "LLaMA 70B", precision: "fp8", hardware: "L40S" }, 2],
    // 180 GB on 48 GB and on 80 GB; 360 GB on 80 GB.
    [{ model: "Falcon 180B", precision: "fp8", hardware: "L40S" }, 4],
    [{ model: "Falcon 180B", precision: "fp8", hardware: "H100-SXM-80GB" }, 4],
    [{ model: "Falcon 180B", precision: "fp16", hardware: "A100-SXM-80GB" }, 8],
  ])("%o: %i", (cells, planned) => {
    expect(least(cells, [8])).toMatchObject([{ planned, published: 8 }]);
  });

  test("stand beside the fewest that anybody published, one entry a model and format", () => {
    expect(least({ model: "LLaMA 70B" }, [8, 4, 2])).toMatchObject([{ planned: 1, published: 2 }]);
  });

  test("are not asked of pipelines of single devices", () => {
    const llamaCpp = {
      engine: "llama.cpp",
      hardware: "RTX 4090",
      model: "Llama-2-7B",
      precision: "q4_0",
      stat: "decode",
    };
    expect(least({ ...llamaCpp, concurrency: 1 }, [1])).toEqual([]);
  });
});
