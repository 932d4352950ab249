/**
 * Plans of steps, kept while their model is in use: what is planned depends on neither machine nor workload, so that a search over
 * machines plans each layout once.
 */
import type { Model } from "../architecture/model.ts";
import { type FootprintPlan, planFootprint } from "./footprint.ts";
import type { StepOptions } from "./step-options.ts";
import { planStep, type StepPlan } from "./step-plan.ts";

const plans = new WeakMap<Model, Map<string, StepPlan>>();
const footprints = new WeakMap<StepPlan, FootprintPlan>();

/** The plan of planStep, the same object for the same model and options. @throws InvalidInput as planStep does */
export function keptPlan(model: Model, options: StepOptions): StepPlan {
  const known = plans.get(model) ?? new Map<string, StepPlan>();
  plans.set(model, known);
  const key = JSON.stringify(options);
  const plan = known.get(key) ?? planStep(model, options);
  known.set(key, plan);
  return plan;
}

/** The footprint of a plan, made once. */
export function keptFootprint(plan: StepPlan): FootprintPlan {
  const footprint = footprints.get(plan) ?? planFootprint(plan);
  footprints.set(plan, footprint);
  return footprint;
}
