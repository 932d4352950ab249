/**
 * An engine under a steady load of like requests: the time of an output token, and the time to the first one.
 *   s     requests in the engine (admission-capacity.ts), of which B decode       P   seconds that one prompt adds to the steps
 *   D(B)  seconds of a step that only decodes                                     o   output tokens of a request
 * In the time T of one request every request's prompt is computed once: T = s P + o D(B), in whatever order. Of the prompts' time a
 * request spends F before its first token and the rest between its tokens:
 *   TPOT = D(B) + (s P − F) / o           TTFT = F + D(B) + request + queue            B = s (T − F) / T
 *   F     prefill "first": all prompts arrive together, each time anew, and are computed in batches of g: s P (1 + g / s) / 2, and
 *         g P / 2 more, since the tokens of a batch are sent while the next one runs
 *         prefill "mixed": so they do once, at the start of a run, for 1 in r of the requests; else w prompts:
 *         F = (1/r) s P (1 + g / s) / 2 + (1 − 1/r) w P
 *   w P   equal lengths: requests that start together end together and meet again; w is a constant of the engine
 *         varied lengths: a prompt comes at any time, into a step that others' prompts make longer, and waits for its end; then it
 *         is computed with those that came meanwhile: P + (1/2 + ρ) E[S²] / E[S]
 *   S     a step's seconds, D + P each prompt that came in the one before (Poisson): E[S] = D / (1 − ρ),
 *         Var[S] = ρ P E[S] / (1 − ρ²); ρ = (s − 1) P / T, the share of the time that the others' prompts take
 * Source: the utilisation law and Little's law for a closed loop (Denning and Buzen 1978); the
 * waiting time paradox (Feller 1971) for the step that is met.
 */
import { admittedRequests, type Load, queueSeconds } from "./admission-capacity.ts";
import { engineStepSeconds, type SchedulingPolicy, type ServingConstants } from "./serving-constants.ts";
import type { StepCosts } from "./step-costs.ts";

export interface SteadyLoad extends Load {
  /** r: requests that each client sends one after the other in the whole run. */
  readonly requestsPerClient: number;
  /** Whether lengths differ from request to request; promptTokens and outputTokens are their means then. */
  readonly variedLengths: boolean;
}

export interface SteadyState {
  /** Means of the run: time to the first token, the queue included, and time of each further one. */
  readonly firstTokenSeconds: number;
  readonly outputTokenSeconds: number;
  /** Of the first token's time: waiting for a slot. */
  readonly queueSeconds: number;
  /** Requests in the engine, and of them those that decode. */
  readonly admitted: number;
  readonly decoding: number;
  /** D and P. */
  readonly decodeStepSeconds: number;
  readonly promptSeconds: number;
}

export interface ServingEngine {
  readonly policy: SchedulingPolicy;
  readonly constants: ServingConstants;
}

/** Rounds of the fixed point in B at most, and the change of it that ends them; a few do where decoding takes most of the time. */
const mostRounds = 60;
const closeEnough = 1e-7;

/** What a run's means tend to. @param capacityRows rows of keys and values that fit beside the weights; above 0 */
export function steadyState(
  load: SteadyLoad,
  costs: StepCosts,
  engine: ServingEngine,
  capacityRows: number,
): SteadyState {
  const { policy, constants } = engine;
  const admitted = admittedRequests(load, capacityRows, policy.reservedShare);
  let state = requestTimes(load, costs, engine, admitted, admitted);
  if (policy.prefill === "mixed") {
    for (let round = 1; round < mostRounds; round++) {
      const decodingSeconds = load.outputTokens * state.outputTokenSeconds;
      const decoding = (admitted * decodingSeconds) / (state.firstTokenSeconds + decodingSeconds);
      const before = state.decoding;
      state = requestTimes(load, costs, engine, admitted, decoding);
      if (Math.abs(decoding - before) <= closeEnough * before) break;
    }
  }
  const firstTokenSeconds = state.firstTokenSeconds + constants.requestSeconds;
  const requestTime = firstTokenSeconds + load.outputTokens * state.outputTokenSeconds;
  const queue = queueSeconds(load.concurrency, admitted, requestTime);
  return { ...state, firstTokenSeconds: firstTokenSeconds + queue, queueSeconds: queue };
}

/** Times of a request in the engine, without the queue and the way to it. */
function requestTimes(
  load: SteadyLoad,
  costs: StepCosts,
  { policy, constants }: ServingEngine,
  admitted: number,
  decoding: number,
): SteadyState {
  const { promptTokens, outputTokens } = load;
  const context = promptTokens + outputTokens / 2;
  const step = (cost: Parameters<typeof engineStepSeconds>[0], sequences: number): number =>
    engineStepSeconds(cost, sequences, costs.layers, constants);
  const decodeStepSeconds = step(costs.decode(decoding, context), decoding);
  const together = Math.min(admitted, Math.max(1, policy.stepTokens / promptTokens));
  const lockstep = policy.prefill === "first";
  const promptSeconds = lockstep
    ? step(costs.mixed(0, context, together, promptTokens), together) / together
    : step(costs.mixed(decoding, context, 1, promptTokens), decoding) - decodeStepSeconds;
  const all = admitted * promptSeconds;
  const burst = (all * (1 + ((lockstep ? 2 : 1) * together) / admitted)) / 2;
  const others = ((admitted - 1) * promptSeconds) / (all + outputTokens * decodeStepSeconds);
  const alone = load.variedLengths
    ? promptSeconds + (0.5 + Math.max(0, others)) * stepMet(decodeStepSeconds, promptSeconds, Math.max(0, others))
    : constants.waitPrompts * promptSeconds;
  const inBurst = lockstep ? 1 : 1 / load.requestsPerClient;
  const prefillSeconds = Math.min(all, inBurst * burst + (1 - inBurst) * Math.min(alone, all));
  return {
    firstTokenSeconds: prefillSeconds + (lockstep ? 0 : decodeStepSeconds),
    outputTokenSeconds: decodeStepSeconds + (all - prefillSeconds) / outputTokens,
    queueSeconds: 0,
    ...{ admitted, decoding, decodeStepSeconds, promptSeconds },
  };
}

/** Mean seconds of the step that a prompt finds running, longer ones being met more often: E[S²] / E[S]. */
function stepMet(decodeStepSeconds: number, promptSeconds: number, share: number): number {
  const mean = decodeStepSeconds / (1 - share);
  return mean + (share * promptSeconds) / (1 - share * share);
}
