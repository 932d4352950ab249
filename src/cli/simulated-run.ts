/** A simulation as options ask for it: the layout, the workload, and how requests are handed out. */
import { fixedFleet } from "../planning/fixed-fleet.ts";
import { simulateFleet } from "../planning/simulated-fleet.ts";
import { oneOf, positiveInteger } from "./number-option.ts";
import { planSetup } from "./plan-setup.ts";
import type { SimulateView } from "./simulate-text.ts";
import { simulatedLayout } from "./simulated-layout.ts";
import type { RawOptions } from "./step-settings.ts";
import type { SweepProgress } from "./sweep-progress.ts";

/**
 * The run with what was asked, or in words why the layout does not fit.
 * @param progressOf of so many requests; stopped at the end
 */
export async function simulatedRun(
  options: RawOptions,
  progressOf: (requests: number) => Promise<SweepProgress>,
): Promise<SimulateView | string> {
  const balancer = oneOf("balancer", options["balancer"] ?? "least-loaded", ["least-loaded", "round-robin"]);
  const together = oneOf("start", options["start"] ?? "spread", ["spread", "together"]) === "together";
  const limit = options["queueLimit"];
  const queueLimit = limit === undefined ? undefined : positiveInteger("queueLimit", limit);
  const { simulation, notes, ...setup } = await planSetup({ ...options, separatePrefill: "never" });
  const { question, machine, replicas } = simulatedLayout(setup.question);
  const fleet = fixedFleet(question, machine, replicas);
  if (typeof fleet === "string") return fleet;
  const progress = await progressOf(simulation.requests);
  const onProgress = (completed: number): void => progress.update(completed);
  const run = simulateFleet(fleet.candidate, question, { ...simulation, balancer, queueLimit, together, onProgress });
  progress.stop();
  return { question, fleet, run, notes, seed: simulation.seed };
}
