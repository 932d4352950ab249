/** The questions that a crossover answers, each a gap along an axis: what has to reach what. */

import { formatBytes, formatFlops, formatSeconds } from "../quantity/format-quantity.ts";
import { footprintOf, largestBatch } from "../step/footprint.ts";
import type { StepWorkload } from "../step/step-options.ts";
import { affineFlips, bisectedFlips, type Flips, type Gap } from "./crossing.ts";
import type { Crossing, OperationRidge } from "./crossover-report.ts";
import { ceilingRates, type OperationCeilings, operationCeilings } from "./operation-ceilings.ts";
import { evaluateStep, type StepPredictor } from "./predict-step.ts";
import { type AxisName, rooflineKinks, type StepAxis, stepAxis } from "./step-axis.ts";

/** What all questions share: the step, the point it stands at, and what memory allows around it. */
export interface Scene {
  readonly predictor: StepPredictor;
  readonly workload: StepWorkload;
  readonly largestBatch: number | null;
  readonly largestContext: number | null;
}

export function sceneOf(predictor: StepPredictor, workload: StepWorkload): Scene {
  return {
    predictor,
    workload,
    largestBatch: largestBatch(predictor.footprintPlan, workload, predictor.limitBytes),
    largestContext: largestContextThatFits(predictor, workload),
  };
}

interface Question {
  readonly gap: Gap;
  /** Whether the gap is a line between these kinks; null where it is not. */
  readonly kinks: readonly number[] | null;
  readonly axis: StepAxis;
  /** Said of the answer, or of there being none. */
  readonly reason: (flips: Flips) => string;
}

/** Bytes that the step reads: cache against weights. */
export function weightToCacheCrossing(scene: Scene, name: AxisName): Crossing {
  const { predictor, workload } = scene;
  const axis = stepAxis(predictor.plan, workload, name);
  const totalsAt = (value: number): { weightBytes: number; kvBytes: number } => {
    evaluateStep(predictor, axis.at(value));
    return predictor.tape.totals;
  };
  const gap: Gap = (value) => {
    const t = totalsAt(value);
    return t.kvBytes - t.weightBytes;
  };
  const reason = ({ value }: Flips): string => {
    if (value === null) {
      const before = { ...totalsAt(axis.from) };
      const after = totalsAt(axis.from + 1024);
      const cache = (after.kvBytes - before.kvBytes) / 1024;
      return cache > 0
        ? `each further ${unitOf(name)} adds ${formatBytes(cache)} of cache, too little to reach the weights' ${formatBytes(after.weightBytes)}`
        : `the cache's bytes don't grow with the ${name}`;
    }
    const t = totalsAt(value);
    return `at ${name} ${value} the step reads ${formatBytes(t.kvBytes)} of cache and ${formatBytes(t.weightBytes)} of weights`;
  };
  return answered(scene, { gap, kinks: axis.affine ? [] : null, axis, reason });
}

/** Shares of the seconds: cache against weights. */
export function weightToCacheSecondsCrossing(scene: Scene, name: AxisName): Crossing {
  const { predictor, workload } = scene;
  const axis = stepAxis(predictor.plan, workload, name);
  const shares = (value: number): { weights: number; cache: number } =>
    evaluateStep(predictor, axis.at(value)).secondsByBound;
  const gap: Gap = (value) => {
    const { weights, cache } = shares(value);
    return cache - weights;
  };
  const reason = ({ value, until }: Flips): string => {
    if (value === null) {
      const { weights, cache } = shares(workload[name]);
      return `here ${formatSeconds(cache)} go to the cache and ${formatSeconds(weights)} to weights, and at no ${name} is it more`;
    }
    const { weights, cache } = shares(value);
    const back =
      until === null ? "" : `; from ${name} ${until} on the attention is bound by arithmetic, not by its cache`;
    return `at ${name} ${value} ${formatSeconds(cache)} go to the cache and ${formatSeconds(weights)} to weights${back}`;
  };
  return answered(scene, { gap, kinks: timeKinks(predictor, axis), axis, reason });
}

/** Totals: FLOPs at the peaks against bytes at the bandwidth, as if all operations overlapped. */
export function memoryToComputeCrossing(scene: Scene, name: AxisName): Crossing {
  const { predictor, workload } = scene;
  const axis = stepAxis(predictor.plan, workload, name);
  const rates = ceilingRates(predictor.plan, predictor.hardware);
  const totals = (value: number): { memory: number; compute: number } => {
    const sum = (of: keyof OperationCeilings, all: readonly OperationCeilings[]): number =>
      all.reduce((total, each) => total + each[of], 0);
    const all = operationCeilings(predictor, axis.at(value), rates);
    return { memory: sum("memorySeconds", all), compute: sum("computeSeconds", all) };
  };
  const gap: Gap = (value) => {
    const { memory, compute } = totals(value);
    return compute - memory;
  };
  const reason = ({ value, until }: Flips): string => {
    const near = totals(Math.max(axis.from, workload[name]));
    const next = totals(Math.max(axis.from, workload[name]) + 1);
    const [memory, compute] = [next.memory - near.memory, next.compute - near.compute];
    const each = `each further ${unitOf(name)} adds ${formatSeconds(memory)} of memory time and ${formatSeconds(compute)} of arithmetic${name === "batch" ? ` at context ${workload.context}` : ""}`;
    if (value === null)
      return compute <= memory ? `${each}, so the gap only widens` : `${each}, not enough at any ${name}`;
    const at = totals(value);
    const back = until === null ? "" : `; memory-bound again from ${name} ${until}`;
    return `at ${name} ${value} all bytes take ${formatSeconds(at.memory)} and all FLOPs ${formatSeconds(at.compute)}${back}`;
  };
  return answered(scene, { gap, kinks: isLine(predictor, axis) ? [] : null, axis, reason });
}

