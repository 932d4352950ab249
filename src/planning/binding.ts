/**
 * What binds a fleet: what keeps it from being smaller.
 *   objective   one replica could serve more, were a time allowed to be longer; with it goes what that time is spent on
 *   capacity    as many requests as fit are in it, or no smaller layout holds the model
 *   bandwidth, compute, link, overhead   it is busy as much as it may be, with this above all
 * With prompts on replicas of their own it is what binds the half with more devices.
 * A fleet of one replica with load to spare is bound by what forbids the next smaller layout.
 */
import type { Candidate, PrefillFleet } from "./candidate.ts";
import type { PlannedReplica } from "./planned-replica.ts";
import type { Refusal } from "./refusal.ts";
import type { Limit } from "./replica-load.ts";

export type TimePart = "bandwidth" | "compute" | "link" | "overhead";
export type BindingKind = "objective" | "capacity" | TimePart | "none";

export interface Binding {
  readonly kind: BindingKind;
  /** The objective that binds; null where none does. */
  readonly objective: Limit | null;
  /** What a replica's time is spent on above all, and its share. */
  readonly part: TimePart;
  readonly partShare: number;
  readonly text: string;
}

/** Of its capacity, below which one replica has load to spare. */
const toSpare = 0.9;

export function bindingOf(candidate: Candidate, refusals: readonly Refusal[], amount: number): Binding {
  const { planned, limitedBy, replicas, replicaAmount, prefill } = candidate;
  if (prefill !== null && prefill.replicas > 1 && 2 * prefill.devices > candidate.devices) return promptsBind(prefill);
  const { part, share } = largestPart(candidate);
  const base = { objective: null, part, partShare: share };
  const spent = `${Math.round(100 * share)} % of a replica's time goes to ${partWords[part]}`;
  if (replicas === 1 && prefill === null && amount < toSpare * replicaAmount) {
    return { ...base, ...smallestLayout(candidate, refusals, spent) };
  }
  if (limitedBy !== "utilization") {
    const text = `the objective of ${limitWords[limitedBy]}; ${spent}`;
    return { ...base, kind: "objective", objective: limitedBy, text };
  }
  const { open, replica } = planned;
  const isFull = open.slots < replica.maxSequences && candidate.load.running > fullShare * open.slots;
  if (isFull) {
    const text = `memory: ${Math.floor(open.slots)} requests fit into a replica; ${spent}`;
    return { ...base, kind: "capacity", text };
  }
  return { ...base, kind: part, text: spent };
}

/** The larger half of the fleet is that of the prompts. */
function promptsBind({ planned, limitedBy }: PrefillFleet): Binding {
  const { part, share } = largestOf(promptSeconds(planned));
  const base = { part, partShare: share };
  const spent = `${Math.round(100 * share)} % of the time of replicas for prompts goes to ${partWords[part]}`;
  if (limitedBy === "utilization") return { ...base, kind: part, objective: null, text: spent };
  return { ...base, kind: "objective", objective: limitedBy, text: `the objective of TTFT; ${spent}` };
}

/** Of the requests that fit, from which on memory is what ends it. */
const fullShare = 0.6;

const partWords: Readonly<Record<TimePart, string>> = {
  bandwidth: "reading memory",
  compute: "arithmetic",
  link: "the link between devices",
  overhead: "what the engine adds",
};

export const limitWords: Readonly<Record<Limit, string>> = {
  ttft: "TTFT",
  tpot: "TPOT",
  endToEnd: "end-to-end time",
  utilization: "utilisation",
};

/** What forbids the layouts that are smaller than the one replica that is enough. */
function smallestLayout(
  { machine, planned }: Candidate,
  refusals: readonly Refusal[],
  spent: string,
): Pick<Binding, "kind" | "objective" | "text"> {
  const smaller = refusals.filter(
    (each) =>
      each.hardware === machine.hardware.id &&
      each.kind !== "limit" &&
      each.planned !== null &&
      each.planned.layout.devices < planned.layout.devices,
  );
  const nearest = [...smaller].sort((a, b) => a.shortBy - b.shortBy)[0];
  if (nearest === undefined)
    return { kind: "none", objective: null, text: `one replica is enough, with load to spare; ${spent}` };
  const kind = nearest.kind === "memory" ? "capacity" : "objective";
  return { kind, objective: nearest.limit, text: `a smaller layout does not do: ${nearest.reason}; ${spent}` };
}

/** Over a request's whole time: its share of the steps that decode, and its prompt. */
function largestPart({ planned, load }: Candidate): { readonly part: TimePart; readonly share: number } {
  const { steps, open } = planned;
  const { workload, context } = open;
  const decode = steps.decodeParts(Math.max(1, load.decoding), context);
  const stepsOfRequest = Math.max(0, workload.output.mean - 1) / steps.tokensPerStep / Math.max(1, load.decoding);
  const own = planned.replica.steps === steps ? promptSeconds(planned) : null;
  return largestOf({
    bandwidth: stepsOfRequest * decode.memory + (own?.bandwidth ?? 0),
    compute: stepsOfRequest * decode.compute + (own?.compute ?? 0),
    link: stepsOfRequest * decode.link + (own?.link ?? 0),
    overhead: stepsOfRequest * decode.host + (own?.overhead ?? 0),
  });
}

/** Of a prompt of mean length. */
function promptSeconds({ steps, replica, open }: PlannedReplica): Record<TimePart, number> {
  const { memory, compute, link, host } = steps.promptParts(
    Math.max(1, (1 - replica.cachedPromptShare) * open.workload.input.mean),
  );
  return { bandwidth: memory, compute, link, overhead: host };
}

function largestOf(seconds: Readonly<Record<TimePart, number>>): { readonly part: TimePart; readonly share: number } {
  const all = Object.values(seconds).reduce((sum, each) => sum + each, 0);
  let part: TimePart = "bandwidth";
  for (const each of Object.keys(seconds) as TimePart[]) if (seconds[each] > seconds[part]) part = each;
  return { part, share: seconds[part] / all };
}
