/**
 * One batch of requests from the prompt to the last token: the prefill, then every decode step as the context grows.
 *
 *   N input tokens, M output tokens, both a request
 *   decoder-only       the prefill over N tokens yields token 1; decode step i = 1 … M − 1 yields token i + 1 at context N + i
 *   encoder-decoder    the prefill is the encoder over N tokens; decode step i = 1 … M yields token i at context i
 *   TTFT               time to the first token: the prefill (and the first decode step of an encoder-decoder)
 *   TPOT               time per output token, the first left out: (end to end − TTFT) / (M − 1); null where M is 1
 *   tokens a second    batch × M / end to end
 */
import type { Model } from "../architecture/model.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { type Footprint, footprintOf } from "../step/footprint.ts";
import { defaultStepOptions, type StepWorkload } from "../step/step-options.ts";
import { type Bound, bounds, largestBound, type StepTime } from "../timing/timing-model.ts";
import { evaluateStep, type PredictorOptions, type StepPredictor, stepPredictor } from "./predict-step.ts";

export interface GenerateRequest {
  /** Tokens of a prompt. */
  readonly inputTokens: number;
  /** Tokens generated a request, the first among them. */
  readonly outputTokens: number;
  /** Requests served together. */
  readonly batch: number;
  /** Beams a request; the prefill runs once for all of them. */
  readonly beams?: number;
}

/** One step of the request. */
export interface GenerationStep {
  readonly phase: "prefill" | "decode";
  /** Tokens a request has received once the step is done; 1 is the first. */
  readonly token: number;
  readonly context: number;
  /** Null where the step does not fit. */
  readonly seconds: number | null;
  /** Null where it fits. */
  readonly secondsIfItFitted: number | null;
  readonly lowerBoundSeconds: number;
  readonly bound: Bound | null;
  /** Weights and cache on the fullest device once the step is done. */
  readonly memoryBytes: number;
  readonly fits: boolean;
}

interface StepOfRequest {
  readonly step: GenerationStep;
  readonly interval: SecondsInterval | null;
}

export type SecondsByBound = Readonly<Record<Bound, number>>;

/** Prediction intervals of a request's times: the steps of one request are off by the same factors, so that their ends add. */
export interface RequestIntervals {
  readonly ttftSeconds: SecondsInterval;
  /** Null where only one token is generated. */
  readonly tpotSeconds: SecondsInterval | null;
  readonly endToEndSeconds: SecondsInterval;
}

export interface SecondsInterval {
  readonly low: number;
  readonly high: number;
  readonly level: number;
}

/** Where memory runs out before the last token. */
export interface OutOfMemory {
  /** The first token whose step does not fit. */
  readonly token: number;
  readonly context: number;
  readonly neededBytes: number;
}

/** A request's prediction. Where it does not fit to its end it has no times, only what they would be. */
export interface GenerationPrediction {
  readonly model: string;
  readonly hardware: string;
  readonly timing: "roofline" | "calibrated";
  readonly engine: string | null;
  readonly calibration: string | null;
  readonly batch: number;
  readonly beams: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly decodeSteps: number;
  /** Time to the first token. */
  readonly ttftSeconds: number | null;
  /** Mean time per output token, the first left out; null where only one is generated. */
  readonly tpotSeconds: number | null;
  /** Time of the last step; null where only one token is generated. */
  readonly tpotLastSeconds: number | null;
  readonly endToEndSeconds: number | null;
  readonly endToEndSecondsIfItFitted: number | null;
  /** Of the three times above; null where the timing has no interval or the request does not fit. */
  readonly intervals: RequestIntervals | null;
  readonly tokensPerSecond: number | null;
  /** Weights and cache after the last step. */
  readonly footprint: Footprint;
  readonly capacityBytes: number;
  /** What may be used of it: capacityBytes × memory share. */
  readonly limitBytes: number;
  readonly fits: boolean;
  readonly outOfMemory: OutOfMemory | null;
  /** Seconds by what they are spent on. */
  readonly secondsByBound: { readonly prefill: SecondsByBound; readonly decode: SecondsByBound };
  readonly steps: readonly GenerationStep[];
  readonly notes: readonly string[];
}

/** Every step is kept. */
export const maxOutputTokens = 1_000_000;

/**
 * Predicts a batch of equal requests served together, with nothing before, between or after them.
 * @throws InvalidInput for a number of tokens, batch or beams that is no positive whole number, more than a million output
 *   tokens, or options that don't go with the model or the machine
 * @example input 1000, output 300: one prefill at context 1000, then 299 decode steps at contexts 1001 … 1299
 */
