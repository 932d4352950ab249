/** The planner's own replica in the layout, the formats and the lengths of a run that others made. */
import type { Model } from "../../architecture/model.ts";
import type { Hardware } from "../../hardware/hardware.ts";
import { layoutsOf } from "../../planning/layout.ts";
import { type PlannedReplica, plannedReplica, type ServedFormats } from "../../planning/planned-replica.ts";
import type { ChosenEngine } from "../../serving/engine-choice.ts";
import type { LengthDistribution } from "../../serving/length-distribution.ts";

export interface RunSetup extends ServedFormats {
  readonly model: Model;
  readonly hardware: Hardware;
  readonly engine: ChosenEngine;
  readonly tensor: number;
  readonly pipeline: number;
  readonly input: LengthDistribution;
  readonly output: LengthDistribution;
}

/** The replica, or in the planner's words why there is none. */
export function replicaOfRun(setup: RunSetup): PlannedReplica | string {
  const { model, hardware, engine, tensor, pipeline, input, output, weights, kvCache } = setup;
  const { layouts, refused } = layoutsOf(model, hardware, {
    ...{ devices: tensor * pipeline, devicesPerNode: null, nodeLinkBytesPerSecond: null },
    ...{ tensor: [tensor], pipeline: [pipeline], expert: [1] },
  });
  const layout = layouts[0];
  if (layout === undefined) return refused[0]?.reason ?? "no layout";
  const question = {
    ...{ model, workload: { input, output, arrivalVariation: 1 }, cachedPromptShare: 0, speculation: null },
    ...{ maxSequences: null, stepTokens: null, memoryShare: null },
  };
  return plannedReplica(question, engine, layout, { weights, kvCache });
}
