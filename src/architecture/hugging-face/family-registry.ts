/** All families of Hugging Face configurations, and which one a name belongs to. */

import { baichuan } from "./families/baichuan.ts";
import { bloom } from "./families/bloom.ts";
import { chatglm } from "./families/chatglm.ts";
import { cohere } from "./families/cohere.ts";
import { dbrx } from "./families/dbrx.ts";
import { deepseek } from "./families/deepseek.ts";
import { deepseekMoe } from "./families/deepseek-moe.ts";
import { exaone } from "./families/exaone.ts";
import { falcon } from "./families/falcon.ts";
import { gemma } from "./families/gemma.ts";
import { gemma2 } from "./families/gemma2.ts";
import { gemma3 } from "./families/gemma3.ts";
import { gemma4 } from "./families/gemma4.ts";
import { glm } from "./families/glm.ts";
import { glm4Moe } from "./families/glm4-moe.ts";
import { gptBigcode } from "./families/gpt-bigcode.ts";
import { gptNeo } from "./families/gpt-neo.ts";
import { gptNeox } from "./families/gpt-neox.ts";
import { gptOss } from "./families/gpt-oss.ts";
import { gpt2 } from "./families/gpt2.ts";
import { gptj } from "./families/gptj.ts";
import { granite } from "./families/granite.ts";
import { graniteMoe } from "./families/granite-moe.ts";
import { internlm } from "./families/internlm.ts";
import { llama } from "./families/llama.ts";
import { llama4 } from "./families/llama4.ts";
import { mimo } from "./families/mimo.ts";
import { minimaxM2 } from "./families/minimax-m2.ts";
import { mistral } from "./families/mistral.ts";
import { mixtral } from "./families/mixtral.ts";
import { mpt } from "./families/mpt.ts";
import { nemotron } from "./families/nemotron.ts";
import { olmo } from "./families/olmo.ts";
import { olmo2 } from "./families/olmo2.ts";
import { olmoe } from "./families/olmoe.ts";
import { opt } from "./families/opt.ts";
import { phi } from "./families/phi.ts";
import { phi3 } from "./families/phi3.ts";
import { phimoe } from "./families/phimoe.ts";
import { qwen } from "./families/qwen.ts";
import { qwen2 } from "./families/qwen2.ts";
import { qwen2Moe } from "./families/qwen2-moe.ts";
import { qwen3 } from "./families/qwen3.ts";
import { qwen3Moe } from "./families/qwen3-moe.ts";
import { qwen3Next } from "./families/qwen3-next.ts";
import { smollm3 } from "./families/smollm3.ts";
import { stablelm } from "./families/stablelm.ts";
import { starcoder2 } from "./families/starcoder2.ts";
import { t5 } from "./families/t5.ts";
import type { HuggingFaceFamily } from "./hugging-face-family.ts";

/** Each file of families/ once; a test holds folder and list together. */
export const huggingFaceFamilies: readonly HuggingFaceFamily[] = [
  baichuan,
  bloom,
  chatglm,
  cohere,
  dbrx,
  deepseekMoe,
  deepseek,
  exaone,
  falcon,
  gemma,
  gemma2,
  gemma3,
  gemma4,
  glm,
  glm4Moe,
  gptBigcode,
  gptNeo,
  gptNeox,
  gptOss,
  gpt2,
  gptj,
  graniteMoe,
  granite,
  internlm,
  llama,
  llama4,
  mimo,
  minimaxM2,
  mistral,
  mixtral,
  mpt,
  nemotron,
  olmo,
  olmo2,
  olmoe,
  opt,
  phi,
  phi3,
  phimoe,
  qwen,
  qwen2Moe,
  qwen2,
  qwen3Moe,
  qwen3Next,
  qwen3,
  smollm3,
  stablelm,
  starcoder2,
  t5,
];

const byArchitecture: ReadonlyMap<string, HuggingFaceFamily> = new Map(
  huggingFaceFamilies.flatMap((family) => family.architectures.map((name) => [name, family] as const)),
);

const byModelType: ReadonlyMap<string, HuggingFaceFamily> = new Map(
  huggingFaceFamilies.flatMap((family) => family.modelTypes.map((name) => [name, family] as const)),
);

/** The family of a class name under architectures; null where it is unknown. */
export function familyOfArchitecture(name: string): HuggingFaceFamily | null {
  return byArchitecture.get(name) ?? null;
}

/** The family of a model_type; null where it is unknown. */
export function familyOfModelType(name: string): HuggingFaceFamily | null {
  return byModelType.get(name) ?? null;
}

/** Every class name that is known, in the order of the families. */
export function knownArchitectures(): readonly string[] {
  return [...byArchitecture.keys()];
}
