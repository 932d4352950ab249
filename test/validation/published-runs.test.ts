import { beforeAll, describe, expect, test } from "vitest";
import type { EngineRow } from "../../src/measurement/measurement-row.ts";
import { readMeasurementTable } from "../../src/measurement/measurement-table.ts";
import { engineParameters } from "../../src/timing/engine-fits.ts";
import { publishedRun } from "../../src/validation/published/published-run.ts";
import { runSeconds } from "../../src/validation/published/run-sample.ts";
import { runWork } from "../../src/validation/published/run-work.ts";
import {
  type EngineScore,
  labelledRuns,
  type PublishedScores,
  scorePublishedRuns,
} from "../../src/validation/published-runs.ts";
import {
  arePublishedRunsHere,
  engineRow,
  publishedCeilings,
  publishedRows,
  shippedProfiles,
} from "../fixtures/engine-rows.ts";

type Cells = Readonly<Record<string, string | number>>;

/** The row with the figure that an engine of these constants would print. */
function rowOf(cells: Cells, constants: Readonly<Record<string, number>>, bytesPerSecond?: number): EngineRow {
  const run = publishedRun(engineRow({ ...cells, metric: "latency_s", value: 1 }), shippedProfiles);
  if (typeof run === "string") throw new Error(run);
  const read = bytesPerSecond ?? run.hardware.memoryBandwidthBytesPerSecond * run.engine.fit.readShare;
  const value = runSeconds(engineParameters({ constants }), runWork(run, read).call);
  return engineRow({ ...cells, metric: "latency_s", value });
}

describe("an engine of known constants", () => {
  const constants = {
    bandwidthEfficiency: 0.8,
    startSeconds: 9e-6,
    recordedStartShare: 0.5,
    byteCost: 30,
    unpackCost: 12,
  };
  const chips = [
    "M1",
    "M1 Pro 16-core GPU",
    "M2",
    "M2 Max 38-core GPU",
    "M1 Ultra 48-core GPU",
    "M2 Ultra 76-core GPU",
  ];
  const rows = chips.flatMap((hardware) =>
    ["fp16", "q8_0", "q4_0", "q4_k_m"].map((precision, i) =>
      rowOf(
        {
          ...{ engine: "llama.cpp", model: "Llama-2-7B", hardware: `Apple ${hardware}`, precision, kv_dtype: "fp16" },
          ...{ concurrency: 1, isl: 0, osl: 128, stat: "decode", engine_version: i % 2 === 0 ? "2024-05" : "2025-08" },
        },
        constants,
      ),
    ),
  );
  const scores = scorePublishedRuns(rows, shippedProfiles);
  const metal = scores.engines[0]!;

  test("is found again, and predicts the machines that it was not fitted on", () => {
    expect(scores.engines.map(({ engine }) => engine.id)).toEqual(["llama.cpp-metal"]);
    for (const [name, value] of Object.entries(constants)) {
      expect(metal.constants[name]! / value, name).toBeGreaterThan(0.98);
      expect(metal.constants[name]! / value, name).toBeLessThan(1.02);
    }
    expect(metal.heldOut?.maxAbsolutePercentageError).toBeLessThan(1);
    expect(metal.percentile90).toBeLessThan(1);
  });

  test("has two halves that share no machine, each tested by the fit of the other", () => {
    const [one, other] = metal.halves;
    expect(one!.names.filter((name) => other!.names.includes(name))).toEqual([]);
    expect(one!.fitted.rows + other!.fitted.rows).toBe(metal.runs.length);
  });

  test("is further off by the formulas of peers", () => {
    const roofline = metal.peers?.roofline.medianAbsolutePercentageError;
    expect(roofline).toBeGreaterThan(10);
    // The roofline leaves out what an engine adds: it is too fast.
    expect(metal.peers?.roofline.bias).toBeLessThan(0);
  });
});

test("all collectives, experts and sequences of an engine on several devices are found again", () => {
  const constants = {
    bandwidthEfficiency: 0.9,
    activationEfficiency: 0.5,
    computeEfficiency: 0.6,
    vectorEfficiency: 0.2,
    expertEfficiency: 0.3,
    startSeconds: 6e-6,
    collectiveStartSeconds: 25e-6,
    linkEfficiency: 0.4,
    sequenceSeconds: 4e-7,
  };
  const shapes: Cells[] = [
    { model: "LLaMA 7B", isl: 128, osl: 2048, concurrency: 32 },
    { model: "LLaMA 7B", isl: 2048, osl: 128, concurrency: 16 },
    { model: "Mistral 7B", isl: 128, osl: 128, concurrency: 512 },
    { model: "LLaMA 70B", isl: 128, osl: 128, concurrency: 8, devices: 4, tp: 4 },
    { model: "LLaMA 70B", isl: 2048, osl: 128, concurrency: 32, devices: 8, tp: 8 },
    { model: "LLaMA 70B", isl: 128, osl: 2048, concurrency: 4, devices: 8, tp: 8 },
    { model: "Mixtral 8x7B", isl: 2048, osl: 128, concurrency: 32, devices: 4, tp: 4 },
    { model: "Mixtral 8x7B", isl: 128, osl: 2048, concurrency: 8, devices: 4, tp: 4 },
  ];
  const machines = ["A100-SXM-80GB", "H100-SXM-80GB", "H200-SXM-141GB", "L40S"];
  const rows = machines.flatMap((hardware) =>
    shapes.map((shape) =>
      rowOf({ ...shape, hardware, precision: hardware.startsWith("A") ? "fp16" : "fp8" }, constants),
    ),
  );
  const [engine] = scorePublishedRuns(rows, shippedProfiles).engines;
  expect(engine?.heldOut?.maxAbsolutePercentageError).toBeLessThan(3);
  for (const [name, value] of Object.entries(constants)) {
    expect(engine!.constants[name]! / value, name).toBeGreaterThan(0.9);
    expect(engine!.constants[name]! / value, name).toBeLessThan(1.1);
  }
});

