/** What `plan --json` prints: schemas/plan-output.ts says it field by field. */
import { otherTpotDefinitions, tpotDefinition } from "../planning/objectives.ts";
import type { SimulatedFleet } from "../planning/simulated-fleet.ts";
import type { PlanView } from "./plan-text.ts";
import { simulationJson } from "./simulation-json.ts";

export function planJson(view: Omit<PlanView, "verbose">): Readonly<Record<string, unknown>> {
  const { question, report, simulated, simulatedReplicas, whatIf, engineArguments, notes } = view;
  const { model, workload, load, objectives, cachedPromptShare } = question;
  const { points: _points, notes: said, ...rest } = report;
  const of = (each: SimulatedFleet | undefined): Readonly<Record<string, unknown>> | null =>
    each === undefined
      ? null
      : { ...simulationJson(each.result), misses: each.misses, disagreements: each.disagreements };
  const candidates = report.candidates.map((row, i) => ({ ...row, simulated: of(simulated[i]) }));
  return {
    model: model.id,
    workload: {
      ratePerSecond: load.kind === "rate" ? load.amount : null,
      users: load.kind === "users" ? load.amount : null,
      input: { text: workload.input.text, mean: workload.input.mean },
      output: { text: workload.output.text, mean: workload.output.mean },
      cachedPromptShare,
    },
    objectives: {
      ...{ ttftSeconds: objectives.ttftSeconds, tpotSeconds: objectives.tpotSeconds },
      ...{ endToEndSeconds: objectives.endToEndSeconds, percentile: Number((100 * objectives.share).toPrecision(6)) },
    },
    ...rest,
    best: candidates[0] ?? null,
    candidates,
    simulatedReplicas,
    whatIf,
    engineArguments,
    definitions: { tpot: tpotDefinition, elsewhere: otherTpotDefinitions },
    notes: [...said, ...notes],
  };
}
