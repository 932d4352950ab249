import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { engineArguments } from "../../src/planning/engine-arguments.ts";
import { type EngineSetup, memorySharesOf, shareText, shellWord } from "../../src/planning/engine-setup.ts";

/** Llama 3.1 70B in fp8 on four devices: 0.21 of each are weights, 0.85 weights and cache, 0.06 buffers. */
const dense: EngineSetup = {
  modelId: "meta-llama/Llama-3.1-70B-Instruct",
  tensor: 4,
  pipeline: 1,
  expert: 1,
  dataGroups: 1,
  weights: "fp8",
  kvCache: "fp8",
  maxSequences: 256,
  maxContext: 4096,
  stepTokens: 8192,
  memoryShare: 0.85,
  weightShare: 0.21,
  bufferShare: 0.06,
  prefixCaching: true,
  speculative: null,
  separated: null,
  replicas: 1,
};
/** DeepSeek-V3 as published on two nodes: 16 groups of one device, experts over all of them. */
const wide: EngineSetup = {
  ...dense,
  modelId: "deepseek-ai/DeepSeek-V3",
  tensor: 1,
  expert: 16,
  dataGroups: 16,
  weights: null,
  kvCache: "bf16",
  maxSequences: 1030,
  maxContext: 131_072,
  stepTokens: 131_072,
  prefixCaching: false,
  speculative: { tokens: 1, draft: null },
  separated: "decode",
  replicas: 3,
};
const of = (setup: EngineSetup, engine: string) => {
  const found = engineArguments(setup).find((each) => each.engine === engine);
  if (found === undefined) throw new Error(engine);
  return found;
};
const yamlOf = (setup: EngineSetup): unknown =>
  parse(/<<'EOF'\n([\s\S]*?)\nEOF\n/.exec(of(setup, "trt-llm").command)?.[1] ?? "");

describe("a dense model on four devices", () => {
  test("vLLM: the memory's utilisation holds buffers too, 0.85 + 0.06", () => {
    expect(of(dense, "vllm")).toEqual({
      engine: "vllm",
      command: `vllm serve meta-llama/Llama-3.1-70B-Instruct \\
  --tensor-parallel-size 4 \\
  --quantization fp8 \\
  --kv-cache-dtype fp8 \\
  --max-model-len 4096 \\
  --max-num-seqs 256 \\
  --max-num-batched-tokens 8192 \\
  --gpu-memory-utilization 0.91 \\
  --enable-prefix-caching`,
      notes: ["--quantization fp8 rounds a 16-bit checkpoint as it loads; leave it out where the checkpoint is fp8"],
    });
  });

  test("SGLang: the static share is that of weights and cache alone", () => {
    expect(of(dense, "sglang")).toEqual({
      engine: "sglang",
      command: `python -m sglang.launch_server \\
  --model-path meta-llama/Llama-3.1-70B-Instruct \\
  --tp-size 4 \\
  --quantization fp8 \\
  --kv-cache-dtype fp8_e4m3 \\
  --context-length 4096 \\
  --max-running-requests 256 \\
  --chunked-prefill-size 8192 \\
  --mem-fraction-static 0.85`,
      notes: ["--quantization fp8 rounds a 16-bit checkpoint as it loads; leave it out where the checkpoint is fp8"],
    });
  });

  test("TensorRT-LLM: of the 0.73 that weights and buffers leave, the cache takes 0.64, which is 0.876", () => {
    expect(of(dense, "trt-llm")).toEqual({
      engine: "trt-llm",
      command: `cat > extra-llm-api-options.yaml <<'EOF'
enable_chunked_prefill: true
kv_cache_config:
  dtype: fp8
  enable_block_reuse: true
EOF
trtllm-serve meta-llama/Llama-3.1-70B-Instruct \\
  --tp_size 4 \\
  --max_batch_size 256 \\
  --max_num_tokens 8192 \\
  --max_seq_len 4096 \\
  --kv_cache_free_gpu_memory_fraction 0.876 \\
  --extra_llm_api_options extra-llm-api-options.yaml`,
      notes: [
        "the fraction is of the memory that weights and buffers leave: 0.21 and 0.06 of the device were planned for these",
        "fp8 weights: give a checkpoint of TensorRT Model Optimizer; a 16-bit one is not rounded as it loads",
      ],
    });
  });
});

