/**
 * How long requests wait for their first token where they arrive by themselves. An engine computes in its next step all prompts that
 * came while a step ran, as far as the step's tokens go:
 *   gated     a prompt finds a step of S seconds running, longer ones the more often, waits for the rest of it (uniform), and ends with
 *             the next one, which computes the prompts that came meanwhile beside it: D + P (1 + Poisson(λ S))
 *             S = D + n P; n has the mean λ D / (1 − a) and the variance mean / (1 − a²), a = λ P, as prompts beget the prompts that
 *             come while they are computed: a negative binomial distribution of those two
 *   in turn   where a prompt fills a step or more, prompts are served one by one: P for its own, L / C × D for the steps of C tokens that
 *             it takes, by M/G/1: with probability ρ it waits for the rest of one, or for that and more
 *   first     an engine that computes prompts before any decoding: steps decode, or compute what came during the one before, alone
 *             (prompts-together.ts: mean and variance of the prompts in one)
 * Users who send when they have their answers do so at the end of a step, in which others may have been answered too: then no step is
 * waited for, and the prompts beside are Poisson of λ E[S]; prompts in turn come by the step: M/G/1 in steps, ρ = λ E[S] n, and none
 * waits where all are alike.
 * Between a prompt that fills a step and one of half its size the two are mixed. Prompts of unequal lengths count as fewer of the size
 * E[P²] / E[P], so that mean and variance of their sum are kept. Where slots are full a request waits for one as well (M/M/c).
 * Source: steady-state.ts (E[S²] / E[S], Feller 1971); Fuhrmann and Cooper 1985; waiting-time.ts.
 */
import { countNodes } from "./count-nodes.ts";
import { weighted } from "./length-nodes.ts";
import type { SharedPrompts } from "./prompt-seconds.ts";
import { slotsWaiting, type Waiting } from "./waiting-time.ts";

export interface FirstTokenQuestion {
  /** λ */
  readonly ratePerSecond: number;
  /** D: of the step that an arrival finds running where no prompt is computed; 0 where nobody decodes. */
  readonly decodeStepSeconds: number;
  /** P of each of the workload's input lengths, and the steps that it takes, in tokens a step: L / C. */
  readonly prompts: readonly number[];
  readonly weights: readonly number[];
  readonly stepsOfPrompt: readonly number[];
  /** Stages of a pipeline: prompts beside one's own delay its first token in each. */
  readonly stages: number;
  /** Whether the engine computes prompts before any decoding: one after the other, whatever their size. */
  readonly inTurn: boolean;
  /** What a step takes beside the prompts computed in it, though nobody decodes: 0 for an engine that computes prompts first. */
  readonly carriedSeconds: number;
  /** Beyond the prompt's own: the way to the engine, and stages of a pipeline. */
  readonly extraSeconds: readonly number[];
  readonly slot: Waiting;
  /** Replicas that serve prompts in turn from one queue: M/G/c, by M/M/c's chance to wait. */
  readonly servers: number;
  /** ca² */
  readonly arrivalVariation: number;
  /** Whether requests are sent when others are answered, which is at the end of a step: they find none running. */
  readonly atStepEnds: boolean;
  /** Of an engine that computes prompts before any decoding, several in a step. */
  readonly shared: SharedPrompts | null;
}

export interface FirstTokenTimes {
  readonly meanSeconds: number;
  /** The time that the share of all requests stays within. */
  at(share: number): number;
}

/** A wait, uniform between two ends, with its probability. */
interface WaitPart {
  readonly weight: number;
  readonly from: number;
  readonly length: number;
}

