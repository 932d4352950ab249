/**
 * The experiment of Shazeer 2019, counted: every cell of its table of speeds beside the roofline's lower bound.
 *
 * Setting: one TPU v2 of 8 cores, 1024 sequences, 128 source and 128 target tokens. Nothing is sharded: each core holds an
 * eighth of the batch and reads its own copy of the weights at its own memory's rate, half a chip's.
 *   decoder   one step at context 128 (keys and values are padded to 128 rows, 32 in the local models), the cache appended
 *             to by concatenation, logits and weights of attention materialised; µs a token = step / 1024
 *   encoder   128 source tokens a sequence, and the keys and values of cross-attention made from them; step / (1024 × 128)
 *   training  32,768 + 32,768 tokens in sequences of 256 + 256, all targets at once: 3 × the forward FLOPs (backward is
 *             twice forward), the forward bytes alone; step / 32,768
 * Beam search has batch × 4 rows; an encoder's keys and values are shared by a request's beams. After each step the beams
 * take over their parents' caches, one more read and write of the decoder's own (docs/counting.md, C11); a code that
 * gathers while it appends would save those `beamReorderBytes`.
 */
import type { Model } from "../architecture/model.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { parseNumberFormat } from "../quantity/number-format.ts";
import { defaultStepOptions, type StepOptions, type StepWorkload } from "../step/step-options.ts";
import { evaluateStep, stepPredictor } from "./predict-step.ts";
import { type PublishedSpeed, paperSetting, publishedSpeeds } from "./published-decoding-speed.ts";

export type PaperColumn = "training" | "greedy encoder" | "greedy decoder" | "beam 4 encoder" | "beam 4 decoder";

export const paperColumns: readonly PaperColumn[] = [
  "training",
  "greedy encoder",
  "greedy decoder",
  "beam 4 encoder",
  "beam 4 decoder",
];

/** Keys and values in both formats, since the paper does not say which. */
export const paperCacheFormats = ["bf16", "fp32"] as const;
export type PaperCacheFormat = (typeof paperCacheFormats)[number];

/** One cell of the table; counts are those of one core and one step. */
export interface PaperCell {
  readonly attention: string;
  readonly modelId: string;
  readonly column: PaperColumn;
  readonly cacheFormat: PaperCacheFormat;
  readonly flops: number;
  readonly bytes: number;
  readonly weightBytes: number;
  readonly kvBytes: number;
  readonly activationBytes: number;
  /** All bytes at the core's bandwidth, all FLOPs at its peak. */
  readonly byteSeconds: number;
  readonly flopSeconds: number;
  readonly bound: "bytes" | "FLOPs";
  /** The larger of the two, a token of all cores. */
  readonly lowerBoundSecondsPerToken: number;
  readonly publishedSecondsPerToken: number;
  /** Share of the published time that the lower bound explains. */
  readonly explained: number;
  /** The part of kvBytes that moves beams' caches to their parents; 0 without beams. */
  readonly beamReorderBytes: number;
}

/** One core of a chip: an equal share of its bandwidth, capacity and peaks. */
export function coreOfChip(chip: Hardware, cores: number): Hardware {
  const peaks = Object.entries(chip.peakFlopsPerSecond).map(([format, rate]) => [format, rate / cores] as const);
  return {
    ...chip,
    id: `${chip.id}-core`,
    name: `one of ${cores} cores of ${chip.name}`,
    memoryBandwidthBytesPerSecond: chip.memoryBandwidthBytesPerSecond / cores,
    memoryCapacityBytes: chip.memoryCapacityBytes / cores,
    peakFlopsPerSecond: Object.fromEntries(peaks),
  };
}

/**
 * Every cell: decoder cells with keys and values in bf16 and in fp32, the others in bf16 (they are bound by arithmetic).
 * @param models the paper's translation models by id
 * @param chip the profile of a TPU v2 chip
 * @throws InvalidInput naming a model that is missing
 */
export function paperExperiment(models: ReadonlyMap<string, Model>, chip: Hardware): PaperCell[] {
  const core = coreOfChip(chip, paperSetting.coresPerChip);
  return publishedSpeeds.flatMap((published) => {
    const model = models.get(published.modelId);
    if (model === undefined) throw new InvalidInput("models", published.modelId, "a model of the paper is missing");
    return paperColumns.flatMap((column) =>
      (column.endsWith("decoder") ? paperCacheFormats : paperCacheFormats.slice(0, 1)).map((cacheFormat) =>
        countCell(model, core, published, column, cacheFormat),
      ),
    );
  });
}

/** The published figure of a cell, in seconds a token. */
export function publishedSeconds(published: PublishedSpeed, column: PaperColumn): number {
  if (column === "training") return published.trainingMicroseconds * 1e-6;
  const search = column.startsWith("greedy") ? published.greedy : published.beam4;
  return (column.endsWith("encoder") ? search.encoderMicroseconds : search.decoderMicroseconds) * 1e-6;
}