describe("experts over sixteen devices, decoding apart from prefill, one drafted token", () => {
  test("vLLM: requests and tokens of each of the sixteen ranks, rounded up", () => {
    expect(of(wide, "vllm")).toEqual({
      engine: "vllm",
      command: `vllm serve deepseek-ai/DeepSeek-V3 \\
  --tensor-parallel-size 1 \\
  --data-parallel-size 16 \\
  --enable-expert-parallel \\
  --kv-cache-dtype auto \\
  --max-model-len 131072 \\
  --max-num-seqs 65 \\
  --max-num-batched-tokens 8192 \\
  --gpu-memory-utilization 0.91 \\
  --no-enable-prefix-caching \\
  --speculative-config '{"method":"mtp","num_speculative_tokens":1}' \\
  --kv-transfer-config '{"kv_connector":"NixlConnector","kv_role":"kv_consumer"}'`,
      notes: [
        'a model without MTP heads takes "eagle3" and the name of an EAGLE head as "model"',
        "needs the NIXL library, and a proxy that sends each prompt to a prefill replica first",
        "on 2 nodes: run it on each with --data-parallel-size-local, --data-parallel-start-rank and --data-parallel-address, and --headless on all but the first",
        "start it 3 times, once for each decode replica, behind a load balancer",
      ],
    });
  });

  test("SGLang: all of the replica's requests and tokens, in whole groups", () => {
    expect(of(wide, "sglang")).toEqual({
      engine: "sglang",
      command: `python -m sglang.launch_server \\
  --model-path deepseek-ai/DeepSeek-V3 \\
  --tp-size 16 \\
  --dp-size 16 \\
  --enable-dp-attention \\
  --ep-size 16 \\
  --kv-cache-dtype auto \\
  --context-length 131072 \\
  --max-running-requests 1040 \\
  --chunked-prefill-size 131072 \\
  --mem-fraction-static 0.85 \\
  --disable-radix-cache \\
  --speculative-algorithm EAGLE \\
  --speculative-num-steps 1 \\
  --speculative-eagle-topk 1 \\
  --speculative-num-draft-tokens 2 \\
  --disaggregation-mode decode`,
      notes: [
        "a model without MTP heads takes --speculative-draft-model-path with an EAGLE head",
        "needs the Mooncake or NIXL library, and sglang_router.launch_router --pd-disaggregation in front",
        "on 2 nodes: run it on each with --nnodes 2, --node-rank and --dist-init-addr",
        "start it 3 times, once for each decode replica, behind a load balancer",
      ],
    });
  });

  test("TensorRT-LLM: attention by data in the file, requests and tokens of each device", () => {
    expect(of(wide, "trt-llm")).toEqual({
      engine: "trt-llm",
      command: `cat > extra-llm-api-options.yaml <<'EOF'
enable_chunked_prefill: true
enable_attention_dp: true
kv_cache_config:
  dtype: auto
  enable_block_reuse: false
speculative_config:
  decoding_type: MTP
  max_draft_len: 1
  num_nextn_predict_layers: 1
cache_transceiver_config:
  backend: DEFAULT
  max_tokens_in_buffer: 131072
EOF
trtllm-serve deepseek-ai/DeepSeek-V3 \\
  --tp_size 16 \\
  --ep_size 16 \\
  --max_batch_size 65 \\
  --max_num_tokens 8192 \\
  --max_seq_len 131072 \\
  --kv_cache_free_gpu_memory_fraction 0.876 \\
  --extra_llm_api_options extra-llm-api-options.yaml`,
      notes: [
        "the fraction is of the memory that weights and buffers leave: 0.21 and 0.06 of the device were planned for these",
        "MTP needs a model with MTP heads; others take Eagle3 and a speculative_model",
        "needs `trtllm-serve disaggregated` in front, with the addresses of all replicas",
        "on 2 nodes: start it by mpirun or srun through trtllm-llmapi-launch",
        "start it 3 times, once for each decode replica, behind a load balancer",
      ],
    });
  });
});

