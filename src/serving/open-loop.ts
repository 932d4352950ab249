/**
 * An engine's replica at which requests arrive by themselves, in closed form: what rate a batch sustains, and how TTFT and TPOT are
 * distributed.
 *   B     sequences that decode           D(B)  seconds of a step that only decodes, in which each gets e tokens
 *   P     seconds that a prompt adds      o     output tokens;   λ  requests a second
 * Every request's prompt delays all; its o − 1 further tokens take as many steps over e, B of them side by side:
 *   TPOT = D / e + B P / (o − 1)          λ = B / ((o − 1) TPOT)           (Little's law; so that TPOT = D / e / (1 − λ P))
 * TTFT: a prompt waits for the step that runs (all its length equally likely), for the prompts before it (one server that takes
 * G = P + L / C × D for a prompt of L tokens, C of which a step takes), for a slot where memory or the engine's limit holds no more
 * (M/M/c), then for its own steps, with the prompts that came into the same step behind it.
 * TPOT of one request varies with the prompts that fell into its time, P² λ / TPOT / (o − 1) each, and with the sequences beside it,
 * whose mean over its time has the variance B (1 − x / 3), x its share of a mean request's time (M/D/∞).
 * Source: Little 1961; Fuhrmann and Cooper 1985 (vacations); waiting-time.ts.
 */
import { normalShareBelow } from "../quantity/normal-distribution.ts";
import type { LengthDistribution } from "./length-distribution.ts";
import type { ReplicaModel } from "./replica-model.ts";
import { singleServerWaiting, slotsWaiting, type Waiting } from "./waiting-time.ts";

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

/** Prompts and answers are averaged over so many lengths, each as likely as the others. */
const lengthNodes = 12;

export interface OpenReplica {
  readonly replica: ReplicaModel;
  readonly workload: OpenWorkload;
  readonly slots: number;
  /** Rows of a decoding sequence's cache on average, longer answers being met more often. */
  readonly context: number;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
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
    inputs: nodesOf(input),
    outputs: nodesOf(output),
  };
}

function nodesOf(lengths: LengthDistribution): number[] {
  if (lengths.isFixed) return [lengths.mean];
  const nodes = Array.from({ length: lengthNodes }, (_, i) => lengths.quantile((i + 0.5) / lengthNodes));
  // Midpoints of equal shares miss some of a long tail: the nodes keep the mean.
  const mean = nodes.reduce((sum, each) => sum + each, 0) / lengthNodes;
  return nodes.map((each) => Math.max(1, (each * lengths.mean) / mean));
}

/** The state in which `decoding` sequences decode on average; above 0, need not be whole. */
export function openStateAt(open: OpenReplica, decoding: number): OpenState {
  const { replica, workload, context, inputs, slots } = open;
  const { steps } = replica;
  const further = Math.max(0, workload.output.mean - 1);
  const decodeStepSeconds = steps.stepSeconds(Math.max(decoding, 1e-9), context, 0, 0);
  const prompts = inputs.map((length) => promptSeconds(replica, length, decoding, context, decodeStepSeconds));
  const meanPrompt = meanOf(prompts);
  const tokenSeconds = decodeStepSeconds / steps.tokensPerStep;
  const ratePerSecond =
    further > 0 ? decoding / (further * tokenSeconds + decoding * meanPrompt) : decoding / (decoding * meanPrompt);
  const outputTokenSeconds = further > 0 ? tokenSeconds + (decoding * meanPrompt) / further : tokenSeconds;
  const first = firstTokenTimes(open, { decoding, decodeStepSeconds, ratePerSecond, prompts });
  const own = first.serviceSeconds;
  const running = decoding + ratePerSecond * own;
  return {
    ...{ ratePerSecond, decoding, running, slots, decodeStepSeconds, outputTokenSeconds },
    promptSeconds: meanPrompt,
    promptShare: ratePerSecond * meanPrompt,
    firstTokenSeconds: first.mean(),
    firstTokenAt: first.at,
    outputTokenAt: (share) =>
      outputTokenAt(open, { decoding, ratePerSecond, outputTokenSeconds, prompts, tokenSeconds }, share),
  };
}