test("rows that are left out are counted by their reason", () => {
  const good = rowOf({ hardware: "L40S" }, { startSeconds: 5e-6 });
  const rows = [good, engineRow({ hardware: "RTX 3090 Ti" }), engineRow({ value: 1e9 })];
  const { leftOut } = scorePublishedRuns(rows, shippedProfiles);
  expect(leftOut.map(({ reason, rows: left }) => [reason, left.length])).toEqual([
    ["no profile of the machine", 1],
    ["impossible: faster than the datasheet's bandwidth or peak allows", 1],
  ]);
});

test("one machine alone has no other half: nothing is held out", () => {
  const rows = [1, 8].map((concurrency) => rowOf({ hardware: "L40S", concurrency }, { startSeconds: 5e-6 }));
  const [engine] = scorePublishedRuns(rows, shippedProfiles).engines;
  expect(engine?.heldOut).toBeNull();
  expect(engine?.halves).toEqual([]);
  expect(engine?.constants["startSeconds"]).toBeGreaterThan(0);
});

test("an engine's own spelling is taken where a table of another program keeps it", () => {
  const header = "engine,model,precision,hardware,metric,value,engine_label";
  const table = readMeasurementTable(
    `${header}\nllama.cpp,Llama-2-7B,q4_0,RTX 4090,tpot_ms,5,llama.cpp (Vulkan)\nvllm,Llama-2-7B,fp16,RTX 4090,tpot_ms,5,\n`,
    "imported.csv",
  );
  expect(labelledRuns([table]).map(({ engine }) => engine)).toEqual(["llama.cpp (Vulkan)", "vllm"]);
});

describe.runIf(arePublishedRunsHere)("published runs", () => {
  let scores: PublishedScores;
  beforeAll(async () => {
    scores = scorePublishedRuns(await publishedRows(), shippedProfiles, publishedCeilings());
  });

  const scoreOf = (id: string): EngineScore => scores.engines.find(({ engine }) => engine.id === id)!;

  // The least numbers of runs, so that no rule leaves out what it should not.
  test.each<[string, number]>([
    ["trt-llm", 230],
    ["vllm-rocm", 190],
    ["llama.cpp-cuda", 40],
    ["llama.cpp-metal", 60],
    ["gpt-fast", 30],
  ])("%s: a median of at most 12 %% on each half that was not fitted, ahead of peers' formulas", (id, rows) => {
    const { heldOut, halves, peers } = scoreOf(id);
    expect(heldOut?.rows).toBeGreaterThanOrEqual(rows);
    expect(halves.length).toBe(2);
    for (const { tested } of halves) expect(tested.medianAbsolutePercentageError).toBeLessThanOrEqual(12);
    for (const peer of Object.values(peers ?? {})) {
      expect(heldOut?.medianAbsolutePercentageError).toBeLessThan(peer.medianAbsolutePercentageError);
    }
  });

  test.each(["trt-llm", "llama.cpp-metal"])("%s: prefills within 15 %% (median) where they were not fitted", (id) => {
    expect(scoreOf(id).prefill?.medianAbsolutePercentageError).toBeLessThanOrEqual(15);
  });

  test("the constants that ship are those of the fit", () => {
    for (const { engine, constants } of scores.engines) {
      for (const [name, value] of Object.entries(constants)) {
        const shipped = engine.fit.constants[name] ?? 1;
        // Of costs so small that nothing is left of them, neither says anything.
        expect(Math.abs(Math.log(shipped / value)), `${engine.id} ${name}`).toBeLessThan(0.02);
      }
    }
  });

  test("the one impossible row, a table in milliseconds and contradicting ones are found", () => {
    const found = (reason: string): EngineRow[] =>
      scores.leftOut.find((left) => left.reason.startsWith(reason))?.rows.slice() ?? [];
    const impossible = found("impossible");
    expect(impossible.map(({ model, gpu, concurrency }) => [model, gpu, concurrency])).toEqual([
      ["Mixtral 8x7B", "A100-SXM-80GB", 32],
    ]);
    expect(found("a unit").length).toBe(32);
    expect(found("a later version has").length).toBe(8);
    expect(found("weights and cache").length).toBe(0);
  });
});
