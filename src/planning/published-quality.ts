/**
 * What was published of the quality of models that differ in one thing: the attention, its reach, the format of the cache or of the
 * weights. They are other models than the one that is planned, most of them smaller, and each figure says which.
 * Taken whole, not chosen by outcome: of LMDeploy's page the two tasks MMLU and GSM8K of all its models, of KIVI's table 3 CoQA and GSM8K
 * of its four models, of TensorRT-LLM's and SGLang's pages all rows.
 */
import {
  paperSource,
  publishedLanguageQuality,
  publishedTranslationQuality,
} from "../analysis/published-decoding-speed.ts";

export type QualityAspect = "attention" | "window" | "kv-cache" | "weights";

/** One quantity measured of variants of one model. */
export interface QualitySeries {
  readonly aspect: QualityAspect;
  /** Whose quality it is. */
  readonly model: string;
  readonly measured: string;
  readonly better: "higher" | "lower";
  /** By variant, as quality-of-change.ts names them: "mha", "gqa:8", "16-bit", "int8". */
  readonly values: Readonly<Record<string, number>>;
  /** What a reader has to know besides; null: nothing. */
  readonly note: string | null;
  /** Short: "Ainslie et al. 2023". */
  readonly cite: string;
  readonly source: string;
}

type Published = Pick<QualitySeries, "aspect" | "better" | "note" | "cite" | "source">;

const shazeer = { cite: "Shazeer 2019", source: `${paperSource}, section 4` } as const;

const sameParameters: Published = {
  ...{ aspect: "attention", better: "lower", ...shazeer },
  note: "trained from the start, feed-forward widened to keep the parameters",
};
const local: Published = { aspect: "window", better: "lower", note: "trained from the start", ...shazeer };

const ainslie: Published = {
  ...{ aspect: "attention", better: "higher" },
  note: "MQA and GQA uptrained from MHA with 5 % of the pre-training",
  cite: "Ainslie et al. 2023",
  source:
    "J. Ainslie et al., GQA: Training Generalized Multi-Query Transformer Models, 2023 (arXiv 2305.13245), table 1",
};

const deepSeek: Published = {
  ...{ aspect: "attention", better: "higher", note: "layers adjusted to keep about 7 B parameters" },
  cite: "DeepSeek-V2 2024",
  source: "DeepSeek-AI, DeepSeek-V2, 2024 (arXiv 2405.04434), appendix D.1, table 8",
};
const deepSeekLatent: Published = {
  ...{ aspect: "attention", better: "higher", note: "trained from the start, the MLA model 0.6 to 1.4 % smaller" },
  cite: "DeepSeek-V2 2024",
  source: "DeepSeek-AI, DeepSeek-V2, 2024 (arXiv 2405.04434), appendix D.2, table 9",
};

const lmDeploy: Published = {
  ...{ aspect: "kv-cache", better: "higher", note: "one scale a head and token" },
  cite: "LMDeploy",
  source: "InternLM/lmdeploy@0bf868e docs/en/quantization/kv_quant.md, Evaluation (OpenCompass)",
};
const kivi: Published = {
  ...{ aspect: "kv-cache", better: "higher", note: "keys by channel in groups of 32, the last 128 tokens in 16 bits" },
  cite: "KIVI 2024",
  source: "Z. Liu et al., KIVI, 2024 (arXiv 2402.02750), table 3, from a transcription",
};
const sgLang: Published = {
  ...{ aspect: "kv-cache", better: "higher", note: "preliminary; fp4 in blocks of 16" },
  cite: "SGLang",
  source: "sgl-project/sglang@03cd2ec docs/advanced_features/quantized_kv_cache.md, Accuracy Impact",
};

const tensorRtLlm: Published = {
  ...{
    aspect: "weights",
    better: "higher",
    note: "fp8 and int8 (SmoothQuant) of weights and activations, int4 by AWQ",
  },
  cite: "TensorRT-LLM",
  source: "NVIDIA/TensorRT-LLM@2ee99e8 docs/source/blogs/quantization-in-TRT-LLM.md, Accuracy",
};
const llamaCpp: Published = {
  ...{ aspect: "weights", better: "lower", note: null },
  cite: "llama.cpp",
  source: "ggml-org/llama.cpp examples/perplexity/README.md, Llama 2 70B Scorechart",
};

