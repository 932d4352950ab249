/**
 * How long requests wait in queues with known answers.
 *   M/G/1     P(W > 0) = ρ, E[W] = ρ τ, τ = E[G] (ca² + cs²) / 2 / (1 − ρ)      exact for Poisson arrivals (ca² = 1); else Kingman's
 *   M/M/c     P(W > 0) = C(c, a), E[W] = C θ, θ = T / (c − a)                   a = rate × T, the mean number in service
 * where W is not 0 it is taken to be exponential, with mean τ or θ: exact for M/M/c, for the others far out.
 * Source: Pollaczek 1930, Khinchine 1932; Kingman 1961; Erlang 1917.
 */

export interface Waiting {
  /** That a request waits at all. */
  readonly probability: number;
  /** Mean of those waits. */
  readonly seconds: number;
}

export const noWaiting: Waiting = { probability: 0, seconds: 0 };

/**
 * One server that takes requests in turn.
 * @param arrivalVariation ca²: variance of the gaps over the square of their mean, 1 for Poisson arrivals
 * @returns infinite seconds at a utilisation of 1 or more
 * @example M/D/1, 1 s of service, 0.5 requests/s: waits with probability 0.5, mean of all 0.5 s
 */
export function singleServerWaiting(
  rate: number,
  meanSeconds: number,
  meanSquare: number,
  arrivalVariation: number,
): Waiting {
  const load = rate * meanSeconds;
  if (load >= 1) return { probability: 1, seconds: Number.POSITIVE_INFINITY };
  if (load <= 0) return { probability: 0, seconds: 0 };
  const serviceVariation = meanSquare / (meanSeconds * meanSeconds) - 1;
  const seconds = (meanSeconds * (arrivalVariation + Math.max(0, serviceVariation))) / 2 / (1 - load);
  return { probability: load, seconds };
}

/** Beyond so many standard deviations nobody waits: C < 1e-9. */
const farBelow = 7;

/**
 * Slots that each hold one request for `seconds`.
 * @param variation of arrivals and services together, (ca² + cs²) / 2: 1 for M/M/c
 * @example 2 slots, 1 s, 1 request/s: Erlang's C is 1/3, those that wait do so for 1 s
 */
export function slotsWaiting(slots: number, rate: number, seconds: number, variation: number): Waiting {
  const load = rate * seconds;
  if (load >= slots) return { probability: 1, seconds: Number.POSITIVE_INFINITY };
  if (load < slots - farBelow * Math.sqrt(slots) || !Number.isFinite(slots)) return { probability: 0, seconds: 0 };
  return { probability: erlangC(slots, load), seconds: (seconds * variation) / (slots - load) };
}

/** Erlang's C by the recursion of his B; a number of slots that is not whole lies between the two that are. */
function erlangC(slots: number, load: number): number {
  const whole = Math.floor(slots);
  let blocked = 1;
  for (let k = 1; k <= whole; k++) blocked = (load * blocked) / (k + load * blocked);
  const waitsAt = (servers: number, b: number): number => {
    const idle = servers - load * (1 - b);
    return load >= servers ? 1 : (servers * b) / idle;
  };
  const low = waitsAt(whole, blocked);
  const share = slots - whole;
  if (share === 0) return low;
  const next = (load * blocked) / (whole + 1 + load * blocked);
  return low + share * (waitsAt(whole + 1, next) - low);
}