interface Counted {
  readonly flops: number;
  readonly weightBytes: number;
  readonly kvBytes: number;
  readonly activationBytes: number;
  readonly flopSeconds: number;
  readonly beamReorderBytes: number;
}

function countCell(
  model: Model,
  core: Hardware,
  published: PublishedSpeed,
  column: PaperColumn,
  cacheFormat: PaperCacheFormat,
): PaperCell {
  const beams = column === "beam 4 decoder" ? paperSetting.beams : 1;
  const counted = countColumn(model, core, column, cacheFormat, beams);
  const bytes = counted.weightBytes + counted.kvBytes + counted.activationBytes;
  const byteSeconds = bytes / core.memoryBandwidthBytesPerSecond;
  const seconds = Math.max(byteSeconds, counted.flopSeconds);
  const lowerBoundSecondsPerToken = seconds / tokensOfAllCores(column);
  const publishedSecondsPerToken = publishedSeconds(published, column);
  return {
    attention: published.attention,
    modelId: published.modelId,
    column,
    cacheFormat,
    flops: counted.flops,
    bytes,
    weightBytes: counted.weightBytes,
    kvBytes: counted.kvBytes,
    activationBytes: counted.activationBytes,
    byteSeconds,
    flopSeconds: counted.flopSeconds,
    bound: byteSeconds >= counted.flopSeconds ? "bytes" : "FLOPs",
    lowerBoundSecondsPerToken,
    publishedSecondsPerToken,
    explained: lowerBoundSecondsPerToken / publishedSecondsPerToken,
    beamReorderBytes: counted.beamReorderBytes,
  };
}

const sequencesOfCore: number = paperSetting.batch / paperSetting.cores;

/** Tokens that all cores finish in one step of a column. */
function tokensOfAllCores(column: PaperColumn): number {
  if (column === "training") return paperSetting.trainingTokens;
  return column.endsWith("encoder") ? paperSetting.batch * paperSetting.sourceTokens : paperSetting.batch;
}

function countColumn(
  model: Model,
  core: Hardware,
  column: PaperColumn,
  cacheFormat: PaperCacheFormat,
  beams: number,
): Counted {
  const options: StepOptions = {
    ...defaultStepOptions,
    weights: parseNumberFormat("bf16"),
    kvCache: parseNumberFormat(cacheFormat),
    attentionKernel: "materialized",
    cacheUpdate: "concat",
  };
  if (column === "training") return countTraining(model, core, options);
  if (column.endsWith("encoder")) {
    const workload = {
      batch: sequencesOfCore,
      context: paperSetting.sourceTokens,
      sourceContext: paperSetting.sourceTokens,
    };
    return count(model, core, { ...options, phase: "prefill" }, workload);
  }
  return count(model, core, options, {
    batch: sequencesOfCore,
    context: paperSetting.targetTokens,
    sourceContext: paperSetting.sourceTokens,
    beams,
  });
}

/** Encoder and decoder over whole sequences: FLOPs of forward and backward, bytes of forward. */
function countTraining(model: Model, core: Hardware, options: StepOptions): Counted {
  const length = paperSetting.trainingSequenceTokens;
  const batch = paperSetting.trainingTokens / length / paperSetting.cores;
  const workload = { batch, context: length, sourceContext: length };
  const encoder = count(model, core, { ...options, phase: "prefill", cacheUpdate: "in-place" }, workload);
  const decoder = count(model, core, { ...options, cacheUpdate: "in-place" }, { ...workload, queryTokens: length });
  return {
    flops: 3 * (encoder.flops + decoder.flops),
    weightBytes: encoder.weightBytes + decoder.weightBytes,
    kvBytes: encoder.kvBytes + decoder.kvBytes,
    activationBytes: encoder.activationBytes + decoder.activationBytes,
    flopSeconds: 3 * (encoder.flopSeconds + decoder.flopSeconds),
    beamReorderBytes: 0,
  };
}

function count(model: Model, core: Hardware, step: StepOptions, workload: StepWorkload): Counted {
  const predictor = stepPredictor(model, core, { step });
  evaluateStep(predictor, workload);
  const t = predictor.tape.totals;
  return {
    flops: t.flops,
    weightBytes: t.weightBytes,
    kvBytes: t.kvBytes,
    activationBytes: t.activationBytes,
    flopSeconds: t.flops / peakOf(core),
    beamReorderBytes: predictor.plan.operations.reduce(
      (sum, operation, i) =>
        operation.definition.kind === "beam-reorder" ? sum + predictor.tape.counts[i]!.kvBytes : sum,
      0,
    ),
  };
}

/** TPU v2 multiplies in bf16 alone, so one peak holds for all FLOPs. */
function peakOf(core: Hardware): number {
  const peak = core.peakFlopsPerSecond.bf16;
  if (peak === undefined) throw new InvalidInput("hardware", core.id, "has no bf16 peak");
  return peak;
}