const translationModel = "translation model of 211 M";
const multiHead = { mha: "shazeer-2019-wmt-mha", mqa: "shazeer-2019-wmt-mqa" };

export const publishedQuality: readonly QualitySeries[] = [
  translation(sameParameters, "ln perplexity on WMT14 (dev)", multiHead, "logPerplexityDev"),
  translation({ ...sameParameters, better: "higher" }, "BLEU on WMT14 (test, beam 1)", multiHead, "bleuTestBeam1"),
  translation({ ...sameParameters, better: "higher" }, "BLEU on WMT14 (test, beam 4)", multiHead, "bleuTestBeam4"),
  series(sameParameters, "language model of 192 M", "perplexity on Billion Word (dev)", {
    mha: language("shazeer-2019-lm-mha"),
    mqa: language("shazeer-2019-lm-mqa"),
  }),
  // As printed; the mean of MQA's seven scores in the same table is 46.76.
  series(ainslie, "T5-XXL", "average over 7 tasks", { mha: 47.2, "gqa:8": 47.1, mqa: 46.6 }),
  series(deepSeek, "dense 7B", "BBH", { mha: 37.0, "gqa:8": 35.6, mqa: 33.2 }),
  series(deepSeek, "dense 7B", "MMLU", { mha: 45.2, "gqa:8": 41.2, mqa: 37.9 }),
  series(deepSeek, "dense 7B", "C-Eval", { mha: 42.9, "gqa:8": 37.7, mqa: 30.0 }),
  series(deepSeek, "dense 7B", "CMMLU", { mha: 43.5, "gqa:8": 38.4, mqa: 34.6 }),
  series(deepSeekLatent, "mixture of 16B", "BBH", { mha: 37.9, mla: 39.0 }),
  series(deepSeekLatent, "mixture of 16B", "MMLU", { mha: 48.7, mla: 50.0 }),
  series(deepSeekLatent, "mixture of 16B", "C-Eval", { mha: 51.6, mla: 50.9 }),
  series(deepSeekLatent, "mixture of 16B", "CMMLU", { mha: 52.3, mla: 53.4 }),
  series(deepSeekLatent, "mixture of 250B", "BBH", { mha: 46.6, mla: 50.7 }),
  series(deepSeekLatent, "mixture of 250B", "MMLU", { mha: 57.5, mla: 59.0 }),
  series(deepSeekLatent, "mixture of 250B", "C-Eval", { mha: 57.9, mla: 59.2 }),
  series(deepSeekLatent, "mixture of 250B", "CMMLU", { mha: 60.7, mla: 62.5 }),

  ...windows("multi-head", "shazeer-2019-wmt-mha", "shazeer-2019-wmt-mha-local"),
  ...windows("multi-query", "shazeer-2019-wmt-mqa", "shazeer-2019-wmt-mqa-local"),

  series(lmDeploy, "Llama-2-7B-chat", "MMLU", { "16-bit": 35.64, int8: 35.58, int4: 34.79 }),
  series(lmDeploy, "Llama-2-7B-chat", "GSM8K", { "16-bit": 28.2, int8: 28.05, int4: 27.37 }),
  series(lmDeploy, "InternLM2-chat-7B", "MMLU", { "16-bit": 63.91, int8: 64, int4: 62.36 }),
  series(lmDeploy, "InternLM2-chat-7B", "GSM8K", { "16-bit": 70.13, int8: 69.75, int4: 66.87 }),
  series(lmDeploy, "Qwen1.5-7B-chat", "MMLU", { "16-bit": 61.48, int8: 61.56, int4: 60.65 }),
  series(lmDeploy, "Qwen1.5-7B-chat", "GSM8K", { "16-bit": 54.97, int8: 56.41, int4: 54.74 }),
  series(kivi, "Llama-2-7B", "CoQA", { "16-bit": 63.88, int4: 63.78, "2-bit": 63.05 }),
  series(kivi, "Llama-2-7B", "GSM8K", { "16-bit": 13.5, int4: 13.8, "2-bit": 12.74 }),
  series(kivi, "Llama-2-13B", "CoQA", { "16-bit": 66.37, int4: 66.38, "2-bit": 66.23 }),
  series(kivi, "Llama-2-13B", "GSM8K", { "16-bit": 22.67, int4: 23.65, "2-bit": 20.77 }),
  series(kivi, "Falcon-7B (MQA)", "CoQA", { "16-bit": 59.83, int4: 59.67, "2-bit": 57.48 }),
  series(kivi, "Falcon-7B (MQA)", "GSM8K", { "16-bit": 4.55, int4: 4.47, "2-bit": 3.41 }),
  series(kivi, "Mistral-7B", "CoQA", { "16-bit": 67.4, int4: 66.95, "2-bit": 66.35 }),
  series(kivi, "Mistral-7B", "GSM8K", { "16-bit": 38.36, int4: 37.3, "2-bit": 36.01 }),
  series(sgLang, "Qwen3-235B-A22B", "GSM8K", { "16-bit": 91.68, fp8: 91.81, fp4: 91.86 }),
  series(sgLang, "Qwen3-235B-A22B", "AIME 2025", { "16-bit": 77.33, fp8: 73.33, fp4: 60 }),
  series(sgLang, "Qwen3-235B-A22B", "GPQA Diamond", { "16-bit": 70.1, fp8: 68.99, fp4: 67.78 }),
  series(sgLang, "DeepSeek-R1-0528 (MLA)", "GSM8K", { "16-bit": 91.57, fp8: 91.54, fp4: 91.24 }),
  series(sgLang, "DeepSeek-R1-0528 (MLA)", "AIME 2025", { "16-bit": 50.67, fp8: 49.34, fp4: 40 }),
  series(sgLang, "DeepSeek-R1-0528 (MLA)", "GPQA Diamond", { "16-bit": 77.07, fp8: 76.97, fp4: 72.73 }),
  series(sgLang, "gpt-oss-120b", "GSM8K", { "16-bit": 91.61, fp8: 91.63, fp4: 91.52 }),
  series(sgLang, "gpt-oss-120b", "AIME 2025", { "16-bit": 75.33, fp8: 76.67, fp4: 35.33 }),
  series(sgLang, "gpt-oss-120b", "GPQA Diamond", { "16-bit": 50.81, fp8: 54.34, fp4: 32.02 }),

  series(tensorRtLlm, "Falcon-180B", "MMLU", { "16-bit": 70.4, fp8: 70.3, int8: 68.6, int4: 69.8 }),
  series(tensorRtLlm, "Falcon-40B", "MMLU", { "16-bit": 56.1, fp8: 55.6, int8: 54.7, int4: 55.5 }),
  series(tensorRtLlm, "Llama-2-70B", "MMLU", { "16-bit": 69.1, fp8: 68.5, int8: 67.2, int4: 68.4 }),
  series(tensorRtLlm, "MPT-30B", "MMLU", { "16-bit": 47.5, fp8: 47.4, int8: 46.8, int4: 46.5 }),
  series(llamaCpp, "Llama-2-70B", "perplexity", { "16-bit": 3.4313, q4_0: 3.555, q4_k_m: 3.4725 }),
];

