/**
 * Figures of serving engines under a steady load (serving/steady-state.ts), predicted by the engine's constants on kernels that
 * stand in for its own. Of a request of o output tokens:
 *   tpot_ms    TPOT              ttft_ms   TTFT             latency_s   TTFT + (o − 1) TPOT
 *   tokens a second              as the time of a token of each client: latency / o; of decoding alone TPOT
 * Requests that the memory can't hold at once wait; their waiting is in TTFT.
 */
import type { EngineRow } from "../../measurement/measurement-row.ts";
import { type ServingBands, servingBands } from "../../serving/serving-bands.ts";
import type { ServingConstants } from "../../serving/serving-constants.ts";
import type { ServingProfile } from "../../serving/serving-profiles.ts";
import type { SteadyState } from "../../serving/steady-state.ts";
import type { StepCost } from "../../serving/step-costs.ts";
import type { Calibration } from "../../timing/calibration.ts";
import { transferDeviations } from "../../timing/choose-timing.ts";
import type { ErrorBand } from "../../timing/fitted-engine.ts";
import { type Bound, largestBound } from "../../timing/timing-model.ts";
import { predictServing } from "../fit-serving.ts";
import type { RowPrediction } from "../predict-row.ts";
import { stepOptions } from "../score-serving.ts";
import { countedPrediction, type PredictedRun } from "./predicted-run.ts";
import type { ServingRun } from "./serving-runs.ts";

/** The machine that the shipped constants were fitted on. */
const fittedMachine = "h100-sxm";

/** Deviations to 90 % of a normal distribution, both sides together. */
const ninetyPercent = 1.645;

export interface ServingModel {
  readonly constants: ServingConstants;
  readonly bands: Pick<ServingBands, "outputToken"> & { readonly firstToken: ErrorBand | null };
  /** Machines that the constants were fitted on. */
  readonly machines: readonly string[];
}

/** Those of a fit file where it has some, else those that ship. */
export function servingModel(profile: ServingProfile, calibrations: readonly Calibration[]): ServingModel {
  const own = calibrations
    .flatMap(({ engines = [] }) => engines)
    .find((each) => each.form === "serving" && each.id === profile.id);
  const shipped = servingBands[profile.id as keyof typeof servingBands];
  if (own === undefined) return { constants: profile.constants, bands: shipped, machines: [fittedMachine] };
  return {
    constants: own.constants as unknown as ServingConstants,
    bands: { outputToken: own.band ?? shipped.outputToken, firstToken: own.firstTokenBand ?? shipped.firstToken },
    machines: own.machines,
  };
}

export function predictServingRun(serving: ServingRun, model: ServingModel): PredictedRun[] {
  const { profile, rows, run } = serving;
  const { hardware, stated, model: of } = rows[0]!;
  const { load, costs } = serving.case;
  const state = predictServing(serving.case, profile.policy, model.constants);
  const step = stepOptions(run, profile, hardware);
  const widening = model.machines.includes(stated.id)
    ? 0
    : ninetyPercent * transferDeviations.otherChip[hardware.basis];
  const context = Math.max(1, Math.round(load.promptTokens + load.outputTokens / 2));
  return rows.map(({ row }) => {
    const seconds = figureSeconds(row, state.firstTokenSeconds, state.outputTokenSeconds, load.outputTokens);
    const interval = intervalOf(row, state, load.outputTokens, model, widening);
    const isPrompt = row.metric === "ttft_ms";
    const cost = isPrompt
      ? costs.mixed(0, context, 1, load.promptTokens)
      : costs.decode(Math.max(1, state.decoding), context);
    const bound = boundOf(cost, state, serving, model.constants, isPrompt);
    const workload = isPrompt
      ? { batch: 1, context: Math.max(1, Math.round(load.promptTokens)) }
      : { batch: Math.max(1, Math.round(state.decoding)), context };
    const phase = isPrompt ? "prefill" : "decode";
    return {
      row,
      names: { engine: profile.id, machine: stated.id, model: of.id },
      prediction: countedPrediction(of, { ...step, phase }, workload, { seconds, interval, bound }),
    };
  });
}

/** A figure as the row has it as a time. */
function figureSeconds(row: EngineRow, firstToken: number, outputToken: number, outputTokens: number): number {
  const latency = firstToken + Math.max(0, outputTokens - 1) * outputToken;
  switch (row.metric) {
    case "tpot_ms":
      return outputToken;
    case "ttft_ms":
      return firstToken;
    case "latency_s":
      return latency;
    case "tokens_per_s_total":
    case "tokens_per_s_per_gpu":
      return /decode|eval rate/i.test(row.stat ?? "") ? outputToken : latency / outputTokens;
  }
}

/** Both times at the same end of their bands. */
function intervalOf(
  row: EngineRow,
  state: SteadyState,
  outputTokens: number,
  { bands }: ServingModel,
  widening: number,
): RowPrediction["interval"] {
  const { firstToken, outputToken } = bands;
  if (firstToken === null && row.metric !== "tpot_ms") return null;
  const at = (first: number, other: number): number =>
    figureSeconds(
      row,
      state.firstTokenSeconds * Math.exp(first),
      state.outputTokenSeconds * Math.exp(other),
      outputTokens,
    );
  const wider = (end: number): number => Math.hypot(end, widening);
  return {
    low: at(-wider(firstToken?.low ?? 0), -wider(outputToken.low)),
    high: at(wider(firstToken?.high ?? 0), wider(outputToken.high)),
    level: 0.9,
  };
}

/** What one step spends most of its time on. */
function boundOf(
  cost: StepCost,
  { decoding }: SteadyState,
  { case: { costs, load } }: ServingRun,
  c: ServingConstants,
  isPrompt: boolean,
): Bound {
  const memory = cost.memorySeconds / c.memoryEfficiency;
  const context = load.promptTokens + load.outputTokens / 2;
  const cacheBytes = isPrompt ? 0 : decoding * context * costs.rowBytes;
  const cacheShare = cacheBytes / (cacheBytes + costs.readBytes);
  return largestBound({
    weights: memory * (1 - cacheShare),
    cache: memory * cacheShare,
    activations: 0,
    compute: cost.computeSeconds / c.computeEfficiency,
    link: cost.linkSeconds / c.linkEfficiency,
    overhead: cost.startSeconds + costs.layers * c.layerSeconds + c.stepSeconds + decoding * c.sequenceSeconds,
  });
}
