/**
 * Figures of serving engines under a steady load (serving/steady-state.ts), predicted by the engine's constants on kernels that
 * stand in for its own. Of a request of o output tokens:
 *   tpot_ms    TPOT              ttft_ms   TTFT             latency_s   TTFT + (o − 1) TPOT
 *   tokens a second              as the time of a token of each client: latency / o; of decoding alone TPOT
 * Requests that the memory can't hold at once wait; their waiting is in TTFT.
 */
import type { EngineRow } from "../../measurement/measurement-row.ts";
import type { ServingConstants } from "../../serving/serving-constants.ts";
import { type ServingModel, widenedBand } from "../../serving/serving-model.ts";
import type { SteadyState } from "../../serving/steady-state.ts";
import type { StepCost } from "../../serving/step-costs.ts";
import { type Bound, largestBound } from "../../timing/timing-model.ts";
import { predictServing } from "../fit-serving.ts";
import type { RowPrediction } from "../predict-row.ts";
import { stepOptions } from "../score-serving.ts";
import { countedPrediction, type PredictedRun } from "./predicted-run.ts";
import type { ServingRun } from "./serving-runs.ts";

export function predictServingRun(serving: ServingRun, model: ServingModel): PredictedRun[] {
  const { profile, rows, run } = serving;
  const { hardware, stated, model: of } = rows[0]!;
  const { load, costs } = serving.case;
  const state = predictServing(serving.case, profile.policy, model.constants);
  const step = stepOptions(run, of, profile, hardware);
  const context = Math.max(1, Math.round(load.promptTokens + load.outputTokens / 2));
  return rows.map(({ row }) => {
    const seconds = figureSeconds(row, state.firstTokenSeconds, state.outputTokenSeconds, load.outputTokens);
    const interval = intervalOf(row, state, load.outputTokens, model);
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
  { bands, widening }: ServingModel,
): RowPrediction["interval"] {
  const firstToken = widenedBand(bands.firstToken, widening);
  const outputToken = widenedBand(bands.outputToken, widening);
  const at = (first: number, other: number): number =>
    figureSeconds(
      row,
      state.firstTokenSeconds * Math.exp(first),
      state.outputTokenSeconds * Math.exp(other),
      outputTokens,
    );
  return { low: at(firstToken.low, outputToken.low), high: at(firstToken.high, outputToken.high), level: 0.9 };
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
