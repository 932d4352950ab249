/**
 * An engine's replica at which requests arrive by themselves, in closed form: what rate a batch sustains, and how TTFT
 * (first-token-times.ts) and TPOT (output-token-times.ts) are distributed.
 *   B     sequences that decode           D(B)  seconds of a step that only decodes, in which each gets e tokens
 *   P     seconds that a prompt adds      o     output tokens;   λ  requests a second
 * Every request's prompt delays all; its o − 1 further tokens take as many steps over e, B of them side by side:
 *   step / e = D / e + B P / (o − 1)      λ = B / ((o − 1) step / e)        (Little's law; so that step = D / (1 − λ P))
 * Source: Little 1961.
 */
import { type FirstTokenTimes, firstTokenTimes } from "./first-token-times.ts";
import type { LengthDistribution } from "./length-distribution.ts";
import { type LengthNodes, lengthNodes, weighted } from "./length-nodes.ts";
import { outputTokenTimes } from "./output-token-times.ts";
import { promptCosts, promptSeconds, type SharedPrompts } from "./prompt-seconds.ts";
import { promptsInGroups } from "./prompts-in-groups.ts";
import { type InTurnQuestion, promptsInTurn } from "./prompts-in-turn.ts";
import type { ReplicaModel } from "./replica-model.ts";
import { answeredTogether, usersRate } from "./users-rate.ts";
import { noWaiting, slotsWaiting } from "./waiting-time.ts";

export interface OpenWorkload {
  readonly input: LengthDistribution;
  readonly output: LengthDistribution;
  /** ca²: variance of the gaps between arrivals over the square of their mean; 1 for Poisson arrivals. */
  readonly arrivalVariation: number;
}

export interface OpenState {
  /** Requests a second that the replica serves. */
  readonly ratePerSecond: number;
  /** Sequences that decode, and all that are in the engine, on average. */
  readonly decoding: number;
  readonly running: number;
  /** Requests that it holds at once at most, by memory and by its own limit. */
  readonly slots: number;
  /** Means. */
  readonly firstTokenSeconds: number;
  readonly outputTokenSeconds: number;
  /** D and P. */
  readonly decodeStepSeconds: number;
  readonly promptSeconds: number;
  /** Share of the time that prompts take. */
  readonly promptShare: number;
  /** The time that the share of all requests stays within. */
  firstTokenAt(share: number): number;
  outputTokenAt(share: number): number;
}

export interface OpenReplica {
  readonly replica: ReplicaModel;
  readonly workload: OpenWorkload;
  readonly slots: number;
  /** Rows of a decoding sequence's cache on average, longer answers being met more often. */
  readonly context: number;
  readonly inputs: LengthNodes;
  readonly outputs: LengthNodes;
}

/** What does not depend on the batch. */
export function openReplica(replica: ReplicaModel, workload: OpenWorkload): OpenReplica {
  const { input, output } = workload;
  const { policy, requestBytes, cacheCapacityBytes, maxSequences } = replica;
  // Of the answers that are being written at any time, longer ones are the more frequent.
  const met = output.meanSquare / output.mean;
  const held = requestBytes(input.mean + policy.reservedShare * met);
  const slots = Math.min(maxSequences, held > 0 ? cacheCapacityBytes / held : Number.POSITIVE_INFINITY);
  return {
    ...{ replica, workload, slots },
    context: input.mean + met / 2,
    inputs: lengthNodes(input),
    outputs: lengthNodes(output),
  };
}

/**
 * The state in which `decoding` sequences decode on average; above 0, need not be whole.
 * @param isClosed whether users send the requests, each when the one before is answered
 */
