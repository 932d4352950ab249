/**
 * What a change of the machine, the formats, the model or the workload would buy: each change is made and the step counted
 * and timed again, and the gains are sorted. Beside them the elasticities d ln t / d ln x, which the shares of the time give.
 */
import { applyAttention } from "../architecture/attention-variant.ts";
import type { Model } from "../architecture/model.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { parseNumberFormat } from "../quantity/number-format.ts";
import type { Footprint } from "../step/footprint.ts";
import type { StepOptions, StepWorkload } from "../step/step-options.ts";
import type { TimingModel } from "../timing/timing-model.ts";
import type { AskedChange } from "./asked-change.ts";
import { evaluateStep, type PredictorOptions, type StepPredictor, stepPredictor } from "./predict-step.ts";
import { type Scaling, scaledFootprint, scaledHardware, scaledPredictor } from "./scaled-step.ts";

/** The step before or after a change; seconds and rates are null where it does not fit. */
export interface SensitivityPoint {
  readonly seconds: number | null;
  readonly secondsIfItFitted: number | null;
  /** All requests together. */
  readonly tokensPerSecond: number | null;
  readonly tokensPerSecondPerRequest: number | null;
  readonly footprint: Footprint;
  readonly fits: boolean;
}

export interface SensitivityRow extends SensitivityPoint {
  /** Such as "+10 % bandwidth". */
  readonly change: string;
  /** What to type to have it; null where no option of the program's is that change. */
  readonly option: string | null;
  /** Seconds a step less than before; negative where it takes longer. Null where either does not fit. */
  readonly savedSeconds: number | null;
  /** savedSeconds in per cent of the step's seconds before. */
  readonly savedPercent: number | null;
  /** Gain of tokens a second of all requests, in per cent. */
  readonly throughputGainPercent: number | null;
}

/** d ln seconds / d ln amount: −0.6 for bandwidth says that 1 % more of it takes 0.6 % off the time. */
export interface Elasticities {
  readonly bandwidth: number;
  readonly peak: number;
  readonly link: number;
  readonly weightBytes: number;
  readonly cacheBytes: number;
  readonly activationBytes: number;
}

export interface SensitivityReport {
  readonly model: string;
  readonly hardware: string;
  readonly phase: "decode" | "prefill";
  readonly timing: "roofline" | "calibrated";
  readonly engine: string | null;
  readonly calibration: string | null;
  readonly batch: number;
  readonly context: number;
  readonly baseline: SensitivityPoint;
  readonly capacityBytes: number;
  /** What may be used of it: capacity × memory share. */
  readonly limitBytes: number;
  /** Null with a timing model whose time is not the sum of these shares. */
  readonly elasticities: Elasticities | null;
  /** The largest gain first; what does not fit last. */
  readonly changes: readonly SensitivityRow[];
  readonly notes: readonly string[];
}

export interface SensitivityRequest {
  readonly model: Model;
  readonly hardware: Hardware;
  readonly workload: StepWorkload;
  /** A timing model in them is one for any machine, since some changes are of the machine. */
  readonly options?: Omit<PredictorOptions, "timing"> & { readonly timing?: (hardware: Hardware) => TimingModel };
  readonly sameParameters?: boolean;
  /** Asked for beside the usual ones. */
  readonly asked?: readonly AskedChange[];
}

interface Change {
  readonly change: string;
  readonly option: string | null;
  readonly scaling?: Scaling;
  readonly step?: Partial<StepOptions>;
  readonly model?: Model;
  readonly workload?: StepWorkload;
}

/**
 * The step as it is, and after each change that means something for it.
 * @throws InvalidInput where the workload or the options don't go with the model or the machine
 * @example Llama-2-7B on an H100, batch 1: +10 % bandwidth saves 1 − 1/1.1 = 9.1 % of a step that only waits for memory
 */
export function sensitivity(request: SensitivityRequest): SensitivityReport {
  const { model, hardware, workload } = request;
  const predictor = predictorOf(request, model, hardware);
  const baseline = pointOf(predictor, workload, {});
  const rows = withoutTwins(changesOf(request, predictor).map((change) => rowOf(request, baseline, change)));
  const gain = (row: SensitivityRow): number => row.savedSeconds ?? (row.fits ? 0 : Number.NEGATIVE_INFINITY);
  rows.sort((a, b) => (gain(b) > gain(a) ? 1 : gain(b) < gain(a) ? -1 : 0));
  return {
    model: model.id,
    hardware: hardware.id,
    phase: predictor.plan.options.phase,
    timing: predictor.timing.id,
    engine: predictor.timing.engine,
    calibration: predictor.timing.calibration,
    batch: workload.batch,
    context: workload.context,
    baseline,
    capacityBytes: hardware.memoryCapacityBytes,
    limitBytes: predictor.limitBytes,
    elasticities: elasticitiesOf(predictor, workload),
    changes: rows,
    notes: [...predictor.timing.notes],
  };
}

/** Where an option does exactly what an amount halved does, one row says both. */
function withoutTwins(rows: readonly SensitivityRow[]): SensitivityRow[] {
  const twinOf = (row: SensitivityRow): SensitivityRow | undefined =>
    row.change.endsWith(" in fp8")
      ? rows.find((each) => each.change.startsWith("half the ") && each.option === null && sameStep(each, row))
      : undefined;
  const merged = rows.map((row) => {
    const option = rows.find((each) => twinOf(each) === row)?.option ?? row.option;
    return { ...row, option };
  });
  return merged.filter((_, i) => twinOf(rows[i]!) === undefined);
}

