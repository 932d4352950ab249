/** Plans held against published deployments and measurements of engines: all that the accuracy report says of them. */
import type { CurveGroup, Knee } from "./concurrency-curves.ts";
import { curveGroups, knees } from "./concurrency-curves.ts";
import type { EnginePlans } from "./fixed-batch-plans.ts";
import type { LeastDevices } from "./least-devices.ts";
import type { PlannedRuns } from "./planned-runs.ts";
import { type QueuedRuns, queuedRuns } from "./queued-runs.ts";
import type { TracePlan } from "./trace-plans.ts";

export interface PlanChecks {
  readonly groups: readonly CurveGroup[];
  readonly impossible: number;
  readonly knees: readonly Knee[];
  readonly queued: QueuedRuns;
  readonly fixedBatch: readonly EnginePlans[];
  readonly leastDevices: readonly LeastDevices[];
  readonly traces: readonly TracePlan[];
}

export function planChecks(
  { runs, impossible }: PlannedRuns,
  published: Pick<PlanChecks, "fixedBatch" | "leastDevices">,
  traces: readonly TracePlan[],
): PlanChecks {
  return {
    groups: curveGroups(runs),
    impossible: impossible.length,
    knees: knees(runs),
    queued: queuedRuns(runs),
    ...published,
    traces,
  };
}
