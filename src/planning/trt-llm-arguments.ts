/**
 * `trtllm-serve` for one replica, with the file of options that its command line lacks.
 *   --tp_size               devices of a stage; with enable_attention_dp each one holds all of the attention
 *   --max_batch_size        of each device under enable_attention_dp, and so is --max_num_tokens
 *   --kv_cache_free_gpu_memory_fraction   of what weights and buffers leave:
 *                           (weights and cache − weights) / (1 − weights − buffers), as shares of the device's memory
 * Read from: TensorRT-LLM's tensorrt_llm/commands/serve.py at 00209af and docs/source/features (parallel-strategy.md at 65b31db,
 * speculative-decoding.md at 04c8822, disagg-serving.md at 0434b98, quantization.md at 09d4c79).
 */
import {
  commandText,
  commonNotes,
  type EngineArguments,
  type EngineSetup,
  floatTypes,
  noCacheNote,
  nodesOf,
  shareText,
  shellWord,
  stageDevices,
} from "./engine-setup.ts";

const optionsFile = "extra-llm-api-options.yaml";
/** kv_cache_config.dtype; "auto" is the model's own 16 bits. */
const cacheFormats: Readonly<Record<string, string>> = { bf16: "auto", fp16: "auto", fp8: "fp8", nvfp4: "nvfp4" };

/** The setup is checked already. */
export function trtLlmArguments(setup: EngineSetup): EngineArguments {
  const { tensor, pipeline, expert, dataGroups, separated, weightShare } = setup;
  const ranks = dataGroups > 1 ? stageDevices(setup) : 1;
  const freeShare = (setup.memoryShare - weightShare) / (1 - weightShare - setup.bufferShare);
  const cache = cacheFormats[setup.kvCache];
  const options = [
    `--tp_size ${stageDevices(setup)}`,
    ...(pipeline > 1 ? [`--pp_size ${pipeline}`] : []),
    ...(expert > 1 ? [`--ep_size ${expert}`] : []),
    `--max_batch_size ${Math.ceil(setup.maxSequences / ranks)}`,
    `--max_num_tokens ${Math.ceil(setup.stepTokens / ranks)}`,
    `--max_seq_len ${setup.maxContext}`,
    `--kv_cache_free_gpu_memory_fraction ${shareText(Math.min(1, freeShare))}`,
    `--extra_llm_api_options ${optionsFile}`,
  ];
  const file = optionLines(setup, cache ?? "auto");
  const nodes = nodesOf(setup);
  return {
    engine: "trt-llm",
    command: [
      `cat > ${optionsFile} <<'EOF'`,
      ...file,
      "EOF",
      commandText(`trtllm-serve ${shellWord(setup.modelId)}`, options),
    ].join("\n"),
    notes: [
      `the fraction is of the memory that weights and buffers leave: ${shareText(weightShare)} and ${shareText(setup.bufferShare)} of the device were planned for these`,
      ...weightNotes(setup),
      ...(cache === undefined ? [noCacheNote("TensorRT-LLM", setup)] : []),
      ...(dataGroups > 1 && tensor > 1
        ? [`attention is copied to each of the ${ranks} devices of a stage: groups of ${tensor} are not offered`]
        : []),
      ...draftNotes(setup),
      ...(separated === null
        ? []
        : ["needs `trtllm-serve disaggregated` in front, with the addresses of all replicas"]),
      ...(nodes > 1 ? [`on ${nodes} nodes: start it by mpirun or srun through trtllm-llmapi-launch`] : []),
      ...commonNotes(setup),
    ],
  };
}

/** The file's lines of YAML. Names stand as JSON strings, which are YAML strings too. */
function optionLines(setup: EngineSetup, cache: string): string[] {
  const { weights, dataGroups, speculative, separated } = setup;
  const float = weights === null ? undefined : floatTypes[weights];
  // Draft models and prefill replicas run without it in the engine's own examples.
  const needsNoOverlap = separated === "prefill" || (speculative !== null && speculative.draft !== null);
  return [
    ...(float === undefined ? [] : [`dtype: ${float}`]),
    "enable_chunked_prefill: true",
    ...(dataGroups > 1 ? ["enable_attention_dp: true"] : []),
    ...(needsNoOverlap ? ["disable_overlap_scheduler: true"] : []),
    "kv_cache_config:",
    `  dtype: ${cache}`,
    `  enable_block_reuse: ${setup.prefixCaching}`,
    ...(speculative === null ? [] : speculativeLines(speculative)),
    ...(separated === null
      ? []
      : ["cache_transceiver_config:", "  backend: DEFAULT", `  max_tokens_in_buffer: ${setup.maxContext}`]),
  ];
}

function speculativeLines({ tokens, draft }: NonNullable<EngineSetup["speculative"]>): string[] {
  const own =
    draft === null ? [`num_nextn_predict_layers: ${tokens}`] : [`speculative_model: ${JSON.stringify(draft)}`];
  const lines = [`decoding_type: ${draft === null ? "MTP" : "DraftTarget"}`, `max_draft_len: ${tokens}`, ...own];
  return ["speculative_config:", ...lines.map((line) => `  ${line}`)];
}

function draftNotes({ speculative }: EngineSetup): string[] {
  if (speculative === null) return [];
  return speculative.draft === null
    ? ["MTP needs a model with MTP heads; others take Eagle3 and a speculative_model"]
    : ["some releases spell DraftTarget as Draft_Target"];
}

function weightNotes({ weights }: EngineSetup): string[] {
  if (weights === null || floatTypes[weights] !== undefined) return [];
  if (weights === "int8") return ["its PyTorch backend does not multiply int8 weights"];
  if (/^q\d/.test(weights)) return [`it does not read GGUF files: no ${weights} weights`];
  if (weights.startsWith("bits:")) return [`no checkpoint of TensorRT-LLM has ${weights} weights`];
  const kind = weights.startsWith("int4") ? "AWQ or GPTQ" : "TensorRT Model Optimizer";
  return [`${weights} weights: give a checkpoint of ${kind}; a 16-bit one is not rounded as it loads`];
}
