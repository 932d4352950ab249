/**
 * The operations of each pipeline stage: the layers as stageLayers cuts them, what comes before the layers on the first stage (with
 * an encoder), what comes after them on the last.
 */
import { stageLayers } from "../architecture/shard.ts";
import type { PlannedOperation } from "./planned-operation.ts";
import { planStep, type StepPlan } from "./step-plan.ts";

const beforeLayers: ReadonlySet<string> = new Set([
  "embedding lookup",
  "position lookup",
  "embedding projection",
  "embedding norm",
  "encoder norm",
]);
const afterLayers: ReadonlySet<string> = new Set(["final norm", "logits projection", "logits", "logits all-gather"]);

/** One list a stage; the plan's own where there is one stage. */
export function pipelineStages(plan: StepPlan): readonly (readonly PlannedOperation[])[] {
  const { model, options } = plan;
  const { pipeline } = options.parallelism;
  if (pipeline === 1) return [plan.operations];
  const { decoder, encoder } = model;
  const layers = decoder.order.length;
  return stageLayers(layers, pipeline).map(([from, to], stage) => {
    const [first, last] = [stage === 0, stage === pipeline - 1];
    const part = {
      ...model,
      decoder: { ...decoder, order: decoder.order.slice(from, to), part: { first: from, of: layers } },
      encoder: first || encoder === null ? encoder : { ...encoder, order: [] },
    };
    const stagePlan = planStep(part, { ...options, parallelism: { ...options.parallelism, pipeline: 1 } });
    return stagePlan.operations.filter(
      ({ name }) => (first || !beforeLayers.has(name)) && (last || !afterLayers.has(name)),
    );
  });
}