/** Memory: the cache against the weights, on the fullest device. */
export function cacheEqualsWeightsCrossing(scene: Scene, name: AxisName): Crossing {
  const { predictor, workload } = scene;
  const axis = stepAxis(predictor.plan, workload, name);
  const footprint = (value: number) => footprintOf(predictor.footprintPlan, axis.at(value));
  const gap: Gap = (value) => {
    const f = footprint(value);
    return f.cacheBytes - f.weightBytes;
  };
  const reason = ({ value }: Flips): string => {
    if (value === null) return `the cache stops growing with the ${name}, or never grows`;
    const f = footprint(value);
    return `at ${name} ${value} the cache takes ${formatBytes(f.cacheBytes)}, the weights ${formatBytes(f.weightBytes)}`;
  };
  const kinks = footprintAffine(predictor, axis) ? [] : null;
  return answered(scene, { gap, kinks, axis, reason });
}

/** For each operation with weights, the batch from which on its FLOPs take longer than its bytes. */
export function operationRidges(scene: Scene): OperationRidge[] {
  const { predictor, workload } = scene;
  const axis = stepAxis(predictor.plan, workload, "batch");
  const rates = ceilingRates(predictor.plan, predictor.hardware);
  return predictor.plan.operations.flatMap((operation, i) => {
    if (!linearKinds.has(operation.definition.kind)) return [];
    const one = (value: number): OperationCeilings => operationCeilings(predictor, axis.at(value), rates)[i]!;
    const gap: Gap = (value) => one(value).computeSeconds - one(value).memorySeconds;
    const reason = ({ value }: Flips): string => {
      if (value === null) {
        evaluateStep(predictor, axis.at(2 ** 20));
        const c = predictor.tape.counts[i]!;
        const bytes = c.weightBytes + c.kvBytes + c.activationBytes;
        return `even in a large batch it does ${(c.flops / bytes).toPrecision(3)} FLOPs a byte, under the ridge point ${(rates.flopsPerSecond[i]! / predictor.hardware.memoryBandwidthBytesPerSecond).toPrecision(3)}`;
      }
      evaluateStep(predictor, axis.at(value));
      const c = predictor.tape.counts[i]!;
      return `at batch ${value} it does ${formatFlops(c.flops)} on ${formatBytes(c.weightBytes + c.activationBytes)}`;
    };
    const batch = answered(scene, { gap, kinks: isLine(predictor, axis) ? [] : null, axis, reason });
    return [{ name: operation.name, kind: operation.definition.kind, count: operation.instances, batch }];
  });
}

/** The largest context whose footprint fits at this batch; null where memory sets no limit. */
export function largestContextThatFits(predictor: StepPredictor, workload: StepWorkload): number | null {
  const axis = stepAxis(predictor.plan, workload, "context");
  const gap: Gap = (value) =>
    footprintOf(predictor.footprintPlan, axis.at(value)).bytes > predictor.limitBytes ? 1 : -1;
  const { value } = bisectedFlips(gap, axis.from);
  if (value === null) return null;
  return value === axis.from ? 0 : value - 1;
}

/** An answer with what memory says about it. */
export function answered(scene: Scene, question: Question): Crossing {
  const { predictor } = scene;
  const { axis, gap, kinks } = question;
  const flips =
    kinks === null ? bisectedFlips(gap, axis.from, axis.stride, axis.offset) : affineFlips(gap, axis.from, kinks);
  const fits =
    flips.value === null
      ? null
      : footprintOf(predictor.footprintPlan, axis.at(flips.value)).bytes <= predictor.limitBytes;
  return {
    ...flips,
    method: kinks === null ? "bisection" : "closed form",
    reason:
      flips.value === axis.from
        ? `already so at ${axis.name} ${axis.from}: ${question.reason(flips)}`
        : question.reason(flips),
    fits,
    largestThatFits: axis.name === "batch" ? scene.largestBatch : scene.largestContext,
  };
}

/** The kinks of a predictor's time along an axis; null where its time is no line between kinks. */
export function timeKinks(predictor: StepPredictor, axis: StepAxis): readonly number[] | null {
  return predictor.timing.id === "roofline" && isLine(predictor, axis) ? rooflineKinks(predictor, axis) : null;
}

/** Whether the seconds of bytes are a line along the axis: they jump where a step, or its activations, outgrow a cache. */
function isLine(predictor: StepPredictor, axis: StepAxis): boolean {
  if (!axis.affine) return false;
  const { memory } = ceilingRates(predictor.plan, predictor.hardware);
  if (memory.activations !== null) return false;
  evaluateStep(predictor, axis.at(axis.from));
  return !memory.levelOf(predictor.tape).isCache;
}

/** Operations that multiply by weights. */
const linearKinds: ReadonlySet<string> = new Set(["projection", "logits", "latent-absorption", "mixture-of-experts"]);

/** The fullest stage may change along the axis, and windows keep no more rows than they see. */
function footprintAffine(predictor: StepPredictor, axis: StepAxis): boolean {
  const { parallelism } = predictor.plan.options;
  return axis.affine && parallelism.pipeline === 1;
}

function unitOf(name: AxisName): string {
  return name === "batch" ? "sequence" : "token of context";
}