function series(of: Published, model: string, measured: string, values: QualitySeries["values"]): QualitySeries {
  return { ...of, model, measured, values };
}

function translation(
  of: Published,
  measured: string,
  modelIds: Readonly<Record<string, string>>,
  figure: "logPerplexityDev" | "bleuTestBeam1" | "bleuTestBeam4",
  model: string = translationModel,
): QualitySeries {
  const values = Object.entries(modelIds).flatMap(([variant, id]) => {
    const value = publishedTranslationQuality.find((each) => each.modelId === id)?.[figure] ?? null;
    return value === null ? [] : [[variant, value] as const];
  });
  return series(of, model, measured, Object.fromEntries(values));
}

/** The decoder sees the current and the 31 tokens before it. */
function windows(attention: string, full: string, windowed: string): QualitySeries[] {
  const variants = { full, "window:32": windowed };
  const model = `${attention} ${translationModel}`;
  return [
    translation(local, "ln perplexity on WMT14 (dev)", variants, "logPerplexityDev", model),
    translation({ ...local, better: "higher" }, "BLEU on WMT14 (test, beam 4)", variants, "bleuTestBeam4", model),
  ];
}

function language(modelId: string): number {
  return publishedLanguageQuality.find((each) => each.modelId === modelId)?.perplexityDev ?? Number.NaN;
}