/** Times of a replica that computes prompts and nothing else, at a rate of them; their first token is all that it makes. */
export function promptsOnlyAt(
  open: OpenReplica,
  ratePerSecond: number,
): Pick<OpenState, "firstTokenSeconds" | "firstTokenAt" | "promptShare"> {
  const prompts = open.inputs.map((length) => promptSeconds(lockstepOf(open.replica), length, 0, 1, 0));
  const first = firstTokenTimes(
    { ...open, replica: lockstepOf(open.replica) },
    { decoding: 0, decodeStepSeconds: 0, ratePerSecond, prompts },
  );
  return {
    firstTokenSeconds: first.mean(),
    firstTokenAt: first.at,
    promptShare: ratePerSecond * meanOf(prompts),
  };
}

/** Whole steps are the prompts', whatever the engine does where it decodes as well. */
function lockstepOf(replica: ReplicaModel): ReplicaModel {
  return { ...replica, policy: { ...replica.policy, prefill: "first" } };
}

/** Rounds of the search for a batch; each halves what is left. */
const searchRounds = 50;

/** The state that a rate leads to; null where the replica cannot serve it. */
export function openStateAtRate(open: OpenReplica, ratePerSecond: number): OpenState | null {
  let high = open.slots;
  if (!Number.isFinite(high)) high = 2 ** 20;
  if (!(high > 0)) return null;
  const top = openStateAt(open, high);
  if (top.ratePerSecond < ratePerSecond) return null;
  let low = 0;
  let state = top;
  for (let round = 0; round < searchRounds && high - low > 1e-6 * high; round++) {
    const middle = (low + high) / 2;
    const at = openStateAt(open, middle);
    if (at.ratePerSecond < ratePerSecond) low = middle;
    else {
      high = middle;
      state = at;
    }
  }
  return state;
}

/** Seconds that a prompt adds to the steps it is computed in; of an engine that computes prompts first, all of those steps. */
function promptSeconds(
  { steps, policy, cachedPromptShare }: ReplicaModel,
  length: number,
  decoding: number,
  context: number,
  decodeStepSeconds: number,
): number {
  const lockstep = policy.prefill === "first";
  const room = Math.max(1, policy.stepTokens - (lockstep ? 0 : decoding));
  let done = Math.min(cachedPromptShare * length, length - 1);
  let seconds = 0;
  while (done < length - 1e-9) {
    const tokens = Math.min(room, length - done);
    const step = steps.stepSeconds(lockstep ? 0 : decoding, context, tokens, done + (tokens + 1) / 2);
    seconds += lockstep ? step : Math.max(0, step - decodeStepSeconds);
    done += tokens;
  }
  return seconds;
}

interface LoadedSteps {
  readonly decoding: number;
  readonly decodeStepSeconds: number;
  readonly ratePerSecond: number;
  /** P of each of the workload's input lengths. */
  readonly prompts: readonly number[];
}

interface FirstTokenTimes {
  /** Of a request that waits for nobody, from its first step on. */
  readonly serviceSeconds: number;
  mean(): number;
  at(share: number): number;
}

function firstTokenTimes(open: OpenReplica, loaded: LoadedSteps): FirstTokenTimes {
  const { replica, workload, inputs, slots } = open;
  const { steps, policy, cachedPromptShare, requestSeconds } = replica;
  const { decoding, decodeStepSeconds, ratePerSecond, prompts } = loaded;
  const lockstep = policy.prefill === "first";
  const room = Math.max(1, policy.stepTokens - (lockstep ? 0 : decoding));
  const carried = lockstep || decoding === 0 ? 0 : decodeStepSeconds;
  const computed = inputs.map((length) => Math.max(1, (1 - cachedPromptShare) * length));
  const served = prompts.map((seconds, i) => seconds + (computed[i]! / room) * carried);
  const own = prompts.map(
    (seconds, i) => requestSeconds + seconds * steps.stages + Math.ceil(computed[i]! / room - 1e-9) * carried,
  );
  const meanServed = meanOf(served);
  const variation = workload.arrivalVariation;
  const prompt = singleServerWaiting(
    ratePerSecond,
    meanServed,
    meanOf(served.map((each) => each * each)),
    variation,
  );
  const met = Math.min(1, decoding) * decodeStepSeconds;
  const behind = lockstep ? 0 : Math.min(meanServed, ratePerSecond * 0.5 * decodeStepSeconds * meanOf(prompts));
  const output = workload.output;
  const held = meanOf(own) - requestSeconds + Math.max(0, output.mean - 1) * tokenTime(loaded, open);
  const spread = output.meanSquare / (output.mean * output.mean) - 1;
  const slot = slotsWaiting(slots, ratePerSecond, held, (variation + spread) / 2);
  const bases = own.map((each) => each + behind);
  return {
    serviceSeconds: meanOf(own) - requestSeconds,
    mean: () => meanOf(bases) + met / 2 + prompt.probability * prompt.seconds + slot.probability * slot.seconds,
    at: (share) => quantileOfSum(bases, met, [prompt, slot], share),
  };
}

