/** What `simulate --json` prints: schemas/simulate-output.ts says it field by field. */
import { fleetText } from "../planning/candidate.ts";
import { tpotDefinition } from "../planning/objectives.ts";
import type { SimulateView } from "./simulate-text.ts";
import { simulationJson } from "./simulation-json.ts";

export function simulateJson({ question, fleet, run, notes, seed }: SimulateView): Readonly<Record<string, unknown>> {
  const { model, load, workload, objectives } = question;
  const { candidate, isSteady } = fleet;
  const { planned, machine, replicas, devices } = candidate;
  const { tensor: tp, pipeline: pp, expert: ep } = planned.layout.parallelism;
  return {
    ...{ model: model.id, hardware: machine.hardware.id, engine: planned.engine.id, fleet: fleetText(candidate) },
    ...{ replicas, tp, pp, ep, devices, seed },
    workload: {
      ratePerSecond: load.kind === "rate" ? load.amount : null,
      users: load.kind === "users" ? load.amount : null,
      input: { text: workload.input.text, mean: workload.input.mean },
      output: { text: workload.output.text, mean: workload.output.mean },
    },
    percentile: Number((100 * objectives.share).toPrecision(6)),
    ...simulationJson(run.result),
    atPercentile: {
      ...{ ttftSeconds: run.ttftSeconds, tpotSeconds: run.tpotSeconds, endToEndSeconds: run.endToEndSeconds },
    },
    closedForm: isSteady
      ? {
          ...{ ttftSeconds: candidate.load.ttftSeconds, tpotSeconds: candidate.load.tpotSeconds },
          endToEndSeconds: candidate.load.endToEndSeconds,
          ...{ meanTtftSeconds: candidate.load.meanTtftSeconds, meanTpotSeconds: candidate.load.meanTpotSeconds },
          utilization: candidate.load.utilization,
        }
      : null,
    disagreements: isSteady ? run.disagreements : [],
    misses: run.misses,
    maxSequences: Math.floor(planned.open.slots),
    series: run.result.series,
    definitions: { tpot: tpotDefinition },
    notes: [...planned.engine.notes, ...notes],
  };
}
