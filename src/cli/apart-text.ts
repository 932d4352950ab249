/** How far a simulation is from the closed form, for people. */
import type { Disagreement } from "../planning/simulated-fleet.ts";

/** @example 0.2 s simulated, 0.25 s in closed form: "20 % below"; 0.3 s: "20 % above" */
export function apartText({ closedSeconds, simulatedSeconds }: Disagreement): string {
  const more = 100 * (simulatedSeconds / closedSeconds - 1);
  return `${Math.abs(more).toFixed(0)} % ${more < 0 ? "below" : "above"}`;
}