export function firstTokenTimes(question: FirstTokenQuestion): FirstTokenTimes {
  const { prompts, weights, stepsOfPrompt, slot, inTurn } = question;
  const meanSteps = weighted(stepsOfPrompt, weights);
  const gatedShare =
    inTurn && !question.atStepEnds && question.shared === null ? 0 : Math.max(0, Math.min(1, 1 / meanSteps - 1));
  const gated = gatedShare > 0 ? gatedWaits(question) : { parts: [], bases: [] as number[] };
  const turn = gatedShare < 1 ? turnWaits(question) : null;
  const meanOfParts = gated.parts.reduce((sum, { weight, from, length }) => sum + weight * (from + length / 2), 0);
  const slotMean = slot.probability > 0 ? slot.probability * slot.seconds : 0;
  const meanSeconds =
    gatedShare * (weighted(gated.bases, weights) + meanOfParts) +
    (turn === null ? 0 : (1 - gatedShare) * (weighted(turn.bases, weights) + turn.met / 2 + turn.meanWait)) +
    slotMean;
  const above = (time: number): number => {
    let sum = 0;
    for (let i = 0; i < prompts.length; i++) {
      const weight = weights[i]!;
      if (gatedShare > 0) sum += weight * gatedShare * exceedingParts(gated.parts, time - gated.bases[i]!);
      if (turn !== null) sum += weight * (1 - gatedShare) * turn.exceeding(time - turn.bases[i]!);
    }
    const waitsForSlot =
      slot.seconds > 0 ? slot.probability * Math.exp(-Math.max(0, time - meanSeconds) / slot.seconds) : 0;
    return Math.min(1, sum + waitsForSlot);
  };
  return {
    meanSeconds,
    at(share) {
      if (!Number.isFinite(meanSeconds)) return Number.POSITIVE_INFINITY;
      let high = 2 * meanSeconds;
      for (let doubling = 0; above(high) > 1 - share && doubling < 40; doubling++) high *= 2;
      let low = 0;
      while (high - low > 1e-4 * high) {
        const middle = (low + high) / 2;
        if (above(middle) > 1 - share) low = middle;
        else high = middle;
      }
      return high;
    },
  };
}

/** What a request waits beyond its own prompt and step: the rest of the step that runs, and the prompts beside its own. */
function gatedWaits(question: FirstTokenQuestion): {
  readonly parts: readonly WaitPart[];
  readonly bases: readonly number[];
} {
  const { ratePerSecond, decodeStepSeconds: step, prompts, weights, carriedSeconds, extraSeconds, stages } = question;
  const { arrivalVariation } = question;
  const bases = prompts.map((seconds, i) => seconds + carriedSeconds + extraSeconds[i]!);
  const mean = weighted(prompts, weights);
  const size = mean > 0 ? weighted(squares(prompts), weights) / mean : 0;
  const rate = size > 0 ? (ratePerSecond * mean) / size : 0;
  const load = Math.min(0.999, rate * size);
  if (question.atStepEnds) {
    const others = rate * (step / (1 - load)) * arrivalVariation;
    const beside = countNodes(others, others);
    return {
      bases,
      parts: beside.map(({ count, share }) => ({ weight: share, from: count * size * stages, length: 0 })),
    };
  }
  if (question.shared !== null) return { bases, parts: sharedWaits(question, question.shared) };
  const found = (rate * step) / (1 - load);
  const variance = (found * arrivalVariation) / (1 - load * load);
  const inStep = countNodes(found, Math.max(found * (1 + 1e-9), variance));
  // A step is met in proportion to its length.
  const all = inStep.reduce((sum, { count, share }) => sum + share * (step + count * size), 0);
  // Nobody decodes: an arrival mostly finds nothing running.
  const idle = step > 0 ? 0 : Math.max(0, 1 - ratePerSecond * mean);
  const parts: WaitPart[] = idle > 0 ? [{ weight: idle, from: 0, length: 0 }] : [];
  for (const { count, share } of inStep) {
    const length = step + count * size;
    const weight = all > 0 ? ((1 - idle) * share * length) / all : 0;
    if (weight < 1e-6) continue;
    const others = besideOne(question, length) * (size > 0 ? mean / size : 0);
    for (const beside of countNodes(others, others * Math.max(1, arrivalVariation))) {
      const both = weight * beside.share;
      if (both > 1e-7) parts.push({ weight: both, from: beside.count * size * stages, length });
    }
  }
  return { parts, bases };
}

/**
 * Requests that come into the same step as one does, in half of its time before and half after: 2 m(S / 2), m the mean of a renewal
 * process with gamma gaps since one of its own, by its Laplace transform at 1 / t: m(t) = 1 / ((1 + ca² / (λ t))^(1 / ca²) − 1).
 * Exact for Poisson arrivals, λ S; right for long steps, λ t + (ca² − 1) / 2. Source: Cox 1962, Renewal Theory; Widder's formula.
 */
function besideOne({ ratePerSecond, arrivalVariation }: FirstTokenQuestion, seconds: number): number {
  const x = (ratePerSecond * seconds) / 2;
  if (arrivalVariation === 1 || x === 0) return 2 * x;
  if (arrivalVariation < 1e-3) return 2 / Math.expm1(1 / x);
  return 2 / Math.expm1(Math.log1p(arrivalVariation / x) / arrivalVariation);
}

