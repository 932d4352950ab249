/** One name for an engine that its own and others' results spell in several ways. */
const names: readonly (readonly [RegExp, string])[] = [
  [/^(trt|tensorrt)[-_ ]?llm$/i, "trt-llm"],
  [/^vllm\b/i, "vllm"],
  [/^sglang$/i, "sglang"],
  [/^llama\.?cpp\b/i, "llama.cpp"],
];

/** @example engineName("TRTLLM") is "trt-llm", engineName("vLLM (ROCm fork)") is "vllm" */
export function engineName(label: string): string {
  return names.find(([spelling]) => spelling.test(label))?.[1] ?? label;
}
