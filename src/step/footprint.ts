/**
 * What a device has to hold: all its weights (embedding table too) and the cache of the context's rows.
 * With pipeline stages it is the fullest device's. The weights are those that the steps read, every expert among them, and
 * the embedding table where it is not the LM head as well, so that nothing is counted a second way.
 */
import { cacheElementsPerToken, cacheRowsKept, stateElements } from "../architecture/cache-row.ts";
import type { Layer, Model } from "../architecture/model.ts";
import { dataParallelGroups, singleDevice, stageLayers } from "../architecture/shard.ts";
import { embeddingWidth } from "../architecture/weights.ts";
import { countStep } from "./count-step.ts";
import { linearStateBytes } from "./linear-attention-operations.ts";
import { type StepOptions, type StepWorkload, weightFormats } from "./step-options.ts";
import { planStep, type StepPlan } from "./step-plan.ts";
import { positionBytes, tableBytes } from "./weight-bytes.ts";

export interface Footprint {
  readonly bytes: number;
  readonly weightBytes: number;
  readonly cacheBytes: number;
}

/** One pipeline stage: its weights and the layers whose caches it holds. */
interface Stage {
  readonly weightBytes: number;
  readonly layers: readonly (readonly [layer: Layer, count: number])[];
}

export interface FootprintPlan {
  readonly options: StepOptions;
  readonly encoder: boolean;
  readonly stages: readonly Stage[];
}

/** Prepares the footprint of a plan's model and options. */
export function planFootprint(plan: StepPlan): FootprintPlan {
  const model = plan.deviceModel;
  const order = model.decoder.order;
  const stages = stageLayers(order.length, plan.options.parallelism.pipeline);
  return {
    options: plan.options,
    encoder: model.encoder !== null,
    stages: stages.map(([from, to], stage) => {
      const part = {
        ...model,
        decoder: { ...model.decoder, order: order.slice(from, to), part: { first: from, of: order.length } },
      };
      return {
        weightBytes: stageWeightBytes(part, plan.options, stage === 0, stage === stages.length - 1),
        layers: part.decoder.kinds.flatMap((layer, kind) => {
          const count = part.decoder.order.filter((index) => index === kind).length;
          return count > 0 ? [[layer, count] as const] : [];
        }),
      };
    }),
  };
}

/**
 * Bytes on the fullest device at a workload.
 * @example Llama-2-7B, bf16, batch 1, context 512: weights 13_476_831_232, cache 268_435_456
 */
export function footprintOf(plan: FootprintPlan, workload: StepWorkload): Footprint {
  let fullest: Footprint = { bytes: -1, weightBytes: 0, cacheBytes: 0 };
  for (const stage of plan.stages) {
    const cacheBytes = stageCacheBytes(plan, stage, workload);
    const bytes = stage.weightBytes + cacheBytes;
    if (bytes > fullest.bytes) fullest = { bytes, weightBytes: stage.weightBytes, cacheBytes };
  }
  return fullest;
}

/**
 * The largest batch whose footprint is within `limitBytes` on every device: the room beside the weights over a request's
 * cache; 0 where the weights alone don't fit, null where the cache takes no room.
 */
export function largestBatch(
  plan: FootprintPlan,
  workload: Omit<StepWorkload, "batch">,
  limitBytes: number,
): number | null {
  let largest: number | null = null;
  for (const stage of plan.stages) {
    const room = limitBytes - stage.weightBytes;
    const perRequest = stageCacheBytes(plan, stage, { ...workload, batch: 1 });
    if (room < 0) return 0;
    if (perRequest === 0) continue;
    const requests = Math.floor(room / perRequest);
    largest = largest === null ? requests : Math.min(largest, requests);
  }
  return largest === null ? null : largest * dataParallelGroups(plan.options.parallelism);
}

function stageCacheBytes(plan: FootprintPlan, stage: Stage, workload: StepWorkload): number {
  const requests = Math.ceil(workload.batch / dataParallelGroups(plan.options.parallelism));
  const sequences = requests * (plan.options.phase === "prefill" ? 1 : (workload.beams ?? 1));
  const kvBytes = plan.options.kvCache.bits / 8;
  let bytes = 0;
  for (const [layer, count] of stage.layers) {
    const a = layer.attention;
    if (a.kind === "linear") {
      const state = stateElements(a);
      bytes += count * sequences * (state.matrix * linearStateBytes + state.convolution * kvBytes);
    } else {
      bytes += count * sequences * cacheRowsKept(a, workload.context) * cacheElementsPerToken(a) * kvBytes;
    }
    if (layer.crossAttention !== null) {
      const rows = workload.sourceContext ?? workload.context;
      bytes += count * requests * rows * cacheElementsPerToken(layer.crossAttention) * kvBytes;
    }
  }
  return bytes;
}

function stageWeightBytes(part: Model, options: StepOptions, first: boolean, last: boolean): number {
  const single: StepOptions = { ...options, phase: "decode", touchedExperts: "all", parallelism: singleDevice };
  const formats = weightFormats(part, options.weights);
  const held: Held = { first, last, logits: last || (first && part.tiedEmbeddings) };
  let bytes = readBytes(planStep(part, single), held);
  if (first && part.encoder !== null) bytes += readBytes(planStep(part, { ...single, phase: "prefill" }), held);
  if (first && !part.tiedEmbeddings) bytes += part.vocab * embeddingWidth(part) * tableBytes(part, formats);
  if (first) bytes += part.positions * part.dModel * positionBytes(part, formats);
  return bytes;
}

/** What of the model outside its layers a stage holds: what comes before them, what comes after, the LM head. */
interface Held {
  readonly first: boolean;
  readonly last: boolean;
  readonly logits: boolean;
}

const beforeLayers: ReadonlySet<string> = new Set(["embedding norm", "embedding projection"]);
const afterLayers: ReadonlySet<string> = new Set(["final norm", "logits projection"]);

/** Weights that a plan reads whatever the batch: all but the rows looked up and what stands in another stage. */
function readBytes(plan: StepPlan, held: Held): number {
  const tape = countStep(plan, { batch: 1, context: 1 });
  let bytes = 0;
  plan.operations.forEach((operation, i) => {
    const { name, definition } = operation;
    if (definition.kind === "embedding-lookup" || (!held.logits && definition.kind === "logits")) return;
    if ((!held.first && beforeLayers.has(name)) || (!held.last && afterLayers.has(name))) return;
    bytes += tape.counts[i]!.weightBytes;
  });
  return bytes;
}
