/** Why a layout is no candidate, in words and by how far it misses: so that the nearest miss can be told. */
import type { Parallelism } from "../architecture/shard.ts";
import { formatBytes, formatSeconds } from "../quantity/format-quantity.ts";
import type { Layout, RefusedLayout } from "./layout.ts";
import type { Objectives } from "./objectives.ts";
import type { PlanMachine, PlanQuestion } from "./plan-question.ts";
import type { PlannedReplica } from "./planned-replica.ts";
import type { Limit, Missed } from "./replica-load.ts";

export interface Refusal {
  readonly hardware: string;
  readonly parallelism: Parallelism;
  readonly weights: string | null;
  readonly kvCache: string | null;
  /** rules: the model can't be split so; memory; objective; limit: of the whole fleet. */
  readonly kind: "rules" | "memory" | "objective" | "limit";
  readonly reason: string;
  /** What it needs over what it may have; infinite where that says nothing. */
  readonly shortBy: number;
  readonly limit: Limit | null;
  readonly planned: PlannedReplica | null;
}

export function refusedLayout({ hardware }: PlanMachine, { parallelism, reason }: RefusedLayout): Refusal {
  return { ...nothingKnown, hardware: hardware.id, parallelism, reason };
}

const nothingKnown = {
  ...{ weights: null, kvCache: null, kind: "rules" as const, planned: null, limit: null },
  shortBy: Number.POSITIVE_INFINITY,
};

export function refusedMachine({ hardware }: PlanMachine, { parallelism }: Layout, reason: string): Refusal {
  return { ...nothingKnown, hardware: hardware.id, parallelism, reason };
}

/** Where not one request fits; null where one does. */
export function tooLarge(machine: PlanMachine, planned: PlannedReplica, { workload }: PlanQuestion): Refusal | null {
  const { memory, replica } = planned;
  const { capacityBytes, roomBytes, parts } = memory;
  const others = capacityBytes - roomBytes;
  const formats = formatsOf(planned);
  const base = { ...nothingKnown, ...formats, hardware: machine.hardware.id, kind: "memory" as const, planned };
  const { parallelism } = planned.layout;
  if (roomBytes <= 0) {
    const rest = others - parts.weightBytes;
    const reason = `weights ${formatBytes(parts.weightBytes)} and ${formatBytes(rest)} that the engine keeps: a device has ${formatBytes(capacityBytes)}`;
    return { ...base, parallelism, reason, shortBy: others / capacityBytes };
  }
  const rows = workload.input.largest + workload.output.largest;
  const longest = replica.requestBytes(Math.min(rows, planned.open.workload.input.mean + workload.output.mean));
  if (longest <= roomBytes) return null;
  const reason = `one request's cache takes ${formatBytes(longest)} of a device, ${formatBytes(roomBytes)} are free beside the weights`;
  return { ...base, parallelism, reason, shortBy: (others + longest) / capacityBytes };
}

/** Where even one request alone misses an objective. */
export function tooSlow(machine: PlanMachine, planned: PlannedReplica, missed: Missed, { share }: Objectives): Refusal {
  const { limit, reachedSeconds, wantedSeconds } = missed;
  const names = { ttft: "TTFT", tpot: "TPOT", endToEnd: "end to end", utilization: "utilisation" };
  const reason =
    limit === "utilization"
      ? "no load keeps the utilisation"
      : `${names[limit]} ${formatSeconds(reachedSeconds)} for a request alone (p${Number((100 * share).toPrecision(4))}), objective ${formatSeconds(wantedSeconds)}`;
  return {
    ...{ ...nothingKnown, ...formatsOf(planned), kind: "objective", reason, limit, planned },
    ...{ hardware: machine.hardware.id, parallelism: planned.layout.parallelism },
    shortBy: reachedSeconds / wantedSeconds,
  };
}

function formatsOf({ steps, formats }: PlannedReplica): { weights: string; kvCache: string } {
  const { plan } = steps.decode.predictor;
  return { weights: formats.weights?.id ?? plan.formats.matrices.id, kvCache: formats.kvCache.id };
}
