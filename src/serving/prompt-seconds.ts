/**
 * What prompts cost in the steps that they are computed in: of an engine that mixes, what they add to steps that decode; of one that
 * computes prompts first, whole steps, which those that wait share (prompts-together.ts).
 */
import { type LengthNodes, weighted } from "./length-nodes.ts";
import { type PromptsTogether, promptsTogether } from "./prompts-together.ts";
import type { ReplicaModel } from "./replica-model.ts";

/** Prompts of an engine that computes them first, several in a step. */
export interface SharedPrompts extends PromptsTogether {
  /** Of a step of prompts, whatever is in it, and of each of the workload's lengths beside it. */
  readonly sharedSeconds: number;
  readonly ownSeconds: readonly number[];
}

export interface PromptCosts {
  /** P of each length, where prompts come at a rate. */
  readonly seconds: readonly number[];
  /** Null where no step is shared. */
  readonly shared: SharedPrompts | null;
}

/**
 * Seconds that a prompt adds to the steps it is computed in; of an engine that computes prompts first, all of those steps.
 * @param beside prompts of its length computed side by side, of whose seconds it is charged its share
 */
export function promptSeconds(
  { steps, policy, cachedPromptShare }: ReplicaModel,
  length: number,
  decoding: number,
  context: number,
  decodeStepSeconds: number,
  beside: number = steps.groups ?? 1,
): number {
  const lockstep = policy.prefill === "first";
  const room = Math.max(1, (policy.stepTokens - (lockstep ? 0 : decoding)) / beside);
  let done = Math.min(cachedPromptShare * length, length - 1);
  let seconds = 0;
  while (done < length - 1e-9) {
    const tokens = Math.min(room, length - done);
    const step = steps.stepSeconds(lockstep ? 0 : decoding, context, beside * tokens, done + (tokens + 1) / 2);
    seconds += lockstep ? step : Math.max(0, step - decodeStepSeconds);
    done += tokens;
  }
  return seconds / beside;
}

/** Rounds in which the rate and the prompts that share a step find each other. */
const sharingRounds = 12;
const closeEnough = 1e-3;
const steepest = 0.8;

/**
 * Prompts' seconds as they come to a replica; steps are shared as by those of mean length, two of which fit into one.
 * @param alone of each length, computed by itself
 * @param rateAt requests a second by the mean seconds of a prompt
 * @param together prompts of a step that has any, where that is known; null where they come by themselves
 */
export function promptCosts(
  replica: ReplicaModel,
  { tokens: lengths, weights }: LengthNodes,
  alone: readonly number[],
  decodeStepSeconds: number,
  rateAt: (promptSeconds: number) => number,
  together: number | null = null,
): PromptCosts {
  const { steps, policy, cachedPromptShare } = replica;
  const length = weighted(lengths, weights);
  const tokens = Math.max(1, (1 - cachedPromptShare) * length);
  if (policy.prefill !== "first" || 2 * tokens > policy.stepTokens) return { seconds: alone, shared: null };
  const rows = length - (tokens - 1) / 2;
  const [one, two] = [1, 2].map((count) => steps.stepSeconds(0, 1, count * tokens, rows)) as [number, number];
  const sharedSeconds = Math.max(0, Math.min(one, 2 * one - two));
  const ownSeconds = alone.map((each) => Math.max(0, each - sharedSeconds));
  if (together !== null) {
    const saved = sharedSeconds * (1 - 1 / together);
    return { seconds: alone.map((each) => Math.max(0, each - saved)), shared: null };
  }
  const mean = weighted(alone, weights);
  let saved = 0;
  let found = { steps: 0, mean: 1, variance: 0 };
  let before = 0;
  for (let round = 0; round < sharingRounds; round++) {
    const shared = { ratePerSecond: rateAt(mean - saved), decodeStepSeconds, sharedSeconds, ownSeconds };
    found = promptsTogether({ ...shared, weights });
    const change = sharedSeconds * (1 - 1 / found.mean) - saved;
    // What is saved raises the rate, which saves more: as far as the last two rounds say.
    const slope = before > 0 ? Math.max(0, Math.min(steepest, change / before)) : 0;
    saved = Math.max(0, Math.min(sharedSeconds, saved + change / (1 - slope)));
    if (Math.abs(change) < closeEnough * mean) break;
    before = change;
  }
  return {
    seconds: ownSeconds.map((each) => each + sharedSeconds - saved),
    shared: { ...found, sharedSeconds, ownSeconds },
  };
}