test("a draft model is named in all three, and pipelines and prefill replicas have their options", () => {
  const drafted: EngineSetup = {
    ...dense,
    pipeline: 2,
    weights: "bf16",
    speculative: { tokens: 4, draft: "meta-llama/Llama-3.2-1B-Instruct" },
    separated: "prefill",
  };
  const vllm = of(drafted, "vllm");
  expect(vllm.command).toContain("--pipeline-parallel-size 2 \\\n  --dtype bfloat16");
  expect(vllm.command).toContain(
    `--speculative-config '{"method":"draft_model","model":"meta-llama/Llama-3.2-1B-Instruct","num_speculative_tokens":4}'`,
  );
  expect(vllm.command).toContain('"kv_role":"kv_producer"');
  expect(vllm.notes).toContain("speculative decoding does not go with pipeline parallelism up to vLLM 0.15");
  const { command } = of(drafted, "sglang");
  expect(command).toContain("--pp-size 2");
  expect(command).toContain("--speculative-algorithm STANDALONE \\\n  --speculative-draft-model-path meta-llama/");
  expect(command).toContain(
    "--speculative-num-steps 4 \\\n  --speculative-eagle-topk 1 \\\n  --speculative-num-draft-tokens 5",
  );
  expect(command).toContain("--disaggregation-mode prefill");
  expect(of(drafted, "trt-llm").command).toContain("--pp_size 2");
  expect(yamlOf(drafted)).toEqual({
    dtype: "bfloat16",
    enable_chunked_prefill: true,
    disable_overlap_scheduler: true,
    kv_cache_config: { dtype: "fp8", enable_block_reuse: true },
    speculative_config: {
      decoding_type: "DraftTarget",
      max_draft_len: 4,
      speculative_model: "meta-llama/Llama-3.2-1B-Instruct",
    },
    cache_transceiver_config: { backend: "DEFAULT", max_tokens_in_buffer: 4096 },
  });
});

test("what an engine cannot do is said: int8 caches, expert groups inside a tensor group, groups of two", () => {
  const int8 = { ...dense, kvCache: "int8" };
  expect(of(int8, "vllm").command).toContain("--kv-cache-dtype int8_per_token_head");
  for (const [engine, name] of [
    ["sglang", "SGLang"],
    ["trt-llm", "TensorRT-LLM"],
  ] as const) {
    expect(of(int8, engine).notes).toContain(`${name} keeps no cache in int8: this one has the model's own format`);
  }
  expect(of({ ...dense, kvCache: "q8_0" }, "vllm").notes).toContain(
    "vLLM keeps no cache in q8_0: this one has the model's own format",
  );
  const grouped = { ...wide, tensor: 4, expert: 2, dataGroups: 1 };
  expect(of(grouped, "vllm").notes).toContain("experts are spread over all 4 devices of a stage, not over 2");
  expect(of({ ...grouped, expert: 4 }, "vllm").notes.join()).not.toContain("spread over all");
  const pairs = { ...wide, tensor: 2, dataGroups: 8 };
  expect(of(pairs, "trt-llm").notes).toContain(
    "attention is copied to each of the 16 devices of a stage: groups of 2 are not offered",
  );
  expect(of({ ...wide, speculative: { tokens: 2, draft: "a/b" } }, "sglang").notes).toContain(
    "STANDALONE does not go with --enable-dp-attention",
  );
});

test("each format that is not 16 or 32 bits has a note that names it, and those have none", () => {
  const formats = ["int8", "int4", "int4:32", "mxfp4", "nvfp4", "q8_0", "q4_0", "q4_k_m", "bits:6.5", "fp8"];
  for (const weights of formats) {
    for (const { notes, engine } of engineArguments({ ...dense, weights })) {
      expect(notes.join("\n"), engine).toContain(weights);
    }
  }
  for (const weights of [null, "fp16", "bf16", "fp32"]) {
    for (const { notes, engine } of engineArguments({ ...dense, weights })) {
      expect(notes.length, `${engine} ${weights}`).toBe(engine === "trt-llm" ? 1 : 0);
    }
  }
});