export function openStateAt(open: OpenReplica, asked: number, isClosed = false): OpenState {
  const decoding = Math.min(asked, mostDecoding(open));
  const { replica, workload, context, inputs, outputs, slots } = open;
  const { steps } = replica;
  const further = Math.max(0, workload.output.mean - 1);
  const decodeStepSeconds = steps.stepSeconds(Math.max(decoding, 1e-9), context, 0, 0);
  const tokenSeconds = decodeStepSeconds / steps.tokensPerStep;
  const stepsOfPrompt = stepsOfPrompts(open, decoding);
  // A step answers B e / K requests, and as many prompts come while it lasts.
  const answered = (decoding * steps.tokensPerStep) / Math.max(1, further);
  const perStep = answered * Math.max(1, weighted(stepsOfPrompt, inputs.weights));
  const { alone, single } = promptsInGroups(inputs.tokens, steps.groups ?? 1, perStep, (length, beside) =>
    promptSeconds(replica, length, decoding, context, decodeStepSeconds, beside),
  );
  const carried = replica.policy.prefill === "first" ? 0 : weighted(stepsOfPrompt, inputs.weights) * decodeStepSeconds;
  const together = isClosed ? answeredTogether(answered, variationOf(workload, true) === 0) : null;
  const rateAt = (prompt: number): number =>
    isClosed
      ? usersRate(decoding, further * tokenSeconds, prompt, prompt + carried)
      : decoding / (further * tokenSeconds + decoding * prompt);
  const { seconds: prompts, shared } = promptCosts(replica, inputs, alone, decodeStepSeconds, rateAt, together);
  const meanPrompt = weighted(prompts, inputs.weights);
  const ratePerSecond = rateAt(meanPrompt);
  const met = decoding > 0 ? decoding / ratePerSecond - further * tokenSeconds : 0;
  const turns = (): Omit<InTurnQuestion, "ratePerSecond" | "prompts"> => ({
    ...{ arrivalVariation: workload.arrivalVariation, weights: inputs.weights, tokensPerStep: steps.tokensPerStep },
    decodeStepSeconds,
    stepsOfPrompt,
    isFirst: replica.policy.prefill === "first",
  });
  // A search asks most states for their rate alone, or for one of the two times.
  const output = once(() =>
    outputTokenTimes({
      ...{ ratePerSecond, decoding, meanFurther: further, promptSeconds: meanPrompt },
      meanSeconds: further > 0 ? tokenSeconds + met / further : tokenSeconds,
      growthSeconds: isClosed ? 0 : growthOf(open, decoding),
      promptSquare: weighted(
        prompts.map((each, i) => each * Math.max(each, single[i]!)),
        inputs.weights,
      ),
      furtherTokens: outputs.tokens.map((tokens) => tokens - 1),
      weights: outputs.weights,
      decodeSeconds: tokenSeconds,
      inTurn: isClosed || shared !== null ? null : promptsInTurn({ ...turns(), ratePerSecond, prompts }),
      ...{ arrivalVariation: variationOf(workload, isClosed), isClosed },
    }),
  );
  const held = (): number => meanPrompt + output().answerSeconds;
  const first = once(() =>
    firstTimes(open, { decoding, decodeStepSeconds, ratePerSecond, prompts, alone, shared, held: held(), isClosed }),
  );
  return {
    ...{ ratePerSecond, slots, decodeStepSeconds },
    promptSeconds: meanPrompt,
    promptShare: ratePerSecond * meanPrompt,
    get decoding() {
      return ratePerSecond * output().answerSeconds;
    },
    get running() {
      return ratePerSecond * (held() + decodeStepSeconds);
    },
    get firstTokenSeconds() {
      return first().meanSeconds;
    },
    get outputTokenSeconds() {
      return output().meanSeconds;
    },
    firstTokenAt: (share) => first().at(share),
    outputTokenAt: (share) => output().at(share),
  };
}

/** Sequences that decode where every step is full of prompts: K C / (K + L), each staying K steps for one prompt of L tokens. */
function mostDecoding({
  replica: { steps, policy, cachedPromptShare },
  workload: { input, output },
}: OpenReplica): number {
  if (policy.prefill === "first") return Number.POSITIVE_INFINITY;
  const stayed = Math.max(1, (output.mean - 1) / steps.tokensPerStep);
  return (stayed * policy.stepTokens) / (stayed + Math.max(1, (1 - cachedPromptShare) * input.mean));
}

/** Steps that each of the workload's prompts takes, in tokens of one. */
function stepsOfPrompts({ replica: { policy, cachedPromptShare }, inputs }: OpenReplica, decoding: number): number[] {
  const room = Math.max(1, policy.stepTokens - (policy.prefill === "first" ? 0 : decoding));
  return inputs.tokens.map((length) => Math.max(1, (1 - cachedPromptShare) * length) / room);
}

