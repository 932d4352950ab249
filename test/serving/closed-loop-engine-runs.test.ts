/** Closed loads as a plan makes them, against published runs of serving engines over concurrencies. */
import { describe, expect, test } from "vitest";
import { shippedCalibrations } from "../../src/files/load-calibration.ts";
import { loadMeasurementTables } from "../../src/files/load-measurement-table.ts";
import { loadModel } from "../../src/files/load-model.ts";
import { layoutsOf } from "../../src/planning/layout.ts";
import { plannedReplica } from "../../src/planning/planned-replica.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { type ClosedState, closedStateAt } from "../../src/serving/closed-loop.ts";
import { chooseEngine } from "../../src/serving/engine-choice.ts";
import { fixedLength, uniformLengths } from "../../src/serving/length-distribution.ts";
import { type ServingProfile, servingProfiles } from "../../src/serving/serving-profiles.ts";
import type { SteadyLoad } from "../../src/serving/steady-state.ts";
import { type EngineRun, engineRuns, loadsOf } from "../../src/validation/engine-runs.ts";
import { hardwareProfile } from "../fixtures/profiles.ts";
import { hasSharedTables, sharedTable } from "../fixtures/shared-tables.ts";

const h100 = hardwareProfile("h100-sxm");

interface PredictedRun {
  readonly run: EngineRun;
  readonly load: SteadyLoad;
  readonly state: ClosedState;
}

function predicted(run: EngineRun, load: SteadyLoad): PredictedRun {
  const id = run.engine as ServingProfile["id"];
  const engine = chooseEngine(h100, h100, { timing: null, engine: id, calibrations: shippedCalibrations() });
  const model = loadModel(run.model);
  const sizes = { tensor: [run.tensorParallel], pipeline: [1], expert: [1], devices: run.tensorParallel };
  const { layouts } = layoutsOf(model, h100, { ...sizes, devicesPerNode: null, nodeLinkBytesPerSecond: null });
  const lengths = (tokens: number) => (load.variedLengths ? uniformLengths(0.8 * tokens, tokens) : fixedLength(tokens));
  const workload = { input: lengths(run.promptTokens), output: lengths(run.outputTokens), arrivalVariation: 1 };
  const question = { model, workload, cachedPromptShare: 0, speculation: null };
  const planned = plannedReplica(
    { ...question, maxSequences: null, stepTokens: null, memoryShare: null },
    engine,
    layouts[0]!,
    {
      weights: parseNumberFormat(run.weights),
      kvCache: run.kvCache === null ? null : parseNumberFormat(run.kvCache),
    },
  );
  if (typeof planned === "string") throw new Error(planned);
  return { run, load, state: closedStateAt(planned.open, run.concurrency, engine.constants, load.requestsPerClient) };
}

/** Requests a second of a run, by Little's law. */
function measuredRate({ run, load }: PredictedRun): number | null {
  const { concurrency, firstTokenSeconds, outputTokenSeconds } = run;
  if (firstTokenSeconds === null || outputTokenSeconds === null) return null;
  return concurrency / (firstTokenSeconds + (load.outputTokens - 1) * outputTokenSeconds);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function groupedBy(runs: readonly PredictedRun[], key: (run: EngineRun) => string): Map<string, PredictedRun[]> {
  const groups = new Map<string, PredictedRun[]>();
  for (const each of runs) groups.set(key(each.run), [...(groups.get(key(each.run)) ?? []), each]);
  return groups;
}

describe.skipIf(!hasSharedTables)("published runs over concurrencies", async () => {
  const tables = hasSharedTables ? await loadMeasurementTables([sharedTable("engine-runs.csv")]) : [];
  const rows = tables.flatMap((table) => table.rows.flatMap((row) => (row.kind === "engine" ? [row] : [])));
  const runs = engineRuns(rows).filter(({ engine }) => engine in servingProfiles);
  const loads = loadsOf(runs);
  const all = runs.map((run, i) => predicted(run, loads[i]!));
  const models = groupedBy(all, ({ engine, model }) => `${engine}, ${model}`);

  test("are all there: 402, of three engines and two models", () => {
    expect(all).toHaveLength(402);
    expect([...models.keys()].sort()).toEqual([
      "sglang, Qwen/Qwen3-32B",
      "trt-llm, Qwen/Qwen3-32B",
      "vllm, Qwen/Qwen3-32B",
      "vllm, meta-llama/Llama-3.1-70B",
    ]);
  });

  test.each([...models])("of %s: the median error of TPOT and of throughput at most 8 %", (_, group) => {
    const tokenErrors = group.flatMap(({ run, state }) =>
      run.outputTokenSeconds === null ? [] : [Math.abs(state.outputTokenSeconds / run.outputTokenSeconds - 1)],
    );
    const rateErrors = group.flatMap((each) => {
      const rate = measuredRate(each);
      return rate === null ? [] : [Math.abs(each.state.ratePerSecond / rate - 1)];
    });
    expect(tokenErrors.length).toBeGreaterThan(40);
    expect(rateErrors.length).toBeGreaterThan(40);
    expect(median(tokenErrors)).toBeLessThan(0.08);
    expect(median(rateErrors)).toBeLessThan(0.08);
  });

  test("have their knee, the first concurrency with 80 % of the most, within one of the grid on 95 % of the curves", () => {
    const curves = groupedBy(all, (run) =>
      [
        run.engine,
        run.engineVersion,
        run.model,
        run.weights,
        run.tensorParallel,
        run.promptTokens,
        run.outputTokens,
      ].join(),
    );
    const knee = (rates: readonly number[]): number => {
      const most = Math.max(...rates);
      return rates.findIndex((rate) => rate >= 0.8 * most);
    };
    const steps = [...curves.values()].flatMap((curve) => {
      const points = curve
        .filter((each) => measuredRate(each) !== null)
        .sort((a, b) => a.run.concurrency - b.run.concurrency);
      if (new Set(points.map(({ run }) => run.concurrency)).size < 3) return [];
      const measured = knee(points.map((each) => measuredRate(each)!));
      return [Math.abs(knee(points.map(({ state }) => state.ratePerSecond)) - measured)];
    });
    expect(steps.length).toBeGreaterThan(50);
    expect(steps.filter((each) => each <= 1).length / steps.length).toBeGreaterThanOrEqual(0.95);
  });
});
