/**
 * An engine under a steady load of equal requests: the time an output token takes, and the time to the first one.
 *   s     requests in the engine (admission-capacity.ts), of which B decode       P   seconds that one prompt adds to the steps
 *   D(B)  seconds of a step that only decodes                                     o   output tokens of a request
 * In the time T of one request every request is computed once: T = s P + o D(B), whatever the order (nothing else runs). Of the
 * prompts' time a request spends F before its first token, and the rest between its tokens:
 *   TPOT = D(B) + (s P − F) / o           TTFT = F + D(B) + request + queue            B = s × (T − F) / T
 *   F     prefill "first": all prompts arrive together, each time anew, in batches of g: s P (1 + g / s) / 2
 *         prefill "mixed": so they do once, at the start of the run, for 1 in r of the requests; else w prompts:
 *         F = 1/r × s P (1 + g / s) / 2 + (1 − 1/r) × w P
 * Source: the utilisation law and Little's law (Little 1961) for a closed loop; the constants are the engine's.
 */
import { admittedRequests, type Load, queueSeconds } from "./admission-capacity.ts";
import { type ServingConstants, engineStepSeconds, type SchedulingPolicy } from "./serving-constants.ts";
import type { StepCosts } from "./step-costs.ts";

export interface SteadyLoad extends Load {
  /** r: requests that each client sends one after the other in the whole run. */
  readonly requestsPerClient: number;
  /** Whether lengths differ from request to request; promptTokens and outputTokens are their means then. */
  readonly variedLengths: boolean;
}

export interface SteadyState {
  /** Time to the first token, the queue included, and time of each further one. */
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

/** Rounds of the fixed point in B, which T depends on little. */
const rounds = 6;

/** What a run's means tend to. @param capacityRows rows of keys and values that fit beside the weights */
export function steadyState(
  load: SteadyLoad,
  costs: StepCosts,
  policy: SchedulingPolicy,
  constants: ServingConstants,
  capacityRows: number,
): SteadyState {
  const { concurrency, promptTokens, outputTokens } = load;
  const admitted = admittedRequests(load, capacityRows, policy.reservedShare);
  const context = promptTokens + outputTokens / 2;
  const { layers } = costs;
  const batch = Math.min(admitted, Math.max(1, policy.stepTokens / promptTokens));
  const lockstep = policy.prefill === "first";
  let decoding = admitted;
  let decodeStepSeconds = 0;
  let promptSeconds = 0;
  let firstSeconds = 0;
  let tokenSeconds = 0;
  for (let round = 0; round < rounds; round++) {
    decodeStepSeconds = engineStepSeconds(costs.decode(decoding, context), decoding, layers, constants);
    promptSeconds = lockstep
      ? engineStepSeconds(costs.mixed(0, context, batch, promptTokens), batch, layers, constants) / batch
      : engineStepSeconds(costs.mixed(decoding, context, 1, promptTokens), decoding, layers, constants) -
        decodeStepSeconds;
    const burst = admitted * promptSeconds * (0.5 + batch / admitted);
    const cycle = admitted * promptSeconds + outputTokens * decodeStepSeconds;
    const wait = load.variedLengths ? cycle / (outputTokens * decodeStepSeconds) : constants.waitPrompts;
    const alone = Math.min(wait, admitted) * promptSeconds;
    const inBurst = lockstep ? 1 : 1 / load.requestsPerClient;
    const prefillSeconds = inBurst * burst + (1 - inBurst) * alone;
    firstSeconds = prefillSeconds + (lockstep ? 0 : decodeStepSeconds) + constants.requestSeconds;
    tokenSeconds = decodeStepSeconds + Math.max(0, admitted * promptSeconds - prefillSeconds) / outputTokens;
    if (lockstep) break;
    const requestTime = firstSeconds + outputTokens * tokenSeconds;
    decoding = (admitted * outputTokens * tokenSeconds) / requestTime;
  }
  const queue = queueSeconds(concurrency, admitted, firstSeconds + outputTokens * tokenSeconds);
  return {
    firstTokenSeconds: firstSeconds + queue,
    outputTokenSeconds: tokenSeconds,
    queueSeconds: queue,
    admitted,
    decoding,
    decodeStepSeconds,
    promptSeconds,
  };
}
