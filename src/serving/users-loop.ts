/**
 * A replica at which users keep one request each in flight, spread over time: each sends the next one when the last is answered.
 *   N = λ (TTFT + (o − 1) TPOT)      Little's law; λ, TTFT and TPOT are those of the batch that solves it (open-loop.ts)
 * More users than slots wait for one: (N − slots) / λ. Clients of benchmarks that all start at once are closed-loop.ts's.
 */
import { type OpenReplica, type OpenState, openStateAt, wholeBetween } from "./open-loop.ts";

/** What a replica does under its load, whoever sends it. */
export type ServedState = Pick<
  OpenState,
  | "ratePerSecond"
  | "decoding"
  | "running"
  | "firstTokenSeconds"
  | "outputTokenSeconds"
  | "firstTokenAt"
  | "outputTokenAt"
>;

export interface UsersState extends ServedState {
  readonly users: number;
  /** Of the first token's time: waiting for a slot. */
  readonly queueSeconds: number;
}

const searchRounds = 50;

/** @param users above 0, need not be whole */
export function usersStateAt(open: OpenReplica, users: number): UsersState {
  const further = Math.max(0, open.workload.output.mean - 1);
  const inside = Math.min(users, open.slots);
  const inFlight = ({ ratePerSecond, firstTokenSeconds, outputTokenSeconds }: OpenState): number =>
    ratePerSecond * (firstTokenSeconds + further * outputTokenSeconds);
  let [low, high] = [0, inside];
  let state = openStateAt(open, high, true);
  for (let round = 0; round < searchRounds && high - low > 1e-5 * high; round++) {
    const middle = wholeBetween(low, high);
    const at = openStateAt(open, middle, true);
    if (inFlight(at) > inside) [high, state] = [middle, at];
    else low = middle;
  }
  // By Little's law; where prompts fill every step the time to the first token is what is left.
  const firstTokenSeconds = Math.max(0, inside / state.ratePerSecond - further * state.outputTokenSeconds);
  const beyond = (at: number): number => (Number.isFinite(at) ? at - state.firstTokenSeconds : 0);
  const queueSeconds = Math.max(0, users - inside) / state.ratePerSecond;
  return {
    ...{ users, ratePerSecond: state.ratePerSecond, decoding: state.decoding, running: inside },
    firstTokenSeconds: firstTokenSeconds + queueSeconds,
    ...{ outputTokenSeconds: state.outputTokenSeconds, outputTokenAt: state.outputTokenAt, queueSeconds },
    firstTokenAt: (share) => firstTokenSeconds + beyond(state.firstTokenAt(share)) + queueSeconds,
  };
}
