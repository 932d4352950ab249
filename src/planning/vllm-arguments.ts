/**
 * `vllm serve` for one replica.
 *   --max-num-seqs, --max-num-batched-tokens   hold for each data-parallel rank
 *   --gpu-memory-utilization                   all that the engine takes: weights, caches, activations, graphs, buffers
 *   experts                                    spread over tensor × data ranks, no other number
 * Read from: vLLM's documentation 0.12 (serving/data_parallel_deployment, serving/expert_parallel_deployment,
 * features/nixl_connector_usage, features/speculative_decoding) and vllm/config/cache.py at 002f10e.
 */
import {
  commandText,
  commonNotes,
  type EngineArguments,
  type EngineSetup,
  fourBitNote,
  noCacheNote,
  nodesOf,
  type OptionPart,
  shareText,
  shellWord,
  stageDevices,
  weightOptions,
} from "./engine-setup.ts";

/** --kv-cache-dtype; "auto" is the model's own 16 bits. */
const cacheFormats: Readonly<Record<string, string>> = {
  bf16: "auto",
  fp16: "auto",
  fp8: "fp8",
  int8: "int8_per_token_head",
  int4: "int4_per_token_head",
  nvfp4: "nvfp4",
};

/** The setup is checked already. */
export function vllmArguments(setup: EngineSetup): EngineArguments {
  const { tensor, pipeline, expert, dataGroups, separated } = setup;
  const sequences = Math.ceil(setup.maxSequences / dataGroups);
  const weights = weightOptions(setup, (format) => ({ options: [], notes: [checkpointNote(format)] }));
  const cache = cacheOption(setup);
  const draft = draftOption(setup);
  const options = [
    `--tensor-parallel-size ${tensor}`,
    ...(pipeline > 1 ? [`--pipeline-parallel-size ${pipeline}`] : []),
    ...(dataGroups > 1 ? [`--data-parallel-size ${dataGroups}`] : []),
    ...(expert > 1 ? ["--enable-expert-parallel"] : []),
    ...weights.options,
    `--kv-cache-dtype ${cache.value}`,
    `--max-model-len ${setup.maxContext}`,
    `--max-num-seqs ${sequences}`,
    // The engine refuses fewer tokens a step than requests.
    `--max-num-batched-tokens ${Math.max(sequences, Math.ceil(setup.stepTokens / dataGroups))}`,
    `--gpu-memory-utilization ${shareText(setup.memoryShare + setup.bufferShare)}`,
    setup.prefixCaching ? "--enable-prefix-caching" : "--no-enable-prefix-caching",
    ...draft.options,
    ...(separated === null
      ? []
      : [jsonOption("--kv-transfer-config", { kv_connector: "NixlConnector", kv_role: roles[separated] })]),
  ];
  return {
    engine: "vllm",
    command: commandText(`vllm serve ${shellWord(setup.modelId)}`, options),
    notes: [
      ...weights.notes,
      ...cache.notes,
      ...(expert > 1 && expert !== stageDevices(setup)
        ? [`experts are spread over all ${stageDevices(setup)} devices of a stage, not over ${expert}`]
        : []),
      ...draft.notes,
      ...(separated === null
        ? []
        : ["needs the NIXL library, and a proxy that sends each prompt to a prefill replica first"]),
      ...nodeNotes(setup),
      ...commonNotes(setup),
    ],
  };
}

const roles = { prefill: "kv_producer", decode: "kv_consumer" } as const;

function checkpointNote(weights: string): string {
  if (weights.startsWith("int4")) return fourBitNote(weights);
  if (/^q\d/.test(weights)) return `${weights} weights: give a GGUF file and --tokenizer; vLLM calls this experimental`;
  if (weights.startsWith("bits:")) return `no checkpoint of vLLM has ${weights} weights`;
  return `${weights} weights: give a checkpoint in that format, which is found in it`;
}

function cacheOption(setup: EngineSetup): { readonly value: string; readonly notes: readonly string[] } {
  const value = cacheFormats[setup.kvCache.replace(/^int4:.*/, "int4")];
  if (value === undefined) {
    return { value: "auto", notes: [noCacheNote("vLLM", setup)] };
  }
  return { value, notes: [] };
}

function draftOption({ speculative, pipeline }: EngineSetup): OptionPart {
  if (speculative === null) return { options: [], notes: [] };
  const { tokens, draft } = speculative;
  const config =
    draft === null
      ? { method: "mtp", num_speculative_tokens: tokens }
      : { method: "draft_model", model: draft, num_speculative_tokens: tokens };
  return {
    options: [jsonOption("--speculative-config", config)],
    notes: [
      ...(draft === null ? ['a model without MTP heads takes "eagle3" and the name of an EAGLE head as "model"'] : []),
      ...(pipeline > 1 ? ["speculative decoding does not go with pipeline parallelism up to vLLM 0.15"] : []),
    ],
  };
}

function nodeNotes(setup: EngineSetup): string[] {
  const nodes = nodesOf(setup);
  if (nodes === 1) return [];
  return [
    setup.dataGroups > 1
      ? `on ${nodes} nodes: run it on each with --data-parallel-size-local, --data-parallel-start-rank and --data-parallel-address, and --headless on all but the first`
      : `on ${nodes} nodes: start a Ray cluster over them first`,
  ];
}

function jsonOption(name: string, value: Readonly<Record<string, string | number>>): string {
  return `${name} ${shellWord(JSON.stringify(value))}`;
}
