/** The engines' own arguments for a candidate's replicas, those that compute prompts apart included. */
import type { Model } from "../architecture/model.ts";
import type { Candidate } from "./candidate.ts";
import { engineArguments } from "./engine-arguments.ts";
import { type EngineArguments, type EngineSetup, memorySharesOf } from "./engine-setup.ts";
import type { PlannedReplica } from "./planned-replica.ts";

export interface ReplicaArguments extends EngineArguments {
  readonly separated: "prefill" | "decode" | null;
}

export function replicaArguments(candidate: Candidate, model: Model): ReplicaArguments[] {
  const { planned, prefill, replicas } = candidate;
  const of = (replica: PlannedReplica, count: number, separated: EngineSetup["separated"]): ReplicaArguments[] =>
    engineArguments(setupOf(replica, model, count, separated)).map((each) => ({ ...each, separated }));
  if (prefill === null) return of(planned, replicas, null);
  return [...of(prefill.planned, prefill.replicas, "prefill"), ...of(planned, replicas, "decode")];
}

function setupOf(
  planned: PlannedReplica,
  model: Model,
  replicas: number,
  separated: EngineSetup["separated"],
): EngineSetup {
  const { layout, formats, memory, replica, open, speculation, steps } = planned;
  const { tensor, pipeline, expert } = layout.parallelism;
  const { input, output } = open.workload;
  const longest = Math.ceil(input.largest + output.largest);
  return {
    ...memorySharesOf(memory),
    ...{ modelId: model.id, tensor, pipeline, expert, dataGroups: steps.groups },
    weights: formats.weights?.id ?? null,
    kvCache: formats.kvCache.id,
    maxSequences: Math.max(1, Math.min(replica.maxSequences, Math.floor(open.slots))),
    maxContext: model.maxContext === null ? longest : Math.min(longest, model.maxContext),
    stepTokens: replica.policy.stepTokens,
    prefixCaching: replica.cachedPromptShare > 0,
    speculative: speculation === null ? null : { tokens: speculation.tokens, draft: speculation.draft?.id ?? null },
    ...{ separated, replicas, devicesPerNode: layout.devicesPerNode },
  };
}