function tokenTime({ decoding, decodeStepSeconds, prompts }: LoadedSteps, open: OpenReplica): number {
  const further = Math.max(1, open.workload.output.mean - 1);
  return decodeStepSeconds / open.replica.steps.tokensPerStep + (decoding * meanOf(prompts)) / further;
}

/** Where in the step that runs an arrival falls. */
const partsOfStep = [1 / 6, 1 / 2, 5 / 6];

/** The share of base + part of the step + waits, each base as likely as the others. */
function quantileOfSum(bases: readonly number[], step: number, waits: readonly Waiting[], share: number): number {
  if (waits.some(({ seconds }) => !Number.isFinite(seconds))) return Number.POSITIVE_INFINITY;
  const exceeding = (wait: number): number => {
    if (wait < 0) return 1;
    let sum = 0;
    for (const { probability, seconds } of waits) if (seconds > 0) sum += probability * Math.exp(-wait / seconds);
    return Math.min(1, sum);
  };
  const above = (time: number): number => {
    let sum = 0;
    for (const base of bases) for (const part of partsOfStep) sum += exceeding(time - base - part * step);
    return sum / (bases.length * partsOfStep.length);
  };
  const longest = Math.max(...waits.map(({ seconds }) => seconds));
  const high = Math.max(...bases) + step + longest * Math.log(waits.length / (1 - share) + 1);
  return smallestWhere(Math.min(...bases), high, (time) => above(time) <= 1 - share);
}

function outputTokenAt(
  open: OpenReplica,
  state: { decoding: number; ratePerSecond: number; outputTokenSeconds: number; tokenSeconds: number } & Pick<
    LoadedSteps,
    "prompts"
  >,
  share: number,
): number {
  const { replica, workload, outputs, context } = open;
  const { decoding, ratePerSecond, outputTokenSeconds, tokenSeconds, prompts } = state;
  const { steps } = replica;
  const squares = meanOf(prompts.map((each) => each * each));
  const slower = outputTokenSeconds / tokenSeconds;
  // Over a standard deviation to both sides: kernels' times have stairs.
  const aside = Math.min(decoding, Math.sqrt(decoding));
  const rise =
    steps.stepSeconds(decoding + aside, context, 0, 0) - steps.stepSeconds(Math.max(decoding - aside, 1e-9), context, 0, 0);
  const growth = (rise / (2 * aside) / steps.tokensPerStep) * slower;
  const meanFurther = Math.max(1, workload.output.mean - 1);
  const deviations = outputs
    .filter((tokens) => tokens > 1.5)
    .map((tokens) => {
      const further = tokens - 1;
      const interleaved = (workload.arrivalVariation * ratePerSecond * squares * outputTokenSeconds) / further;
      const x = further / meanFurther;
      const beside = decoding * workload.arrivalVariation * (x <= 1 ? 1 - x / 3 : (1 - 1 / (3 * x)) / x);
      return Math.sqrt(interleaved + growth * growth * beside);
    });
  if (deviations.length === 0 || Math.max(...deviations) === 0) return outputTokenSeconds;
  const above = (time: number): number =>
    meanOf(deviations.map((d) => 1 - normalShareBelow((time - outputTokenSeconds) / Math.max(d, 1e-15))));
  const high = outputTokenSeconds + 6 * Math.max(...deviations);
  return smallestWhere(0, high, (time) => above(time) <= 1 - share);
}

function smallestWhere(from: number, to: number, holds: (value: number) => boolean): number {
  let [low, high] = [from, to];
  for (let round = 0; round < 40 && high - low > 1e-5 * high; round++) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}
