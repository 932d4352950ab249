/** A simulation as options ask for it: the layout, the workload, and how requests are handed out. */
import { fixedFleet } from "../planning/fixed-fleet.ts";
import type { PlanQuestion } from "../planning/plan-question.ts";
import { simulateFleet } from "../planning/simulated-fleet.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
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
  const { question: asked, machine, replicas } = simulatedLayout(setup.question);
  const question = together ? begunTogether(asked, simulation.requests) : asked;
  const fleet = fixedFleet(question, machine, replicas);
  if (typeof fleet === "string") return fleet;
  const progress = await progressOf(simulation.requests);
  const onProgress = (completed: number): void => progress.update(completed);
  const run = simulateFleet(fleet.candidate, question, { ...simulation, balancer, queueLimit, onProgress });
  progress.stop();
  return { question, fleet, run, notes, seed: simulation.seed };
}

/** The question of users who all send their first request at once, and who send all of the run's requests between them. */
function begunTogether(question: PlanQuestion, requests: number): PlanQuestion {
  const { load } = question;
  if (load.kind === "rate")
    throw new InvalidInput("start", "together", "goes with --users: a rate's requests come by themselves");
  return { ...question, load: { ...load, requestsPerUser: Math.max(1, requests / load.amount) } };
}
