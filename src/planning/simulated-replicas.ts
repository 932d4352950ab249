/**
 * With how many replicas the simulation keeps all objectives, where the closed form and the simulation of a fleet disagree: more where
 * the fleet misses one, fewer where it could spare some. More replicas never serve worse but for chance, which the same seed keeps out
 * of the comparison.
 */
import type { Candidate } from "./candidate.ts";
import type { PlanQuestion } from "./plan-question.ts";
import { type FleetSimulation, type SimulatedFleet, simulateFleet } from "./simulated-fleet.ts";

/** Times as many replicas as planned, at most. */
const mostFold = 4;

/**
 * @param own the simulation of the fleet as it is planned
 * @returns null where they agree, where no time at all is to be kept that a queue would break, where prompts are computed apart, and
 *   where even four times as many miss
 */
export function simulatedReplicas(
  candidate: Candidate,
  question: PlanQuestion,
  simulation: FleetSimulation,
  own: SimulatedFleet,
): number | null {
  const { replicas, prefill } = candidate;
  const { ttftSeconds, endToEndSeconds } = question.objectives;
  const isApart = own.misses.length > 0 || own.disagreements.length > 0;
  if (!isApart || prefill !== null || question.load.kind === "users") return null;
  if (ttftSeconds === null && endToEndSeconds === null) return null;
  const keeps = (count: number): boolean => {
    const { misses, result } = simulateFleet({ ...candidate, replicas: count }, question, simulation);
    return misses.length === 0 && result.requests.rejected === own.result.requests.rejected;
  };
  let [low, high] = [0, replicas];
  if (own.misses.length > 0) {
    [low, high] = [replicas, mostFold * replicas];
    if (!keeps(high)) return null;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (keeps(middle)) high = middle;
    else low = middle;
  }
  return high === replicas ? null : high;
}
