/**
 * A replica at which so many users keep one request each in flight, in closed form: the steady state (steady-state.ts) on the steps
 * of a replica. Around its means, times spread as those of the open loop in which as many sequences decode.
 */
import { queueSeconds } from "./admission-capacity.ts";
import { type OpenReplica, type OpenState, openStateAt } from "./open-loop.ts";
import type { ServingConstants } from "./serving-constants.ts";
import { steadyState } from "./steady-state.ts";
import type { StepCost, StepCosts } from "./step-costs.ts";

export interface ClosedState {
  readonly users: number;
  readonly ratePerSecond: number;
  readonly decoding: number;
  /** Requests in the engine; the other users' wait. */
  readonly running: number;
  readonly firstTokenSeconds: number;
  readonly outputTokenSeconds: number;
  readonly queueSeconds: number;
  firstTokenAt(share: number): number;
  outputTokenAt(share: number): number;
}

/** Requests that each user sends in turn: so many that how the run began is forgotten. */
const manyRequests = 1e6;

/**
 * @param open with the constants' waitPrompts and requestSeconds of its engine
 * @param requestsPerUser that each user sends in the whole run; without end unless given
 */
export function closedStateAt(
  open: OpenReplica,
  users: number,
  constants: Pick<ServingConstants, "waitPrompts" | "requestSeconds">,
  requestsPerUser: number = manyRequests,
): ClosedState {
  const { replica, workload, slots } = open;
  const { input, output } = workload;
  const { policy } = replica;
  const load = {
    ...{ concurrency: users, promptTokens: input.mean, outputTokens: output.mean, requestsPerClient: requestsPerUser },
    variedLengths: !(input.isFixed && output.isFixed),
  };
  const rows = slots * (input.mean + policy.reservedShare * output.mean);
  const { waitPrompts, requestSeconds } = constants;
  const engine = { policy, constants: { ...plain, waitPrompts, requestSeconds } };
  const state = steadyState(load, costsOf(open), engine, Math.max(rows, 1e-9));
  // Of o tokens o − 1 come after the first one, so that those inside are λ times their time there.
  const firstSeconds = state.firstTokenSeconds - state.queueSeconds;
  const inside = firstSeconds + Math.max(0, output.mean - 1) * state.outputTokenSeconds;
  const queue = queueSeconds(users, state.admitted, inside);
  const firstTokenSeconds = firstSeconds + queue;
  let around: OpenState | null = null;
  const spread = (): OpenState => {
    around ??= openStateAt(open, Math.max(state.decoding, 1e-3));
    return around;
  };
  const beyond = (at: number, mean: number): number => (Number.isFinite(at - mean) ? at - mean : 0);
  return {
    ...{ users, ratePerSecond: users / (inside + queue), decoding: state.decoding, running: state.admitted },
    ...{ firstTokenSeconds, outputTokenSeconds: state.outputTokenSeconds, queueSeconds: queue },
    firstTokenAt: (share) => firstTokenSeconds + beyond(spread().firstTokenAt(share), spread().firstTokenSeconds),
    outputTokenAt: (share) =>
      state.outputTokenSeconds + beyond(spread().outputTokenAt(share), spread().outputTokenSeconds),
  };
}

/** The replica's steps hold all that the engine adds. */
const plain: ServingConstants = {
  ...{ memoryEfficiency: 1, computeEfficiency: 1, linkEfficiency: 1 },
  ...{ layerSeconds: 0, stepSeconds: 0, sequenceSeconds: 0 },
  ...{ waitPrompts: 1, requestSeconds: 0, memoryShare: 1 },
};

/** Whole steps as costs; a token's share of one where drafts give more than one. */
function costsOf({ replica: { steps, cachedPromptShare } }: OpenReplica): StepCosts {
  const whole = (seconds: number): StepCost => {
    return { memorySeconds: seconds, computeSeconds: 0, linkSeconds: 0, startSeconds: 0 };
  };
  return {
    layers: 0,
    decode: (sequences, context) => whole(steps.stepSeconds(sequences, context, 0, 0) / steps.tokensPerStep),
    mixed(sequences, context, prompts, promptTokens) {
      const found = cachedPromptShare * promptTokens;
      const own = Math.max(1, promptTokens - found);
      const mixed = steps.stepSeconds(sequences, context, prompts * own, found + (own + 1) / 2);
      if (steps.tokensPerStep === 1 || sequences === 0) return whole(mixed);
      const alone = steps.stepSeconds(sequences, context, 0, 0);
      return whole(mixed - alone + alone / steps.tokensPerStep);
    },
  };
}
