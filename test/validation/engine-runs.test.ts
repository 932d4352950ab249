import { describe, expect, test } from "vitest";
import type { EngineRow } from "../../src/measurement/measurement-row.ts";
import { readMeasurementTable } from "../../src/measurement/measurement-table.ts";
import { engineRuns, loadsOf } from "../../src/validation/engine-runs.ts";

const header =
  "source,engine,engine_version,model,precision,kv_dtype,hardware,devices,tp,pp,ep,concurrency,isl,osl,metric,value,stat,note";

function rowsOf(...lines: readonly string[]): EngineRow[] {
  const { rows } = readMeasurementTable([header, ...lines].join("\n"), "runs.csv");
  return rows.flatMap((row) => (row.kind === "engine" ? [row] : []));
}

const line = (isl: number, osl: number, clients: number, metric: string, value: number, engine = "vllm"): string =>
  `s,${engine},1.0,m,fp8,,H100,2,2,1,,${clients},${isl},${osl},${metric},${value},mean,${isl}x${osl}c${clients}`;

describe("runs of engines", () => {
  test("are put together from a row a figure", () => {
    const runs = engineRuns(rowsOf(line(4096, 512, 16, "tpot_ms", 20), line(4096, 512, 16, "ttft_ms", 800)));
    expect(runs).toEqual([
      {
        ...{
          engine: "vllm",
          engineVersion: "1.0",
          model: "m",
          gpu: "H100",
          weights: "fp8",
          kvCache: null,
          tensorParallel: 2,
        },
        ...{ concurrency: 16, promptTokens: 4096, outputTokens: 512, outputTokenSeconds: 0.02, firstTokenSeconds: 0.8 },
      },
    ]);
  });

  test("of which one figure is known are kept, other figures are no run", () => {
    const runs = engineRuns(rowsOf(line(100, 10, 4, "ttft_ms", 5), line(100, 10, 4, "tokens_per_s_total", 5)));
    expect(runs.map(({ firstTokenSeconds, outputTokenSeconds }) => [firstTokenSeconds, outputTokenSeconds])).toEqual([
      [0.005, null],
    ]);
  });
});

describe("loads of runs", () => {
  const loads = (...lines: readonly string[]) => loadsOf(engineRuns(rowsOf(...lines)));

  test("have the lengths named", () => {
    expect(loads(line(4096, 512, 16, "tpot_ms", 20))).toEqual([
      { concurrency: 16, promptTokens: 4096, outputTokens: 512, requestsPerClient: 10, variedLengths: false },
    ]);
  });

  test("have 90 % of them on average where all of a campaign lie on the grid of InferenceMAX", () => {
    const [load] = loads(line(1024, 8192, 64, "tpot_ms", 20), line(8192, 1024, 4, "tpot_ms", 20));
    expect(load).toMatchObject({ variedLengths: true });
    expect(load?.promptTokens).toBeCloseTo(921.6, 9);
    expect(load?.outputTokens).toBeCloseTo(7372.8, 9);
  });

  test("one run off the grid says that the campaign was another", () => {
    const both = loads(line(1024, 1024, 64, "tpot_ms", 20), line(1024, 1024, 128, "tpot_ms", 20));
    expect(both.map(({ variedLengths }) => variedLengths)).toEqual([false, false]);
    const other = loads(line(1024, 1024, 64, "tpot_ms", 20), line(1024, 1024, 128, "tpot_ms", 20, "sglang"));
    expect(other.map(({ variedLengths }) => variedLengths)).toEqual([true, false]);
  });
});
