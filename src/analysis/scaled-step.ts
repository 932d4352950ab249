/**
 * A step with some of its amounts scaled: faster memory, arithmetic or link, fewer bytes of cache or weights. Rates change
 * the machine; bytes change every operation's counts and the footprint, while the arithmetic keeps its format. The step is
 * then counted and timed as any other.
 */
import type { Hardware } from "../hardware/hardware.ts";
import type { OperationDefinition } from "../operations/operation.ts";
import type { ComputeFormat } from "../quantity/number-format.ts";
import { stepTape } from "../step/count-step.ts";
import { type Footprint, footprintOf } from "../step/footprint.ts";
import type { AnyShape, PlannedOperation } from "../step/planned-operation.ts";
import type { StepWorkload } from "../step/step-options.ts";
import type { StepPlan } from "../step/step-plan.ts";
import { emptyStepTime } from "../timing/timing-model.ts";
import type { StepPredictor } from "./predict-step.ts";

export type ScaledAmount = "bandwidth" | "flops" | "link" | "kv-bytes" | "weight-bytes";

/** Factors; what is not named stays. */
export type Scaling = Readonly<Partial<Record<ScaledAmount, number>>>;

/** The machine with its rates scaled. */
export function scaledHardware(hardware: Hardware, scaling: Scaling): Hardware {
  const peaks = Object.entries(hardware.peakFlopsPerSecond) as [ComputeFormat, number][];
  const link = hardware.link;
  const bandwidth = scaling.bandwidth ?? 1;
  return {
    ...hardware,
    memoryBandwidthBytesPerSecond: hardware.memoryBandwidthBytesPerSecond * bandwidth,
    // Of the caches too: the change is one of the bandwidth that the step sees.
    caches: hardware.caches.map((cache) => {
      const known = cache.bandwidthBytesPerSecond;
      return { ...cache, bandwidthBytesPerSecond: known === null ? null : known * bandwidth };
    }),
    peakFlopsPerSecond: Object.fromEntries(peaks.map(([format, peak]) => [format, peak * (scaling.flops ?? 1)])),
    link: link === null ? null : { ...link, bytesPerSecond: link.bytesPerSecond * (scaling.link ?? 1) },
  };
}

/** The predictor with its bytes scaled; its rates are those of the machine it was made for. */
export function scaledPredictor(predictor: StepPredictor, scaling: Scaling): StepPredictor {
  const { "weight-bytes": weights = 1, "kv-bytes": cache = 1 } = scaling;
  if (weights === 1 && cache === 1) return predictor;
  const operations = predictor.plan.operations.map((operation) => scaledOperation(operation, weights, cache));
  const plan: StepPlan = { ...predictor.plan, operations };
  return { ...predictor, plan, timer: predictor.timing.bind(plan), tape: stepTape(plan), time: emptyStepTime(plan) };
}

/** The footprint with its bytes scaled, on the device that is then the fullest. */
export function scaledFootprint(predictor: StepPredictor, workload: StepWorkload, scaling: Scaling): Footprint {
  const { "weight-bytes": weights = 1, "kv-bytes": cache = 1 } = scaling;
  const stages = predictor.footprintPlan.stages.map((stage) => {
    const each = footprintOf({ ...predictor.footprintPlan, stages: [stage] }, workload);
    const [weightBytes, cacheBytes] = [each.weightBytes * weights, each.cacheBytes * cache];
    return { bytes: weightBytes + cacheBytes, weightBytes, cacheBytes };
  });
  return stages.reduce((fullest, stage) => (stage.bytes > fullest.bytes ? stage : fullest));
}

function scaledOperation(operation: PlannedOperation, weights: number, cache: number): PlannedOperation {
  const { definition } = operation;
  const scaled: OperationDefinition<AnyShape> = {
    ...definition,
    count(_scaled, point, into) {
      definition.count(operation.shape, point, into);
      into.weightBytes *= weights;
      into.kvBytes *= cache;
    },
  };
  // What times the shape itself sees the scaled elements; the counts are those of the shape as it was, scaled.
  const shape: Readonly<Record<string, unknown>> = operation.shape as never;
  const perElement = (name: string, factor: number): object =>
    typeof shape[name] === "number" ? { [name]: shape[name] * factor } : {};
  const timed = {
    ...shape,
    ...perElement("weightBytesPerElement", weights),
    ...perElement("kvBytesPerElement", cache),
  } as unknown as AnyShape;
  return { ...operation, shape: timed, definition: scaled };
}