/** Made when it is first asked for. */
function once<Made>(make: () => Made): () => Made {
  let made: { readonly value: Made } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Users whose requests are all alike send as regularly as they are answered; of others' answers each ends when it ends. */
function variationOf({ arrivalVariation, input, output }: OpenWorkload, isClosed: boolean): number {
  if (!isClosed) return arrivalVariation;
  return input.isFixed && output.isFixed ? 0 : 1;
}

/** D' over the tokens of a step, between two of a few batches around: kernels' times have stairs, and each batch is timed once. */
function growthOf({ replica: { steps }, context }: OpenReplica, decoding: number): number {
  const node = Math.floor(nodesPerDoubling * Math.log2(Math.max(1, decoding)));
  const below = Math.round(2 ** (node / nodesPerDoubling));
  const above = Math.max(below + 1, Math.round(2 ** ((node + 1) / nodesPerDoubling)));
  const rise = steps.stepSeconds(above, context, 0, 0) - steps.stepSeconds(below, context, 0, 0);
  return Math.max(0, rise) / (above - below) / steps.tokensPerStep;
}

const nodesPerDoubling = 2;

/**
 * Times of replicas that compute prompts and nothing else; their first token is all that they make.
 * @param ratePerSecond of prompts that each of them computes
 * @param servers replicas that the balancer sends a prompt to, whichever is free
 */
export function promptsOnlyAt(
  open: OpenReplica,
  ratePerSecond: number,
  servers: number,
): Pick<OpenState, "firstTokenSeconds" | "firstTokenAt" | "promptShare"> {
  const alone = { ...open, replica: lockstepOf(open.replica) };
  const prompts = open.inputs.tokens.map((length) => promptSeconds(alone.replica, length, 0, 1, 0));
  const held = weighted(prompts, open.inputs.weights);
  const first = firstTimes(alone, { decoding: 0, decodeStepSeconds: 0, ratePerSecond, prompts, held, servers });
  return { firstTokenSeconds: first.meanSeconds, firstTokenAt: first.at, promptShare: ratePerSecond * held };
}

/** Whole steps are the prompts', whatever the engine does where it decodes as well. */
function lockstepOf(replica: ReplicaModel): ReplicaModel {
  return { ...replica, policy: { ...replica.policy, prefill: "first" } };
}

/** The middle, whole while that is between the two: whole batches are timed once. */
export function wholeBetween(low: number, high: number): number {
  const middle = low > 0 && high / low > 4 ? Math.sqrt(low * high) : (low + high) / 2;
  const whole = Math.round(middle);
  return whole > low && whole < high ? whole : middle;
}

/** Rounds of the search for a batch; each halves what is left. */
const searchRounds = 40;

/**
 * The state that a rate leads to; null where the replica cannot serve it.
 * @param most sequences that decode at most: kernels' times have stairs, so that another batch, larger, may serve the same rate
 */
export function openStateAtRate(open: OpenReplica, ratePerSecond: number, most: number = open.slots): OpenState | null {
  let high = most;
  if (!Number.isFinite(high)) high = 2 ** 20;
  if (!(high > 0)) return null;
  const top = openStateAt(open, high);
  if (top.ratePerSecond < ratePerSecond) return null;
  let low = 0;
  let state = top;
  for (let round = 0; round < searchRounds && high - low > 1e-5 * high; round++) {
    const middle = wholeBetween(low, high);
    const at = openStateAt(open, middle);
    if (at.ratePerSecond < ratePerSecond) low = middle;
    else {
      high = middle;
      state = at;
    }
  }
  return state;
}

interface LoadedSteps {
  readonly decoding: number;
  readonly decodeStepSeconds: number;
  readonly ratePerSecond: number;
  /** P of each of the workload's input lengths. */
  readonly prompts: readonly number[];
  /** The same where no other prompt shares its steps; the same unless given. */
  readonly alone?: readonly number[];
  readonly shared?: SharedPrompts | null;
  /** Seconds that a request holds its slot. */
  readonly held: number;
  /** Replicas that take prompts from one queue; 1 unless given. */
  readonly servers?: number;
  readonly isClosed?: boolean;
}

/** A prompt's seconds where the other groups of devices have none to compute beside it. */
function aloneSeconds({ replica, context }: OpenReplica, loaded: LoadedSteps, length: number): number {
  return promptSeconds(replica, length, loaded.decoding, context, loaded.decodeStepSeconds, 1);
}

function firstTimes(open: OpenReplica, loaded: LoadedSteps): FirstTokenTimes {
  const { replica, workload, inputs, slots } = open;
  const { steps, policy, requestSeconds } = replica;
  const { decoding, decodeStepSeconds, ratePerSecond, prompts, held } = loaded;
  const lockstep = policy.prefill === "first";
  const { isClosed = false } = loaded;
  const { output } = workload;
  const arrivalVariation = variationOf(workload, isClosed);
  const spread = output.meanSquare / (output.mean * output.mean) - 1;
  const met = Math.min(1, decoding) * decodeStepSeconds;
  return firstTokenTimes({
    ...{ ratePerSecond, prompts, arrivalVariation, weights: inputs.weights, stages: steps.stages, inTurn: lockstep },
    decodeStepSeconds: met,
    stepsOfPrompt: stepsOfPrompts(open, decoding),
    carriedSeconds: lockstep ? 0 : decodeStepSeconds,
    extraSeconds: prompts.map((seconds, i) => {
      const alone =
        (steps.groups ?? 1) === 1 ? (loaded.alone?.[i] ?? seconds) : aloneSeconds(open, loaded, inputs.tokens[i]!);
      const others = alone - seconds;
      return requestSeconds + (steps.stages - 1) * seconds + Math.max(0, others);
    }),
    servers: loaded.servers ?? 1,
    atStepEnds: isClosed,
    shared: loaded.shared ?? null,
    slot: isClosed ? noWaiting : slotsWaiting(slots, ratePerSecond, held, (arrivalVariation + spread) / 2),
  });
}
