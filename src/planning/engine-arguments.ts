/**
 * What starts one replica in vLLM, TensorRT-LLM and SGLang: commands as text, with notes on what an engine does otherwise than planned.
 * Options change from version to version; each engine's file says where its own were read.
 */
import { checkEngineSetup, type EngineArguments, type EngineSetup } from "./engine-setup.ts";
import { sglangArguments } from "./sglang-arguments.ts";
import { trtLlmArguments } from "./trt-llm-arguments.ts";
import { vllmArguments } from "./vllm-arguments.ts";

/**
 * The commands, one an engine.
 * @throws InvalidInput for a size that is not a whole number of at least 1, a share outside 0 to 1, an unknown format or an unusable name
 * @example tensor 4: "vllm serve meta-llama/Llama-3.1-70B-Instruct --tensor-parallel-size 4 …", an option a line
 */
export function engineArguments(setup: EngineSetup): EngineArguments[] {
  checkEngineSetup(setup);
  return [vllmArguments(setup), trtLlmArguments(setup), sglangArguments(setup)];
}