test("vLLM is never asked for fewer tokens a step than requests", () => {
  expect(of({ ...dense, stepTokens: 100 }, "vllm").command).toContain("--max-num-batched-tokens 256");
});

test("eight devices of a node need no word on nodes, nine do, and a node of four devices is full at four", () => {
  const nodes = (setup: EngineSetup) =>
    engineArguments(setup).map(({ notes }) => notes.join().includes("on 2 nodes: "));
  expect(nodes({ ...dense, tensor: 8 })).toEqual([false, false, false]);
  expect(nodes({ ...dense, tensor: 9 })).toEqual([true, true, true]);
  expect(nodes({ ...dense, devicesPerNode: 4 })).toEqual([false, false, false]);
  expect(nodes({ ...dense, devicesPerNode: 4, pipeline: 2 })).toEqual([true, true, true]);
});

test("a shell reads any name back as one word, and YAML reads a draft's name back", () => {
  const name = fc
    .string({ minLength: 1, unit: "grapheme" })
    .filter((text) => !/\p{Cc}/u.test(text) && !text.startsWith("-"));
  fc.assert(
    fc.property(fc.array(name, { minLength: 20, maxLength: 20 }), (names) => {
      const script = names.map((each) => `printf '%s\\n' ${shellWord(each)}`).join("\n");
      expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(names.map((each) => `${each}\n`).join(""));
    }),
    { numRuns: 10 },
  );
  fc.assert(
    fc.property(name, (draft) => {
      const yaml = yamlOf({ ...dense, speculative: { tokens: 3, draft } });
      expect(yaml).toMatchObject({ speculative_config: { speculative_model: draft } });
    }),
    { numRuns: 100 },
  );
  expect(shellWord("it's")).toBe("'it'\\''s'");
  expect(of({ ...dense, modelId: "/models/my model" }, "vllm").command).toContain("vllm serve '/models/my model' \\");
});

test("shares are cut to three digits, never rounded up", () => {
  expect(shareText(0.8999)).toBe("0.899");
  expect(shareText(0.57)).toBe("0.57");
  expect(shareText(1)).toBe("1");
});

test("a device of 100 bytes with 20 of weights, 9 of buffers and room for 60 is shared 0.8, 0.2, 0.09", () => {
  const parts = { weightBytes: 20, activationBytes: 4, runtimeBytes: 3, collectiveBytes: 2 };
  const rest = { fragmentationBytes: 1, reserveBytes: 10 };
  const memory = { parts: { ...parts, ...rest }, capacityBytes: 100, roomBytes: 60, cacheCapacityBytes: 60 };
  expect(memorySharesOf({ ...memory, requestBytes: () => 1, fittingRequests: () => 60 })).toEqual({
    memoryShare: 0.8,
    weightShare: 0.2,
    bufferShare: 0.09,
  });
});

test.each([
  ["tensor", { tensor: 0 }],
  ["maxSequences", { maxSequences: 1.5 }],
  ["replicas", { replicas: Number.NaN }],
  ["devicesPerNode", { devicesPerNode: 0 }],
  ["memoryShare", { memoryShare: 1.1 }],
  ["weightShare", { weightShare: 0.85 }],
  ["bufferShare", { bufferShare: 0.151 }],
  ["weights", { weights: "fp7" }],
  ["kvCache", { kvCache: "" }],
  ["modelId", { modelId: "--help" }],
  ["modelId", { modelId: "a\nb" }],
  ["modelId", { modelId: "" }],
  ["speculative.tokens", { speculative: { tokens: 0, draft: null } }],
  ["speculative.draft", { speculative: { tokens: 1, draft: "-x" } }],
])("a bad %s is refused by name: %j", (field, changed) => {
  expect(() => engineArguments({ ...dense, ...changed })).toThrow(new RegExp(`^invalid ${field}: `));
});

test("buffers that fill the rest of the device to the last byte are taken", () => {
  expect(of({ ...dense, bufferShare: 0.15 }, "vllm").command).toContain("--gpu-memory-utilization 1 ");
  expect(of({ ...dense, bufferShare: 0.15 }, "trt-llm").command).toContain("fraction 1 ");
});
