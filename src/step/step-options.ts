/** What a step is planned with, beside the model: phase, number formats, kernels, cache policy, parallelism. */
import type { Model } from "../architecture/model.ts";
import { type Parallelism, singleDevice } from "../architecture/shard.ts";
import { type NumberFormat, parseNumberFormat } from "../quantity/number-format.ts";

export interface StepOptions {
  readonly phase: "decode" | "prefill";
  /** Format of the weights; null takes the one the model is published in, bf16 where it says nothing. */
  readonly weights: NumberFormat | null;
  readonly kvCache: NumberFormat;
  readonly activations: NumberFormat;
  readonly attentionKernel: "fused" | "materialized";
  readonly cacheUpdate: "in-place" | "concat";
  /** Latent attention absorbed into the latent space or expanded to heads; auto: absorbed when decoding, expanded in a prefill. */
  readonly latentKernel: "auto" | "absorbed" | "expanded";
  /** Weights of the experts that a batch is expected to touch, or of all. */
  readonly touchedExperts: "expected" | "all";
  readonly parallelism: Parallelism;
}

export const defaultStepOptions: StepOptions = {
  phase: "decode",
  weights: null,
  kvCache: parseNumberFormat("bf16"),
  activations: parseNumberFormat("bf16"),
  attentionKernel: "fused",
  cacheUpdate: "in-place",
  latentKernel: "auto",
  touchedExperts: "expected",
  parallelism: singleDevice,
};

/** The workload of one step. */
export interface StepWorkload {
  /** Requests served together. */
  readonly batch: number;
  /** Rows of the cache a sequence once the new tokens are in it; in a prefill the prompt's length. */
  readonly context: number;
  /** New tokens a sequence: 1 when decoding, more for speculative verification; in a prefill all of the prompt by default. */
  readonly queryTokens?: number;
  /** Beams a request; each has a cache of its own. */
  readonly beams?: number;
  /** Rows of the encoder's output a request; the context where not given. */
  readonly sourceContext?: number;
}

/** The formats of the parts of a model's weights. */
export interface WeightFormats {
  readonly matrices: NumberFormat;
  readonly experts: NumberFormat;
  readonly logits: NumberFormat;
}

/** The formats asked for, or those the model is published in. */
export function weightFormats(model: Model, asked: NumberFormat | null): WeightFormats {
  if (asked !== null) return { matrices: asked, experts: asked, logits: asked };
  const half = parseNumberFormat("bf16");
  const published = model.publishedWeights;
  if (published === null) return { matrices: half, experts: half, logits: half };
  const format = parseNumberFormat(published.format);
  return {
    matrices: published.expertsOnly ? half : format,
    experts: format,
    logits: published.expertsOnly || published.logitsAt16Bits ? half : format,
  };
}
