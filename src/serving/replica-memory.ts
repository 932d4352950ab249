/**
 * A device's memory by part, and what is left of it for the caches of a replica's requests:
 *   capacity = reserve + fragmentation + runtime + collective buffers + activations + weights + room for caches
 *   activations   of a step that computes as many prompt tokens as it may: the largest operation's inputs and outputs, the residual
 *                 stream beside them, and the logits of all sequences
 *   cache         by whole pages a request; the most that requests can hold is what the fullest device has room for
 * With a given memory share, weights and caches may fill just that, as --memory-share says.
 */
import type { StepPredictor } from "../analysis/predict-step.ts";
import { dataParallelGroups, deviceCount } from "../architecture/shard.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { countStep } from "../step/count-step.ts";
import { type FootprintPlan, footprintOf } from "../step/footprint.ts";
import type { StepPlan } from "../step/step-plan.ts";
import { type EngineMemory, unifiedMemoryReserve } from "./engine-memory.ts";

export interface MemoryParts {
  readonly weightBytes: number;
  readonly activationBytes: number;
  readonly runtimeBytes: number;
  readonly collectiveBytes: number;
  readonly fragmentationBytes: number;
  readonly reserveBytes: number;
}

export interface ReplicaMemory {
  /** Of the fullest device, all but caches. */
  readonly parts: MemoryParts;
  readonly capacityBytes: number;
  /** Room for caches on that device; below 0 where the rest alone does not fit. */
  readonly roomBytes: number;
  /** The same over the groups of devices that hold different requests. */
  readonly cacheCapacityBytes: number;
  /** What a request's cache takes of that room at so many rows, in whole pages. */
  requestBytes(rows: number): number;
  /** Requests of so many rows that fit together; 0 where none does. */
  fittingRequests(rows: number): number;
}

export interface MemoryQuestion {
  /** Predictors of a decode step and of a prefill with the same options. */
  readonly decode: StepPredictor;
  readonly prefill: StepPredictor;
  readonly hardware: Hardware;
  readonly engine: EngineMemory;
  /** Prompt tokens that a step computes at most, over the replica. */
  readonly stepTokens: number;
  readonly maxSequences: number;
  /** Bytes of a second model's weights on each device: that of drafts. */
  readonly draftBytes?: number;
  /** Share of the capacity that weights and caches may fill, in the place of what the engine keeps. */
  readonly memoryShare?: number | null;
  /** Rows at which the device with the least room a request is looked for. */
  readonly typicalRows: number;
}

export function replicaMemory(question: MemoryQuestion): ReplicaMemory {
  const { decode, hardware, engine, memoryShare = null, draftBytes = 0, typicalRows } = question;
  const { plan } = decode;
  const capacityBytes = hardware.memoryCapacityBytes;
  const groups = dataParallelGroups(plan.options.parallelism);
  const own = memoryShare === null ? engineParts(question) : shareParts(capacityBytes, memoryShare);
  const others = Object.values(own).reduce((sum, bytes) => sum + bytes, 0);
  const free = capacityBytes - others - draftBytes;
  const stage = tightestStage(decode.footprintPlan, typicalRows, free);
  const weightBytes = footprintOf(stage, { batch: 1, context: 1 }).weightBytes + draftBytes;
  const roomBytes = capacityBytes - others - weightBytes;
  const known: number[] = [];
  const requestBytes = (rows: number): number => {
    const pages = Math.max(1, Math.ceil(rows / engine.pageRows));
    const bytes = known[pages] ?? footprintOf(stage, { batch: 1, context: pages * engine.pageRows }).cacheBytes;
    known[pages] = bytes;
    return bytes;
  };
  return {
    parts: { weightBytes, ...own },
    capacityBytes,
    roomBytes,
    cacheCapacityBytes: Math.max(0, roomBytes) * groups,
    requestBytes,
    fittingRequests: (rows) => {
      const bytes = requestBytes(rows);
      if (roomBytes < 0) return 0;
      return bytes === 0 ? Number.POSITIVE_INFINITY : groups * Math.floor(roomBytes / bytes);
    },
  };
}

function engineParts({
  decode,
  prefill,
  hardware,
  engine,
  stepTokens,
  maxSequences,
}: MemoryQuestion): Omit<MemoryParts, "weightBytes"> {
  const capacity = hardware.memoryCapacityBytes;
  const { parallelism } = decode.plan.options;
  const reserve = hardware.kind === "soc" ? Math.max(unifiedMemoryReserve, engine.reserveShare) : engine.reserveShare;
  return {
    activationBytes: activationBytes(decode.plan, prefill.plan, stepTokens, maxSequences),
    runtimeBytes: engine.runtimeBytes,
    collectiveBytes: deviceCount(parallelism) > 1 ? engine.collectiveBytes : 0,
    fragmentationBytes: engine.fragmentationShare * capacity,
    reserveBytes: reserve * capacity,
  };
}

function shareParts(capacity: number, share: number): Omit<MemoryParts, "weightBytes"> {
  const none = { activationBytes: 0, runtimeBytes: 0, collectiveBytes: 0, fragmentationBytes: 0 };
  return { ...none, reserveBytes: (1 - share) * capacity };
}

/** Largest operation of a prefill's step, its residual stream, and the logits of a decode step. */
function activationBytes(decode: StepPlan, prefill: StepPlan, stepTokens: number, maxSequences: number): number {
  const groups = dataParallelGroups(decode.options.parallelism);
  const tokens = Math.max(1, Math.ceil(stepTokens / groups));
  const largest = (plan: StepPlan, batch: number, context: number): number => {
    const tape = countStep(plan, { batch, context });
    const of = plan.operations.map(({ instances }, i) => tape.counts[i]!.activationBytes / instances);
    return Math.max(...of);
  };
  const stream = 2 * tokens * prefill.model.dModel * (Math.max(16, prefill.options.activations.bits) / 8);
  return Math.max(largest(prefill, groups, tokens) + stream, largest(decode, maxSequences, 1));
}

/** The pipeline stage, as a plan of its own, whose device holds the fewest requests of so many rows. */
function tightestStage(plan: FootprintPlan, rows: number, freeBytes: number): FootprintPlan {
  let tightest = { plan, requests: Number.POSITIVE_INFINITY };
  for (const stage of plan.stages) {
    const alone = { ...plan, stages: [stage] };
    const { weightBytes, cacheBytes } = footprintOf(alone, { batch: 1, context: Math.max(1, Math.ceil(rows)) });
    const room = freeBytes - weightBytes;
    // A stage whose weights don't fit is worse than any that has room, the more the less of it there is.
    const requests = room < 0 ? room : cacheBytes === 0 ? Number.MAX_VALUE : room / cacheBytes;
    if (requests < tightest.requests) tightest = { plan: alone, requests };
  }
  return tightest.plan;
}
