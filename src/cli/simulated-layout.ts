/** Of what a plan may choose from, the one choice that a simulation runs: of options, of a plan file, or of both. */
import { deviceCount, shardModel } from "../architecture/shard.ts";
import type { PlanMachine, PlanQuestion } from "../planning/plan-question.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { NumberFormat } from "../quantity/number-format.ts";

export interface SimulatedLayout {
  /** With the one layout as its only one. */
  readonly question: PlanQuestion;
  readonly machine: PlanMachine;
  readonly replicas: number;
}

/** What a run keeps in memory: a replica's queues, and a request of each user. */
export const mostReplicas = 10_000;
export const mostUsers = 1_000_000;

/** @throws InvalidInput where there are several of something, where the model can't be split so, and past what a run holds */
export function simulatedLayout(question: PlanQuestion): SimulatedLayout {
  const { model, machines, limits, load } = question;
  const [machine] = machines;
  if (machine === undefined || machines.length > 1) {
    const ids = machines.map(({ hardware }) => hardware.id).join(",");
    throw new InvalidInput("hardware", ids, "wants one kind of device: a simulation runs one fleet");
  }
  const parallelism = {
    tensor: only("tensorParallel", limits.tensor),
    pipeline: only("pipelineParallel", limits.pipeline),
    expert: only("expertParallel", limits.expert),
  };
  const replicas = only("replicas", limits.replicaCounts);
  onlyFormat("weights", question.weights);
  onlyFormat("kvCache", question.kvCaches);
  if (replicas > mostReplicas) throw new InvalidInput("replicas", replicas, "wants at most 10,000 in a simulation");
  if (load.kind === "users" && load.amount > mostUsers) {
    throw new InvalidInput("users", load.amount, "wants at most 1,000,000 in a simulation");
  }
  const devices = deviceCount(parallelism);
  if (devices > 1 && machine.hardware.link === null) {
    throw new InvalidInput(
      "hardware",
      machine.hardware.id,
      `has no link to other devices, and ${devices} are asked for`,
    );
  }
  shardModel(model, parallelism);
  const { tensor, pipeline, expert } = parallelism;
  const fixed = { ...limits, devices, tensor: [tensor], pipeline: [pipeline], expert: [expert] };
  return { question: { ...question, limits: fixed }, machine, replicas };
}

/** 1 unless given. */
function only(field: string, values: readonly number[] | null): number {
  const [first = 1, ...others] = values ?? [];
  if (others.length === 0) return first;
  throw new InvalidInput(field, (values ?? []).join(","), "wants one number: a simulation runs one fleet");
}

function onlyFormat(field: string, formats: readonly (NumberFormat | null)[]): void {
  if (formats.length <= 1) return;
  const ids = formats.map((format) => format?.id ?? "its own").join(",");
  throw new InvalidInput(field, ids, "wants one format: a simulation runs one fleet");
}