/** The same of an engine that computes prompts first: steps decode, or compute the prompts that came while the one before ran. */
function sharedWaits(question: FirstTokenQuestion, shared: SharedPrompts): WaitPart[] {
  const { decodeStepSeconds, weights, stages } = question;
  const { sharedSeconds, ownSeconds, steps } = shared;
  const mean = weighted(ownSeconds, weights);
  const square = weighted(squares(ownSeconds), weights);
  const size = mean > 0 ? square / mean : 0;
  const ratio = size > 0 ? mean / size : 1;
  // What the prompts of a step take: the shortest one at least, beyond it a Poisson number of pieces that keep its variance.
  const least = Math.min(...ownSeconds);
  const beyond = shared.mean * mean - least;
  const piece = (shared.mean * (square - mean * mean) + shared.variance * mean * mean) / Math.max(beyond, 1e-12);
  const pieces = piece > 0 ? countNodes(beyond / piece, beyond / piece) : [{ count: 0, share: 1 }];
  const met = [
    { share: 1, length: decodeStepSeconds },
    ...pieces.map(({ count, share }) => ({ share: steps * share, length: sharedSeconds + least + count * piece })),
  ];
  const all = met.reduce((sum, { share, length }) => sum + share * length, 0);
  const parts: WaitPart[] = [];
  for (const { share, length } of met) {
    const weight = (share * length) / all;
    if (!(weight > 1e-6)) continue;
    const others = ratio * besideOne(question, length);
    for (const beside of countNodes(others, others * Math.max(1, question.arrivalVariation))) {
      const both = weight * beside.share;
      if (both > 1e-7) parts.push({ weight: both, from: beside.count * size * stages, length });
    }
  }
  return parts;
}

function exceedingParts(parts: readonly WaitPart[], time: number): number {
  if (time < 0) return 1;
  let sum = 0;
  for (const { weight, from, length } of parts) {
    if (time <= from) sum += weight;
    else if (time < from + length) sum += weight * (1 - (time - from) / length);
  }
  return sum;
}

interface TurnWaits {
  readonly bases: readonly number[];
  /** The step that an arrival finds running where no prompt waits. */
  readonly met: number;
  readonly meanWait: number;
  exceeding(time: number): number;
}

function turnWaits(question: FirstTokenQuestion): TurnWaits {
  const { ratePerSecond, decodeStepSeconds, prompts, weights, stepsOfPrompt, carriedSeconds, extraSeconds } = question;
  const served = prompts.map((seconds, i) => seconds + stepsOfPrompt[i]! * carriedSeconds);
  const bases = prompts.map(
    (seconds, i) => seconds + Math.ceil(stepsOfPrompt[i]! - 1e-9) * carriedSeconds + extraSeconds[i]!,
  );
  const mean = weighted(served, weights);
  const load = question.atStepEnds ? stepLoad(question) : ratePerSecond * mean;
  const met = question.atStepEnds ? 0 : decodeStepSeconds;
  if (load >= 1) {
    return { bases, met, meanWait: Number.POSITIVE_INFINITY, exceeding: () => 1 };
  }
  // The rest of one, uniform; and with the probability of another one before it, so much as keeps the mean.
  const rest = weighted(squares(served), weights) / mean;
  const bursts = (question.arrivalVariation + 1) / 2;
  const { servers } = question;
  const waits =
    question.atStepEnds && question.arrivalVariation === 0
      ? 0
      : servers === 1
        ? load
        : slotsWaiting(servers, servers * ratePerSecond, mean, 1).probability;
  const first = rest / servers;
  const long = ((first / 2) * (2 - load) * bursts) / (1 - load);
  const meanWait = waits * ((1 - load) * (first / 2) + load * long);
  const waiting = (time: number): number => {
    if (time < 0) return 1;
    return waits * ((1 - load) * Math.max(0, 1 - time / first) + load * Math.exp(-time / long));
  };
  const parts = [1 / 6, 1 / 2, 5 / 6];
  return {
    ...{ bases, met, meanWait },
    exceeding: (time) => parts.reduce((sum, part) => sum + waiting(time - part * met), 0) / parts.length,
  };
}

/** Share of steps that prompts in turn fill where they come by the step: with the tokens that answer users, not with the time. */
function stepLoad({ ratePerSecond, decodeStepSeconds, prompts, weights, stepsOfPrompt }: FirstTokenQuestion): number {
  const decoding = Math.max(1e-9, 1 - ratePerSecond * weighted(prompts, weights));
  return (ratePerSecond * decodeStepSeconds * weighted(stepsOfPrompt, weights)) / decoding;
}

function squares(values: readonly number[]): number[] {
  return values.map((each) => each * each);
}
