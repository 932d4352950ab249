/**
 * What Shazeer 2019 published of its models' speed and quality, as figures, with the setting they were measured in.
 * Source: N. Shazeer, "Fast Transformer Decoding: One Write-Head is All You Need", 2019 (arXiv 1911.02150), sections 3 and 4.
 */

export const paperSource =
  "N. Shazeer, Fast Transformer Decoding: One Write-Head is All You Need, 2019 (arXiv 1911.02150)";

/** One TPU v2 of 8 cores: four chips of two cores each. */
export const paperSetting = {
  cores: 8,
  coresPerChip: 2,
  /** Sequences decoded together, on all cores. */
  batch: 1024,
  sourceTokens: 128,
  targetTokens: 128,
  beams: 4,
  /** Tokens on each side of one training step, on all cores. */
  trainingTokens: 32_768,
  /** Tokens of one training sequence, on each side. */
  trainingSequenceTokens: 256,
} as const;

/** Microseconds a token, divided by what all 8 cores produce together. */
export interface PublishedSpeed {
  readonly attention: string;
  /** The profile in model-profiles/. */
  readonly modelId: string;
  readonly trainingMicroseconds: number;
  readonly greedy: { readonly encoderMicroseconds: number; readonly decoderMicroseconds: number };
  readonly beam4: { readonly encoderMicroseconds: number; readonly decoderMicroseconds: number };
}

/** The table of speeds on WMT14 English to German. */
export const publishedSpeeds: readonly PublishedSpeed[] = [
  speed("multi-head", "shazeer-2019-wmt-mha", 13.2, [1.7, 46], [2.0, 203]),
  speed("multi-query", "shazeer-2019-wmt-mqa", 13.0, [1.5, 3.8], [1.6, 32]),
  speed("multi-head local", "shazeer-2019-wmt-mha-local", 13.2, [1.7, 23], [1.9, 47]),
  speed("multi-query local", "shazeer-2019-wmt-mqa-local", 13.0, [1.5, 3.3], [1.6, 16]),
];

/** Quality on WMT14 English to German; null where the paper prints none. */
export interface PublishedTranslationQuality {
  readonly attention: string;
  readonly modelId: string;
  readonly heads: number;
  readonly headDim: number;
  readonly dFf: number;
  readonly logPerplexityDev: number;
  readonly bleuDev: number;
  readonly bleuTestBeam1: number | null;
  readonly bleuTestBeam4: number | null;
}

export const publishedTranslationQuality: readonly PublishedTranslationQuality[] = [
  quality("multi-head", "shazeer-2019-wmt-mha", [8, 128, 4096], 1.424, [26.7, 27.7, 28.4]),
  quality("multi-query", "shazeer-2019-wmt-mqa", [8, 128, 5440], 1.439, [26.5, 27.5, 28.5]),
  quality("multi-head local", "shazeer-2019-wmt-mha-local", [8, 128, 4096], 1.427, [26.6, 27.5, 28.3]),
  quality("multi-query local", "shazeer-2019-wmt-mqa-local", [8, 128, 5440], 1.437, [26.5, 27.6, 28.2]),
  quality("multi-head, 1 head", "shazeer-2019-wmt-mha-h1-d128", [1, 128, 6784], 1.518, [25.8, null, null]),
  quality("multi-head, 2 heads", "shazeer-2019-wmt-mha-h2-d64", [2, 64, 6784], 1.48, [26.2, 26.8, 27.9]),
  quality("multi-head, 4 heads", "shazeer-2019-wmt-mha-h4-d32", [4, 32, 6784], 1.488, [26.1, null, null]),
  quality("multi-head, 8 heads of 16", "shazeer-2019-wmt-mha-h8-d16", [8, 16, 6784], 1.513, [25.8, null, null]),
];

/** Quality of the language models on the Billion Word benchmark. */
export interface PublishedLanguageQuality {
  readonly attention: string;
  readonly modelId: string;
  readonly dFf: number;
  readonly perplexityDev: number;
}

export const publishedLanguageQuality: readonly PublishedLanguageQuality[] = [
  { attention: "multi-head", modelId: "shazeer-2019-lm-mha", dFf: 8192, perplexityDev: 29.9 },
  { attention: "multi-query", modelId: "shazeer-2019-lm-mqa", dFf: 9088, perplexityDev: 30.2 },
  { attention: "multi-head, 1 head", modelId: "shazeer-2019-lm-mha-h1-d128", dFf: 9984, perplexityDev: 31.2 },
  { attention: "multi-head, 2 heads", modelId: "shazeer-2019-lm-mha-h2-d64", dFf: 9984, perplexityDev: 31.1 },
  { attention: "multi-head, 4 heads", modelId: "shazeer-2019-lm-mha-h4-d32", dFf: 9984, perplexityDev: 31.0 },
  { attention: "multi-head, 8 heads of 16", modelId: "shazeer-2019-lm-mha-h8-d16", dFf: 9984, perplexityDev: 30.9 },
];

function speed(
  attention: string,
  modelId: string,
  trainingMicroseconds: number,
  greedy: readonly [encoder: number, decoder: number],
  beam4: readonly [encoder: number, decoder: number],
): PublishedSpeed {
  return {
    attention,
    modelId,
    trainingMicroseconds,
    greedy: { encoderMicroseconds: greedy[0], decoderMicroseconds: greedy[1] },
    beam4: { encoderMicroseconds: beam4[0], decoderMicroseconds: beam4[1] },
  };
}

function quality(
  attention: string,
  modelId: string,
  shape: readonly [heads: number, headDim: number, dFf: number],
  logPerplexityDev: number,
  bleu: readonly [dev: number, testBeam1: number | null, testBeam4: number | null],
): PublishedTranslationQuality {
  const [heads, headDim, dFf] = shape;
  const [bleuDev, bleuTestBeam1, bleuTestBeam4] = bleu;
  return { attention, modelId, heads, headDim, dFf, logPerplexityDev, bleuDev, bleuTestBeam1, bleuTestBeam4 };
}
