import { describe, expect, test } from "vitest";
import { planChecksSection } from "../../src/reporting/plan-checks-section.ts";
import { fixedLength } from "../../src/serving/length-distribution.ts";
import { curveErrors } from "../../src/validation/plans/concurrency-curves.ts";
import { planChecks } from "../../src/validation/plans/plan-checks.ts";
import { publishedRun } from "../../src/validation/published/published-run.ts";
import { runEngines } from "../../src/validation/published/run-engines.ts";
import { engineRow, shippedProfiles } from "../fixtures/engine-rows.ts";
import { engineRun, plannedRun } from "../fixtures/planned-runs.ts";

const times = (firstTokenSeconds: number, outputTokenSeconds: number) => ({ firstTokenSeconds, outputTokenSeconds });
const runs = [4, 8, 16].map((concurrency) => plannedRun({ concurrency }, times(0.1, 0.01), times(0.1, 0.0103)));
const run = publishedRun(engineRow({ concurrency: 4096 }), shippedProfiles);
if (typeof run === "string") throw new Error(run);
const refused = { run, fitting: 3, predictedSeconds: 1 };
const lengths = { lengths: fixedLength(100), mean: 100, quantiles: { p50: 100 } };
const trace = { name: "a *trace*", input: lengths, output: lengths, requestsPerSecond: 2.5664 };
const objectives = { ttftSeconds: 2, tpotSeconds: 0.05, endToEndSeconds: null, share: 0.95 };

const text = planChecksSection(
  planChecks(
    { runs, impossible: [engineRun()] },
    {
      fixedBatch: [
        {
          ...{ engine: runEngines[0]!, plans: [refused], refused: [refused], within15Percent: 88.7 },
          throughput: curveErrors(runs, ({ closed }) => closed).throughput,
        },
      ],
      leastDevices: [
        { hardware: "l40s", model: "llama-2-70b", weights: "fp8", planned: 2, published: 4 },
        { hardware: "h100-sxm", model: "llama-2-7b", weights: "fp8", planned: 1, published: 1 },
      ],
    },
    [
      {
        ...{ trace, objectives, requestsPerSecond: 2.5664, fleet: null, simulated: null },
        ...{ input: { mean: 1.44, p50: -0.01, p90: 0, p99: 2 }, output: { mean: 1, p50: 0, p90: 0, p99: 0 } },
      },
    ],
  ),
);

describe("the section on plans", () => {
  test("has a row a group, with both figures of each prediction", () => {
    expect(text).toMatch(/\| vLLM, llama-3.1-8b, TP 1 \| fitted \| 3 \| 3\.0 % \| 2\.\d % \| 0\.0 % \|/);
    expect(text).toContain("1 run is left out that no machine could have made");
  });

  test("counts knees by how far they are off, and runs that queued", () => {
    expect(text).toContain("of 1 curves where it was measured");
    expect(text).toContain("together 1, 0 and 0; simulation 1, 0 and 0; spread 1, 0 and 0.");
    expect(text).toContain(
      "0 runs had more requests at once than a plan's replica has slots for by its memory. 0 runs surely queued",
    );
  });

  test("names what is refused though it was made, and the fewest devices that hold a model", () => {
    expect(text).toContain("| TensorRT-LLM 0.5 to 0.9 | 1 | 1 | 3 |");
    expect(text).toContain("Made, and yet refused: llama-2-7b in fp8 on 1 × h100-sxm, batch 4096 of 128 + 128 tokens.");
    expect(text).toContain("Of 2 models and formats on a machine, none was run on fewer devices");
    expect(text).toContain("llama-2-70b in fp8 on l40s 2 (published: 4).");
  });

  test("has a row a trace, and no NaN", () => {
    expect(text).toContain("| a \\*trace\\* | 1.4, 0.0, 0.0, 2.0 | 1.0, 0.0, 0.0, 0.0 | 2.57 | none |  |  |");
    expect(text).not.toMatch(/NaN|undefined|null/);
  });
});
