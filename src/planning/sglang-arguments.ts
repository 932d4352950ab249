/**
 * `sglang.launch_server` for one replica.
 *   --tp-size                devices of a stage; with --enable-dp-attention they are --dp-size groups
 *   --max-running-requests   over all groups, and so is --chunked-prefill-size
 *   --mem-fraction-static    weights and the pool of caches, nothing else
 * Read from: SGLang's docs/advanced_features (server_arguments.md at 004813e, dp_dpa_smg_guide.md at 0f4513c,
 * speculative_decoding.md at 067ad4d) and python/sglang/srt/server_args.py, which divides by the groups.
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
  fp8: "fp8_e4m3",
  mxfp4: "fp4_e2m1",
};

/** The setup is checked already. */
export function sglangArguments(setup: EngineSetup): EngineArguments {
  const { pipeline, expert, dataGroups, separated } = setup;
  const weights = weightOptions(setup, ownWeightOptions);
  const cache = cacheFormats[setup.kvCache];
  const draft = draftOptions(setup);
  const options = [
    `--model-path ${shellWord(setup.modelId)}`,
    `--tp-size ${stageDevices(setup)}`,
    ...(pipeline > 1 ? [`--pp-size ${pipeline}`] : []),
    ...(dataGroups > 1 ? [`--dp-size ${dataGroups}`, "--enable-dp-attention"] : []),
    ...(expert > 1 ? [`--ep-size ${expert}`] : []),
    ...weights.options,
    `--kv-cache-dtype ${cache ?? "auto"}`,
    `--context-length ${setup.maxContext}`,
    // Rounded down to whole groups by the engine, so up here.
    `--max-running-requests ${Math.ceil(setup.maxSequences / dataGroups) * dataGroups}`,
    `--chunked-prefill-size ${setup.stepTokens}`,
    `--mem-fraction-static ${shareText(setup.memoryShare)}`,
    ...(setup.prefixCaching ? [] : ["--disable-radix-cache"]),
    ...draft.options,
    ...(separated === null ? [] : [`--disaggregation-mode ${separated}`]),
  ];
  const nodes = nodesOf(setup);
  return {
    engine: "sglang",
    command: commandText("python -m sglang.launch_server", options),
    notes: [
      ...weights.notes,
      ...(cache === undefined ? [noCacheNote("SGLang", setup)] : []),
      ...draft.notes,
      ...(separated === null
        ? []
        : ["needs the Mooncake or NIXL library, and sglang_router.launch_router --pd-disaggregation in front"]),
      ...(nodes > 1
        ? [`on ${nodes} nodes: run it on each with --nnodes ${nodes}, --node-rank and --dist-init-addr`]
        : []),
      ...commonNotes(setup),
    ],
  };
}

function ownWeightOptions(weights: string): OptionPart {
  if (weights === "int8") {
    return { options: ["--quantization w8a8_int8"], notes: ["int8 weights: give a checkpoint in int8"] };
  }
  if (/^q\d/.test(weights)) {
    return {
      options: ["--load-format gguf", "--quantization gguf"],
      notes: [`${weights} weights: give a GGUF file in place of the model`],
    };
  }
  if (weights.startsWith("int4")) {
    return { options: [], notes: [fourBitNote(weights)] };
  }
  if (weights.startsWith("bits:")) return { options: [], notes: [`no checkpoint of SGLang has ${weights} weights`] };
  return { options: [], notes: [`${weights} weights: give a checkpoint in that format, which is found in it`] };
}

function draftOptions({ speculative, dataGroups }: EngineSetup): OptionPart {
  if (speculative === null) return { options: [], notes: [] };
  const { tokens, draft } = speculative;
  return {
    options: [
      `--speculative-algorithm ${draft === null ? "EAGLE" : "STANDALONE"}`,
      ...(draft === null ? [] : [`--speculative-draft-model-path ${shellWord(draft)}`]),
      `--speculative-num-steps ${tokens}`,
      "--speculative-eagle-topk 1",
      // One chain of drafts, and the token before it.
      `--speculative-num-draft-tokens ${tokens + 1}`,
    ],
    notes: [
      ...(draft === null
        ? ["a model without MTP heads takes --speculative-draft-model-path with an EAGLE head"]
        : dataGroups > 1
          ? ["STANDALONE does not go with --enable-dp-attention"]
          : []),
    ],
  };
}
