/**
 * What a serving engine adds to its kernels, and how it schedules: the constants of one engine on any machine and model.
 *   step(B) = m / em + f / ec + l / el + k + layers × layer + gap + B × sequence
 *   m, f, l   seconds at memory, matrix units, link (step-costs.ts)      k   kernels' start-ups that the timing model knows
 */
import type { EngineConstants } from "../timing/execution-profile.ts";
import type { StepCost } from "./step-costs.ts";

/** stepSeconds, sequenceSeconds and layerSeconds are those of a step alone, too (timing/execution-profile.ts). */
export interface ServingConstants extends Pick<EngineConstants, "stepSeconds" | "sequenceSeconds" | "layerSeconds"> {
  /** Shares of what the timing model's kernels reach alone that they reach in the engine; at most 1. */
  readonly memoryEfficiency: number;
  readonly computeEfficiency: number;
  readonly linkEfficiency: number;
  /** Prompts that a request of a load of equal lengths sees computed before its first token, its own among them. */
  readonly waitPrompts: number;
  /** From the client to the engine's queue and back: network, tokenisation, detokenisation. */
  readonly requestSeconds: number;
  /** Share of the memory that weights and cache may fill; the rest holds activations, graphs and communication buffers. */
  readonly memoryShare: number;
}

/** How an engine mixes prompts with decoding, and whom it admits. */
export interface SchedulingPolicy {
  /**
   * mixed: prompts ride along with decoding, each in its turn     first: all waiting prompts before any decoding, so that
   * requests of equal lengths stay in step with each other for good
   */
  readonly prefill: "mixed" | "first";
  /** Prompt tokens that one step takes at most. */
  readonly stepTokens: number;
  /** Share of an answer's rows that a request holds on average: ½ where the cache grows with it, 1 where all is set aside. */
  readonly reservedShare: number;
  /**
   * Share of an answer's rows that must be free, beside those that others have been promised, for its request to be let in: 0 where
   * the prompt's room is enough and later ones are put back when memory runs out, 1 where nobody ever is.
   */
  readonly admittedShare: number;
}

/**
 * Seconds of one step with `sequences` decoding.
 * @example 8 ms at memory, 0.9 of it reached, 64 layers of 10 µs, a gap of 1 ms, 16 sequences of 20 µs: 8.89 + 0.64 + 1 + 0.32 ms
 */
export function engineStepSeconds(cost: StepCost, sequences: number, layers: number, c: ServingConstants): number {
  return kernelSeconds(cost, c) + layers * c.layerSeconds + c.stepSeconds + sequences * c.sequenceSeconds;
}

/** Seconds of a step's kernels at the pace that they keep in the engine. */
export function kernelSeconds(cost: StepCost, c: ServingConstants): number {
  return (
    cost.memorySeconds / c.memoryEfficiency +
    cost.computeSeconds / c.computeEfficiency +
    cost.linkSeconds / c.linkEfficiency +
    cost.startSeconds
  );
}