export function generateRequest(
  model: Model,
  hardware: Hardware,
  request: GenerateRequest,
  options: PredictorOptions = {},
): GenerationPrediction {
  check(request);
  const inPhase = (phase: "prefill" | "decode"): StepPredictor =>
    stepPredictor(model, hardware, { ...options, step: { ...defaultStepOptions, ...options.step, phase } });
  const prefill = inPhase("prefill");
  const decode = inPhase("decode");
  const { batch, inputTokens, outputTokens } = request;
  const encoderDecoder = model.encoder !== null;
  const workloads = decodeWorkloads(request, encoderDecoder);

  const prompt: StepWorkload = { batch, context: inputTokens, sourceContext: inputTokens };
  const byBound = { prefill: zeroes(), decode: zeroes() };
  // An encoder's prefill fills no row of the decoder's own cache, and yields no token.
  const afterPrefill = encoderDecoder ? { ...prompt, context: 1 } : prompt;
  const first = footprintOf(decode.footprintPlan, { ...afterPrefill, beams: request.beams ?? 1 });
  const taken: StepOfRequest[] = [stepOf(prefill, prompt, encoderDecoder ? 0 : 1, first.bytes, byBound.prefill)];
  let last: Footprint = first;
  let outOfMemory = shortage(first, decode.limitBytes, 1, afterPrefill.context);
  for (const [index, workload] of workloads.entries()) {
    const token = index + (encoderDecoder ? 1 : 2);
    last = footprintOf(decode.footprintPlan, workload);
    outOfMemory ??= shortage(last, decode.limitBytes, token, workload.context);
    taken.push(stepOf(decode, workload, token, last.bytes, byBound.decode));
  }

  const steps = taken.map(({ step }) => step);
  const seconds = steps.map((step) => (step.seconds ?? step.secondsIfItFitted)!);
  const endToEnd = seconds.reduce((sum, each) => sum + each, 0);
  const untilFirst = encoderDecoder ? 2 : 1;
  const ttft = seconds.slice(0, untilFirst).reduce((sum, each) => sum + each, 0);
  const later = seconds.slice(untilFirst);
  const fits = outOfMemory === null;
  return {
    model: model.id,
    hardware: hardware.id,
    timing: decode.timing.id,
    engine: decode.timing.engine,
    calibration: decode.timing.calibration,
    batch,
    beams: request.beams ?? 1,
    inputTokens,
    outputTokens,
    decodeSteps: workloads.length,
    ttftSeconds: fits ? ttft : null,
    tpotSeconds: fits && later.length > 0 ? later.reduce((sum, each) => sum + each, 0) / later.length : null,
    tpotLastSeconds: fits ? (later.at(-1) ?? null) : null,
    endToEndSeconds: fits ? endToEnd : null,
    endToEndSecondsIfItFitted: fits ? null : endToEnd,
    intervals: fits ? intervalsOf(taken, untilFirst) : null,
    tokensPerSecond: fits ? (batch * outputTokens) / endToEnd : null,
    footprint: last,
    capacityBytes: hardware.memoryCapacityBytes,
    limitBytes: decode.limitBytes,
    fits,
    outOfMemory,
    secondsByBound: byBound,
    steps,
    notes: notesOf(model, request, [...prefill.timing.notes, ...decode.timing.notes]),
  };
}

/** The workload of every decode step, in order. */
function decodeWorkloads(request: GenerateRequest, encoderDecoder: boolean): StepWorkload[] {
  const { batch, inputTokens, outputTokens, beams = 1 } = request;
  if (encoderDecoder) {
    return Array.from({ length: outputTokens }, (_, i) => ({
      batch,
      beams,
      context: i + 1,
      sourceContext: inputTokens,
    }));
  }
  return Array.from({ length: outputTokens - 1 }, (_, i) => ({ batch, beams, context: inputTokens + i + 1 }));
}

function stepOf(
  predictor: StepPredictor,
  workload: StepWorkload,
  token: number,
  memoryBytes: number,
  byBound: Record<Bound, number>,
): StepOfRequest {
  const time: StepTime = evaluateStep(predictor, workload);
  for (const bound of bounds) byBound[bound] += time.secondsByBound[bound];
  const fits = memoryBytes <= predictor.limitBytes;
  const step: GenerationStep = {
    phase: predictor.plan.options.phase,
    token,
    context: workload.context,
    seconds: fits ? time.seconds : null,
    secondsIfItFitted: fits ? null : time.seconds,
    lowerBoundSeconds: time.lowerBoundSeconds,
    bound: fits ? largestBound(time.secondsByBound) : null,
    memoryBytes,
    fits,
  };
  return { step, interval: time.interval === null ? null : { ...time.interval } };
}

function intervalsOf(taken: readonly StepOfRequest[], untilFirst: number): RequestIntervals | null {
  const sumOf = (some: readonly StepOfRequest[], share: number): SecondsInterval | null => {
    let [low, high, level] = [0, 0, 1];
    for (const { interval } of some) {
      if (interval === null) return null;
      low += share * interval.low;
      high += share * interval.high;
      level = Math.min(level, interval.level);
    }
    return { low, high, level };
  };
  const later = taken.slice(untilFirst);
  const ttftSeconds = sumOf(taken.slice(0, untilFirst), 1);
  const endToEndSeconds = sumOf(taken, 1);
  if (ttftSeconds === null || endToEndSeconds === null) return null;
  return { ttftSeconds, tpotSeconds: later.length === 0 ? null : sumOf(later, 1 / later.length), endToEndSeconds };
}

function shortage(footprint: Footprint, limitBytes: number, token: number, context: number): OutOfMemory | null {
  return footprint.bytes > limitBytes ? { token, context, neededBytes: footprint.bytes } : null;
}

function notesOf(model: Model, request: GenerateRequest, timing: readonly string[]): string[] {
  const notes = [...new Set(timing)];
  const longest =
    model.encoder === null
      ? request.inputTokens + request.outputTokens
      : Math.max(request.inputTokens, request.outputTokens);
  if (model.maxContext !== null && longest > model.maxContext) {
    notes.push(`${model.name} was made for contexts up to ${model.maxContext} tokens, this request reaches ${longest}`);
  }
  return notes;
}

function check(request: GenerateRequest): void {
  const { inputTokens, outputTokens, batch, beams = 1 } = request;
  for (const [field, value] of Object.entries({ input: inputTokens, output: outputTokens, batch, beams })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new InvalidInput(field, value, "wants a positive whole number");
  }
  if (outputTokens > maxOutputTokens) throw new InvalidInput("output", outputTokens, "wants at most 1,000,000 tokens");
  if (!Number.isSafeInteger(inputTokens + outputTokens)) throw new InvalidInput("input", inputTokens, "is too long");
}

function zeroes(): Record<Bound, number> {
  return { weights: 0, cache: 0, activations: 0, compute: 0, link: 0, overhead: 0 };
}