function sameStep(a: SensitivityPoint, b: SensitivityPoint): boolean {
  const seconds = (point: SensitivityPoint): number => (point.seconds ?? point.secondsIfItFitted)!;
  return Math.abs(seconds(a) / seconds(b) - 1) < 1e-9 && a.footprint.bytes === b.footprint.bytes;
}

/** From the shares: time spent on bytes falls with bandwidth, on FLOPs with the peak, on the link with its rate. */
function elasticitiesOf(predictor: StepPredictor, workload: StepWorkload): Elasticities | null {
  if (predictor.timing.id !== "roofline") return null;
  const { seconds, secondsByBound: by } = evaluateStep(predictor, workload);
  // Less than nothing is nothing: −0 is not a share.
  const falls = (part: number): number => (part === 0 ? 0 : -part / seconds);
  return {
    bandwidth: falls(by.weights + by.cache + by.activations),
    peak: falls(by.compute),
    link: falls(by.link),
    weightBytes: by.weights / seconds,
    cacheBytes: by.cache / seconds,
    activationBytes: by.activations / seconds,
  };
}

function changesOf(request: SensitivityRequest, predictor: StepPredictor): Change[] {
  const { model, workload } = request;
  evaluateStep(predictor, workload);
  const totals = { ...predictor.tape.totals };
  const changes: Change[] = [
    { change: "+10 % bandwidth", option: null, scaling: { bandwidth: 1.1 } },
    { change: "half the cache bytes", option: null, scaling: { "kv-bytes": 0.5 } },
    { change: "half the weight bytes", option: null, scaling: { "weight-bytes": 0.5 } },
    { change: "twice the FLOP/s", option: null, scaling: { flops: 2 } },
  ];
  if (totals.linkBytes > 0) changes.push({ change: "twice the link rate", option: null, scaling: { link: 2 } });
  const heads = softmaxHeads(model);
  if (heads.some(({ kvHeads }) => kvHeads > 1)) changes.push(attentionChange(request, "one K/V head (MQA)", "mqa"));
  if (heads.some(({ kvHeads }) => kvHeads > 8) && heads.every((each) => each.heads % 8 === 0)) {
    changes.push(attentionChange(request, "eight K/V heads (GQA-8)", "gqa:8"));
  }
  const half = Math.floor(workload.context / 2);
  if (half >= (workload.queryTokens ?? 1)) {
    changes.push({ change: "half the context", option: `--context ${half}`, workload: { ...workload, context: half } });
  }
  const batch = 2 * workload.batch;
  changes.push({ change: "twice the batch", option: `--batch ${batch}`, workload: { ...workload, batch } });
  // What a format would really buy: parts that keep their bits (norms, a tied table, a fp32 state) keep them here too.
  const fp8 = parseNumberFormat("fp8");
  const formats: readonly Change[] = [
    { change: "weights in fp8", option: "--weights fp8", step: { weights: fp8 } },
    { change: "cache in fp8", option: "--kv-cache fp8", step: { kvCache: fp8 } },
  ];
  for (const change of formats) {
    const changed = predictorOf(request, model, request.hardware, change.step);
    evaluateStep(changed, workload);
    const { weightBytes, kvBytes } = changed.tape.totals;
    if (weightBytes < totals.weightBytes || kvBytes < totals.kvBytes) changes.push(change);
  }
  for (const { text, scaling } of request.asked ?? []) changes.push({ change: text, option: null, scaling });
  return changes;
}

function attentionChange(request: SensitivityRequest, change: string, attention: string): Change {
  const model = applyAttention(request.model, attention, request.sameParameters);
  return { change, option: `--attention ${attention}`, model };
}

function softmaxHeads(model: Model): { heads: number; kvHeads: number }[] {
  return model.decoder.kinds.flatMap(({ attention }) => (attention.kind === "softmax" ? [attention] : []));
}

function rowOf(request: SensitivityRequest, baseline: SensitivityPoint, change: Change): SensitivityRow {
  const scaling = change.scaling ?? {};
  const hardware = scaledHardware(request.hardware, scaling);
  const predictor = predictorOf(request, change.model ?? request.model, hardware, change.step);
  const point = pointOf(predictor, change.workload ?? request.workload, scaling);
  const savedSeconds = baseline.seconds === null || point.seconds === null ? null : baseline.seconds - point.seconds;
  const gain =
    baseline.tokensPerSecond === null || point.tokensPerSecond === null
      ? null
      : 100 * (point.tokensPerSecond / baseline.tokensPerSecond - 1);
  return {
    change: change.change,
    option: change.option,
    ...point,
    savedSeconds,
    savedPercent: savedSeconds === null || baseline.seconds === null ? null : (100 * savedSeconds) / baseline.seconds,
    throughputGainPercent: gain,
  };
}

function predictorOf(
  request: SensitivityRequest,
  model: Model,
  hardware: Hardware,
  step: Partial<StepOptions> = {},
): StepPredictor {
  return stepPredictor(model, hardware, { ...request.options, step: { ...request.options?.step, ...step } });
}

function pointOf(predictor: StepPredictor, workload: StepWorkload, scaling: Scaling): SensitivityPoint {
  const scaled = scaledPredictor(predictor, scaling);
  const { seconds } = evaluateStep(scaled, workload);
  const footprint = scaledFootprint(predictor, workload, scaling);
  const fits = footprint.bytes <= predictor.limitBytes;
  const tokens = scaled.tape.point.queryTokens;
  return {
    seconds: fits ? seconds : null,
    secondsIfItFitted: fits ? null : seconds,
    tokensPerSecond: fits ? (workload.batch * tokens) / seconds : null,
    tokensPerSecondPerRequest: fits ? tokens / seconds : null,
    footprint,
    fits,
  };
}
