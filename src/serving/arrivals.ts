/**
 * Requests drawn from a process of arrivals and two distributions of lengths. Gaps between arrivals have the mean 1/λ and
 *   regular   no spread      poisson   an exponential one (cv 1)      bursty   a gamma one of shape 1/cv²
 * cv is the coefficient of variation: the gaps' standard deviation over their mean. The first request comes after one gap.
 * Gamma numbers by Marsaglia and Tsang 2000; below shape 1 as one of shape + 1 times U^(1/shape).
 */
import { InvalidInput } from "../quantity/invalid-input.ts";
import { type SeededRandom, seededRandom } from "../quantity/seeded-random.ts";
import type { LengthDistribution } from "./length-distribution.ts";
import type { RequestStream } from "./request-stream.ts";

export type ArrivalProcess =
  | { readonly kind: "poisson"; readonly requestsPerSecond: number }
  | { readonly kind: "bursty"; readonly requestsPerSecond: number; readonly cv: number }
  | { readonly kind: "regular"; readonly requestsPerSecond: number };

/** Beyond it nearly all requests come at the same instant. */
const largestCv = 100;

/**
 * The process of a rate and a burstiness: 0 is regular, 1 Poisson.
 * @throws InvalidInput for a rate that is not above 0 and finite, and a cv outside 0 … 100
 */
export function arrivalProcess(requestsPerSecond: number, cv = 1): ArrivalProcess {
  if (!(requestsPerSecond > 0 && Number.isFinite(requestsPerSecond))) {
    throw new InvalidInput("rate", requestsPerSecond, "wants a number of requests a second above 0");
  }
  if (!(cv >= 0 && cv <= largestCv)) {
    throw new InvalidInput(
      "burstiness",
      cv,
      `wants the deviation of the gaps over their mean, 0 (regular) to ${largestCv}; 1 is Poisson`,
    );
  }
  if (cv === 0) return { kind: "regular", requestsPerSecond };
  return cv === 1 ? { kind: "poisson", requestsPerSecond } : { kind: "bursty", requestsPerSecond, cv };
}

export interface DrawnRequests {
  readonly arrivals: ArrivalProcess;
  readonly input: LengthDistribution;
  readonly output: LengthDistribution;
  /** Requests in all. */
  readonly count?: number;
  /** None arrives later. Where both are given, the stream ends at the first. */
  readonly durationSeconds?: number;
  /** Three numbers of it start the generators of gaps, inputs and outputs, so that a change of one leaves the others as they are. */
  readonly random: SeededRandom;
}

/**
 * Requests in the order of their arrival, lengths rounded to whole tokens.
 * @throws InvalidInput where neither count nor durationSeconds says when it ends
 */
export function drawnRequests(of: DrawnRequests): RequestStream {
  const { arrivals, input, output, count = Infinity, durationSeconds = Infinity, random } = of;
  if (!(count >= 0 && durationSeconds >= 0 && Math.min(count, durationSeconds) < Infinity)) {
    throw new InvalidInput("count", count, "wants a number of requests, or a duration");
  }
  const fork = (): SeededRandom => seededRandom(random.below(2 ** 32));
  const gap = gaps(arrivals, fork());
  const ofInput = fork();
  const ofOutput = fork();
  let left = count;
  let seconds = 0;
  return {
    next(into) {
      if (left <= 0) return false;
      seconds += gap();
      if (seconds > durationSeconds) {
        left = 0;
        return false;
      }
      left -= 1;
      into.arrivalSeconds = seconds;
      into.inputTokens = drawnLength(input, ofInput);
      into.outputTokens = drawnLength(output, ofOutput);
      return true;
    },
  };
}

/** A length drawn from a distribution, in whole tokens; takes one number of the generator. */
export function drawnLength(lengths: LengthDistribution, random: SeededRandom): number {
  // In the middle of the 32 bits' steps, so that neither end of (0, 1) is reached.
  return Math.max(1, Math.round(lengths.quantile(random.uniform() + 2 ** -33)));
}

function gaps(arrivals: ArrivalProcess, random: SeededRandom): () => number {
  const mean = 1 / arrivals.requestsPerSecond;
  if (arrivals.kind === "regular") return () => mean;
  if (arrivals.kind === "poisson") return () => -mean * Math.log(1 - random.uniform());
  const shape = arrivals.cv ** -2;
  const scale = mean / shape;
  return () => scale * gamma(shape, random);
}

/** A gamma number of the shape and scale 1. */
function gamma(shape: number, random: SeededRandom): number {
  if (shape < 1) return gamma(shape + 1, random) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
