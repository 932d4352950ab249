/**
 * Rows of serving engines put together as runs under a steady load, ready to be predicted or fitted (fit-serving.ts): rows of one
 * run share their load and may each hold one of its figures. Rows whose load is not known, which no kernels stand in for, or which
 * are faster than memory allows are left out with the reason.
 */

import { engineName } from "../../measurement/import/engine-name.ts";
import type { EngineRow } from "../../measurement/measurement-row.ts";
import { groupsOf } from "../../quantity/groups-of.ts";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { layerStartRatio } from "../../serving/layer-starts.ts";
import { type ServingProfile, servingProfiles } from "../../serving/serving-profiles.ts";
import type { Calibration } from "../../timing/calibration.ts";
import { haveKernels, kernelTiming } from "../../timing/choose-timing.ts";
import { countsPrompts } from "../audit-run.ts";
import type { EngineRun } from "../engine-runs.ts";
import type { ServingCase } from "../fit-serving.ts";
import { isImpossibleRun } from "../impossible-run.ts";
import { numberFormatOf } from "../row-formats.ts";
import { type ServingMachine, servingCases } from "../score-serving.ts";
import type { EngineRowReasons } from "./engine-row-reasons.ts";
import type { PlacedRow } from "./placed-row.ts";

export interface ServingRun {
  readonly profile: ServingProfile;
  readonly run: EngineRun;
  readonly rows: readonly PlacedRow[];
  readonly case: ServingCase;
}

/** TensorRT-LLM before 1.0 was measured with a fixed batch. */
const fixedBatchVersion = /^v?0\./;

/** vLLM records its kernels in graphs since 0.2.6, of December 2023; before, the host launched each. */
const eagerVersion = /^v?0\.([01]\.|2(\.[0-5])?$)|^2023/;

/** The serving engine of a row; null where its kernels are not described. */
export function servingProfileOf({ row, label, stated }: PlacedRow): ServingProfile | null {
  if (stated.vendor !== "NVIDIA") return null;
  const name = engineName(label);
  if (name === "trt-llm" && fixedBatchVersion.test(row.engineVersion ?? "")) return null;
  return Object.values(servingProfiles).find(({ id }) => id === name) ?? null;
}

/** @param rows of serving engines alone (servingProfileOf) */
export function servingRuns(
  rows: readonly PlacedRow[],
  calibrations: readonly Calibration[],
  reasons: EngineRowReasons,
): ServingRun[] {
  const known = rows.filter((each) => {
    const why = refusal(each, calibrations);
    if (why !== null) reasons.leave(each.row, why);
    return why === null;
  });
  const campaigns = groupsOf(known, (each) => `${servingProfileOf(each)!.id}|${each.hardware.id}`);
  return campaigns.flatMap((own) => campaignRuns(own, servingProfileOf(own[0]!)!, calibrations, reasons));
}

function refusal(placed: PlacedRow, calibrations: readonly Calibration[]): string | null {
  const { row, stated } = placed;
  if (!haveKernels(stated, calibrations, servingProfileOf(placed)!.id))
    return "no kernels were measured that stand in for this engine's";
  if (row.engine === "vllm" && eagerVersion.test(row.engineVersion ?? ""))
    return "a version of vLLM that launched its kernels one by one";
  if (row.concurrency === null) return "the concurrency is not stated";
  if (!(row.isl !== null && row.isl > 0 && row.osl !== null && row.osl > 0)) return "the lengths are not stated";
  if (row.pp !== 1) return "a pipeline of a serving engine is not modelled";
  if (row.ep !== 1) return "experts that are spread over a serving engine's devices are not modelled";
  if (row.devices !== row.tp) return "how the devices share the work is not stated";
  if (/\bp(?!50\b)\d+|percentile/i.test(row.stat ?? "")) return "a percentile: means and medians are predicted";
  if (/prefill/i.test(row.stat ?? "")) return "prefill rates of a serving engine are not modelled";
  if (row.metric.startsWith("tokens") && countsPrompts(row)) return "its tokens count those of prompts, or may";
  for (const format of [row.dtype, row.kvDtype]) {
    if (format !== null && !isFormat(format)) return "the number format is not known";
  }
  return null;
}

function isFormat(label: string): boolean {
  try {
    numberFormatOf(label, "precision");
    return true;
  } catch (error) {
    if (error instanceof InvalidInput) return false;
    throw error;
  }
}

/** The runs of one engine on one machine. */
function campaignRuns(
  rows: readonly PlacedRow[],
  profile: ServingProfile,
  calibrations: readonly Calibration[],
  reasons: EngineRowReasons,
): ServingRun[] {
  const { hardware, stated } = rows[0]!;
  const timing = kernelTiming(hardware, calibrations, profile.id);
  const models = new Map(rows.map(({ model }) => [model.id, model]));
  const machine: ServingMachine = {
    ...{ hardware, timing: () => timing, model: (id) => models.get(id) ?? null },
    layerRatio: (model) => layerStartRatio(model, hardware, calibrations, profile.id),
  };
  const grouped = groupsOf(rows, runKey).map((own) => ({ rows: own, run: engineRun(own) }));
  const refused = new Map<string, string | null>();
  const possible = grouped.filter(({ run, rows: own }) => {
    const key = [run.model, run.weights, run.kvCache, run.tensorParallel].join("|");
    const why = refused.has(key) ? refused.get(key)! : refusedBy(run, profile, machine);
    refused.set(key, why);
    if (why !== null) for (const { row } of own) reasons.leave(row, why);
    return why === null;
  });
  const cases = servingCases(
    possible.map(({ run }) => run),
    profile,
    machine,
  );
  return possible.flatMap(({ run, rows: own }, i): ServingRun[] => {
    const one = cases[i]!;
    if (!isImpossibleRun(one, stated.memoryBandwidthBytesPerSecond)) return [{ profile, run, rows: own, case: one }];
    for (const { row } of own) reasons.leave(row, "impossible: weights and caches can't be read so fast");
    return [];
  });
}

/** Why the model can't run so, in the words of whoever refuses it; null where it can. */
function refusedBy(run: EngineRun, profile: ServingProfile, machine: ServingMachine): string | null {
  try {
    servingCases([run], profile, machine);
    return null;
  } catch (error) {
    if (error instanceof InvalidInput) return error.message;
    throw error;
  }
}

function runKey({ row, model }: PlacedRow): string {
  const { engineVersion, dtype, kvDtype, tp, concurrency, isl, osl, note, source } = row;
  return [model.id, engineVersion, dtype, kvDtype, tp, concurrency, isl, osl, note, source].join("|");
}

function engineRun(rows: readonly PlacedRow[]): EngineRun {
  const { row, model } = rows[0]!;
  const of = (metric: EngineRow["metric"]): number | null =>
    rows.find((each) => each.row.metric === metric)?.row.seconds ?? null;
  return {
    engine: row.engine,
    engineVersion: row.engineVersion,
    model: model.id,
    gpu: row.gpu,
    weights: numberFormatOf(row.dtype, "precision").id,
    kvCache: row.kvDtype === null ? null : numberFormatOf(row.kvDtype, "kv_dtype").id,
    tensorParallel: row.tp,
    concurrency: row.concurrency!,
    promptTokens: row.isl!,
    outputTokens: row.osl!,
    outputTokenSeconds: of("tpot_ms"),
    firstTokenSeconds: of("ttft_ms"),
  };
}
