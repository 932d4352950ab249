/**
 * What each configuration class assumes where a file leaves a key out, and both sides of its flags.
 * Source of the values: the classes' own defaults in transformers, or in the model's own code where it is not part of it.
 */
import { describe, expect, it } from "vitest";
import { modelFromHuggingFace } from "../../../src/architecture/hugging-face/model-from-hugging-face.ts";
import type { Attention, Layer, Model } from "../../../src/architecture/model.ts";

type Keys = Record<string, unknown>;

/** Sizes that every case has; head size 128 by division. */
const sizes: Keys = {
  hidden_size: 4096,
  num_hidden_layers: 8,
  num_attention_heads: 32,
  intermediate_size: 11008,
  vocab_size: 32000,
  max_position_embeddings: 32768,
};

function read(architecture: string, keys: Keys = {}): Model {
  return modelFromHuggingFace({ architectures: [architecture], ...sizes, ...keys }).model;
}

function notesOf(architecture: string, keys: Keys = {}): readonly string[] {
  return modelFromHuggingFace({ architectures: [architecture], ...sizes, ...keys }).notes;
}

function layersOf(model: Model): Layer[] {
  return model.decoder.order.map((kind) => model.decoder.kinds[kind] as Layer);
}

function layerOf(architecture: string, keys: Keys = {}, depth = 0): Layer {
  return layersOf(read(architecture, keys))[depth] as Layer;
}

function windowsOf(architecture: string, keys: Keys = {}): (number | null)[] {
  return attentionsOf(architecture, keys).map((a) => (a.kind === "softmax" ? a.window : 0));
}

function attentionsOf(architecture: string, keys: Keys = {}): Attention[] {
  return layersOf(read(architecture, keys)).map((layer) => layer.attention);
}

function kindsOfFeedForward(architecture: string, keys: Keys): string[] {
  return layersOf(read(architecture, keys)).map((layer) => layer.feedForward.kind);
}

describe("heads, head sizes and positions", () => {
  it("GlmConfig: 2 K/V heads of 128 whatever the width, half of them turned, biases on Q, K and V", () => {
    expect(layerOf("GlmForCausalLM", { hidden_size: 5120 })).toMatchObject({
      attention: { kvHeads: 2, headDim: 128, rotaryDim: 64, qkvBias: true, outputBias: false },
      norms: 2,
    });
    expect(layerOf("GlmForCausalLM", { attention_bias: false }).attention).toMatchObject({ qkvBias: false });
  });

  it("Glm4Config: four norms a layer", () => {
    expect(layerOf("Glm4ForCausalLM")).toMatchObject({ attention: { kvHeads: 2, headDim: 128 }, norms: 4 });
  });

  it("Glm4MoeConfig: 8 K/V heads, one dense layer, a norm on each head only by use_qk_norm (GLM-4.5's largest)", () => {
    const keys = { n_routed_experts: 16, num_experts_per_tok: 2, moe_intermediate_size: 1408, n_shared_experts: 1 };
    expect(kindsOfFeedForward("Glm4MoeForCausalLM", keys).slice(0, 3)).toEqual(["dense", "mixture", "mixture"]);
    expect(layerOf("Glm4MoeForCausalLM", keys).attention).toMatchObject({ kvHeads: 8, qkNorm: "none", qkvBias: false });
    expect(layerOf("Glm4MoeForCausalLM", { ...keys, use_qk_norm: true }).attention).toMatchObject({ qkNorm: "head" });
  });

  it("BaichuanConfig: rotary at 7B's width of 4096, ALiBi at 13B's 5120", () => {
    expect(layerOf("BaichuanForCausalLM").attention).toMatchObject({ rotaryDim: 128 });
    expect(layerOf("BaichuanForCausalLM", { hidden_size: 5120, num_attention_heads: 40 }).attention).toMatchObject({
      headDim: 128,
      rotaryDim: 0,
    });
  });

  it("GPTBigCodeConfig: one K/V head, as many as heads where multi_query is false", () => {
    expect(layerOf("GPTBigCodeForCausalLM").attention).toMatchObject({ kvHeads: 1 });
    expect(layerOf("GPTBigCodeForCausalLM", { multi_query: false }).attention).toMatchObject({ kvHeads: 32 });
  });

  it("GPTJConfig and CodeGenConfig: 64 dimensions turned; all where rotary_dim is null; a small head as a whole", () => {
    expect(layerOf("GPTJForCausalLM").attention).toMatchObject({ headDim: 128, rotaryDim: 64 });
    expect(layerOf("CodeGenForCausalLM", { rotary_dim: null }).attention).toMatchObject({ rotaryDim: 128 });
    expect(layerOf("GPTJForCausalLM", { num_attention_heads: 128 }).attention).toMatchObject({ rotaryDim: 32 });
    expect(layerOf("GPTJForCausalLM")).toMatchObject({ norms: 1, parallel: true, feedForward: { dFf: 11008 } });
  });

  it("FalconConfig: one K/V head by multi_query, all heads without it, rotary unless alibi, one norm side by side", () => {
    expect(layerOf("FalconForCausalLM", { num_kv_heads: 8 })).toMatchObject({
      attention: { kvHeads: 1, rotaryDim: 128, qkvBias: false },
      feedForward: { dFf: 4 * 4096, gated: false },
      norms: 1,
      parallel: true,
    });
    expect(layerOf("FalconForCausalLM", { multi_query: false, parallel_attn: false, alibi: true })).toMatchObject({
      attention: { kvHeads: 32, rotaryDim: 0 },
      norms: 2,
      parallel: false,
    });
  });

  it("FalconConfig of the new architecture: as many K/V heads as heads, two norms, one by num_ln_in_parallel_attn", () => {
    const keys = { new_decoder_architecture: true };
    expect(layerOf("FalconForCausalLM", keys)).toMatchObject({ attention: { kvHeads: 32 }, norms: 2, parallel: true });
    // Falcon2-11B.
    const second = { ...keys, num_kv_heads: 8, num_ln_in_parallel_attn: 1, parallel_attn: false };
    expect(layerOf("FalconForCausalLM", second)).toMatchObject({ attention: { kvHeads: 8 }, norms: 1, parallel: true });
  });

  it("ChatGLMConfig: as many K/V heads as heads, half of the head turned, RMS norm with a final one, no biases", () => {
    const keys = { ffn_hidden_size: 13696, num_layers: 28, kv_channels: 64 };
    const model = read("ChatGLMModel", keys);
    expect(model).toMatchObject({ norm: "rms", normBias: false, outerNorms: 1, vocab: 32000, tiedEmbeddings: false });
    expect(model.decoder.order).toHaveLength(28);
    expect(layersOf(model)[0]?.attention).toMatchObject({ kvHeads: 32, headDim: 64, rotaryDim: 32, qkvBias: false });
  });

  it("ChatGLMConfig: rmsnorm false, post_layer_norm false and add_bias_linear, multi_query_group_num, no kv_channels", () => {
    const model = read("ChatGLMModel", {
      ffn_hidden_size: 13696,
      rmsnorm: false,
      post_layer_norm: false,
      add_bias_linear: true,
      multi_query_attention: true,
      multi_query_group_num: 2,
      padded_vocab_size: 65024,
    });
    expect(model).toMatchObject({ norm: "layer", normBias: true, outerNorms: 0, vocab: 65024 });
    expect(layersOf(model)[0]).toMatchObject({
      attention: { kvHeads: 2, headDim: 128, qkvBias: true, outputBias: true },
      feedForward: { dFf: 13696, gated: true, bias: true },
    });
  });

  it("MptConfig without attn_config: ALiBi, no table of positions, all heads, no biases, four times the width", () => {
    const keys = { d_model: 4096, n_heads: 32, n_layers: 8 };
    const model = read("MptForCausalLM", keys);
    expect(model).toMatchObject({ positions: 0, maxContext: 2048, normBias: false, tiedEmbeddings: true });
    expect(layersOf(model)[0]).toMatchObject({
      attention: { kvHeads: 32, rotaryDim: 0, qkvBias: false, qkNorm: "none" },
      feedForward: { dFf: 16384, gated: false, bias: false },
    });
    expect(read("MptForCausalLM", { ...keys, no_bias: false })).toMatchObject({ normBias: true });
  });

  it("MPTConfig's attn_config: kv_n_heads, multi-query, rope, qk_ln; learned positions without ALiBi", () => {
    const mpt = (attn_config: Keys, keys: Keys = {}): Model =>
      read("MPTForCausalLM", { max_seq_len: 4096, attn_config, ...keys });
    const attention = (attn_config: Keys) => layersOf(mpt(attn_config))[0]?.attention;
    expect(attention({ attn_type: "grouped_query_attention", kv_n_heads: 8 })).toMatchObject({ kvHeads: 8 });
    expect(attention({ attn_type: "multiquery_attention" })).toMatchObject({ kvHeads: 1 });
    expect(attention({ alibi: false, rope: true })).toMatchObject({ rotaryDim: 128 });
    expect(attention({ qk_ln: true })).toMatchObject({ qkNorm: "full" });
    expect(mpt({ alibi: false }).positions).toBe(4096);
    expect(mpt({ alibi: false, rope: true }).positions).toBe(0);
    expect(mpt({ alibi: false }, { learned_pos_emb: false }).positions).toBe(0);
  });

  it("SmolLM3Config: every fourth layer without rotary embedding, or those with 0 in no_rope_layers; 4 K/V heads, tied", () => {
    const rotary = (keys: Keys) =>
      attentionsOf("SmolLM3ForCausalLM", keys).map((a) => (a.kind === "softmax" ? a.rotaryDim : -1));
    expect(rotary({})).toEqual([128, 128, 128, 0, 128, 128, 128, 0]);
    expect(rotary({ no_rope_layers: [0, 1, 1, 1, 1, 1, 1, 0] })).toEqual([0, 128, 128, 128, 128, 128, 128, 0]);
    expect(read("SmolLM3ForCausalLM").tiedEmbeddings).toBe(true);
    expect(layerOf("SmolLM3ForCausalLM").attention).toMatchObject({ kvHeads: 4 });
  });

  it("PhiConfig: half of the head turned, a norm on each head of Q and K only by qk_layernorm", () => {
    expect(layerOf("PhiForCausalLM")).toMatchObject({ attention: { rotaryDim: 64, qkNorm: "none" }, norms: 1 });
    expect(layerOf("PhiForCausalLM", { qk_layernorm: true }).attention).toMatchObject({ qkNorm: "head" });
  });

  it("StableLmConfig: one norm where attention and feed-forward run side by side, a norm across the heads by flag", () => {
    expect(layerOf("StableLmForCausalLM")).toMatchObject({
      attention: { rotaryDim: 32, qkNorm: "none", qkvBias: false },
      norms: 2,
      parallel: false,
    });
    // StableLM 2 12B.
    expect(layerOf("StableLmForCausalLM", { use_parallel_residual: true, qk_layernorm: true })).toMatchObject({
      attention: { qkNorm: "full" },
      norms: 1,
      parallel: true,
    });
  });
});

describe("biases and norms", () => {
  it("InternLMConfig has biases on the attention alone, InternLM2's files none, InternLM3Config by bias and qkv_bias", () => {
    expect(layerOf("InternLMForCausalLM")).toMatchObject({
      attention: { qkvBias: true, outputBias: true },
      feedForward: { bias: false },
    });
    expect(layerOf("InternLM2ForCausalLM").attention).toMatchObject({ qkvBias: false, outputBias: false });
    expect(layerOf("InternLM3ForCausalLM", { bias: true, qkv_bias: false })).toMatchObject({
      attention: { qkvBias: false, outputBias: true },
      feedForward: { bias: true },
    });
  });

  it("MiMo, as Qwen2: biases on Q, K and V, none by attention_bias false", () => {
    expect(layerOf("MiMoForCausalLM").attention).toMatchObject({ qkvBias: true, outputBias: false });
    expect(layerOf("MiMoForCausalLM", { attention_bias: false }).attention).toMatchObject({ qkvBias: false });
  });

  it("QWenConfig: biases on Q, K and V always, elsewhere by no_bias false; half of intermediate_size", () => {
    expect(layerOf("QWenLMHeadModel")).toMatchObject({
      attention: { qkvBias: true, outputBias: false },
      feedForward: { dFf: 5504, bias: false },
    });
    expect(layerOf("QWenLMHeadModel", { no_bias: false })).toMatchObject({
      attention: { outputBias: true },
      feedForward: { bias: true },
    });
  });

  it("OPTConfig: biases, learned norms, two unused rows of positions, a final norm; each off by its flag", () => {
    const keys = { ffn_dim: 16384 };
    expect(read("OPTForCausalLM", keys)).toMatchObject({
      positions: 32770,
      norm: "layer",
      normBias: true,
      outerNorms: 1,
    });
    expect(read("OPTForCausalLM", { ...keys, layer_norm_elementwise_affine: false })).toMatchObject({
      norm: "plain",
      normBias: false,
    });
    expect(read("OPTForCausalLM", { ...keys, do_layer_norm_before: false }).outerNorms).toBe(0);
    expect(read("OPTForCausalLM", { ...keys, _remove_final_layer_norm: true }).outerNorms).toBe(0);
    expect(layerOf("OPTForCausalLM", { ...keys, enable_bias: false })).toMatchObject({
      attention: { qkvBias: false, outputBias: false },
      feedForward: { bias: false },
    });
  });

  it("OPTConfig: word_embed_proj_dim is hidden_size where absent or equal", () => {
    expect(read("OPTForCausalLM", { ffn_dim: 16384, word_embed_proj_dim: 8192 }).embeddingDim).toBe(8192);
    expect(read("OPTForCausalLM", { ffn_dim: 16384, word_embed_proj_dim: 4096 }).embeddingDim).toBeUndefined();
    expect(read("OPTForCausalLM", { ffn_dim: 16384 }).embeddingDim).toBeUndefined();
  });

  it("GPTNeoXConfig, PhiConfig, Phi3Config: one matrix of queries, keys and values in GGUF files", () => {
    for (const name of ["GPTNeoXForCausalLM", "PhiForCausalLM", "Phi3ForCausalLM"]) {
      expect(read(name, {}).fusedQkv).toBe(true);
    }
    expect(read("LlamaForCausalLM", {}).fusedQkv).toBeUndefined();
  });
});

describe("windows", () => {
  it("Qwen2Config: max_window_layers 28 where absent, so four of 32 layers have the window", () => {
    const windows = windowsOf("Qwen2ForCausalLM", {
      num_hidden_layers: 32,
      use_sliding_window: true,
      sliding_window: 1024,
    });
    expect(windows).toEqual([...Array(28).fill(null), ...Array(4).fill(1024)]);
  });

  it("Qwen2Config: a window of null is none, even by use_sliding_window", () => {
    expect(
      windowsOf("Qwen2ForCausalLM", { use_sliding_window: true, sliding_window: null, max_window_layers: 0 }),
    ).toEqual(Array(8).fill(null));
  });

  it("MistralConfig assumes 4096, MinistralConfig none; layer_types say which layers", () => {
    expect(windowsOf("MistralForCausalLM")).toEqual(Array(8).fill(4096));
    expect(windowsOf("MinistralForCausalLM")).toEqual(Array(8).fill(null));
    const types = Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? "full_attention" : "sliding_attention"));
    expect(windowsOf("MinistralForCausalLM", { sliding_window: 512, layer_types: types }).slice(0, 2)).toEqual([
      null,
      512,
    ]);
  });

  it("Mistral3Config takes a text_config without model_type for MistralConfig's", () => {
    const { model } = modelFromHuggingFace({
      architectures: ["Mistral3ForConditionalGeneration"],
      text_config: { ...sizes },
    });
    expect(layersOf(model)[0]?.attention).toMatchObject({ kvHeads: 8, window: 4096 });
  });

  it("Olmo3Config: 4096 tokens in three of four layers; Olmo2Config none", () => {
    expect(windowsOf("Olmo3ForCausalLM").slice(0, 4)).toEqual([4096, 4096, 4096, null]);
    expect(windowsOf("Olmo2ForCausalLM")).toEqual(Array(8).fill(null));
  });

  it("GptOssConfig: 128 tokens from the first layer on, every other one; 8 K/V heads of 64, biases, sinks", () => {
    const keys = { num_experts: 32, experts_per_token: 4 };
    expect(windowsOf("GptOssForCausalLM", keys)).toEqual([128, null, 128, null, 128, null, 128, null]);
    expect(layerOf("GptOssForCausalLM", keys)).toMatchObject({
      attention: { kvHeads: 8, headDim: 64, qkvBias: true, outputBias: true, sinks: true },
      feedForward: { experts: 32, expertsPerToken: 4, bias: true, routerBias: true },
    });
  });

  it("GPTNeoConfig: 256 tokens in every second layer, or in those that attention_layers calls local", () => {
    const keys = { max_position_embeddings: 2048 };
    expect(windowsOf("GPTNeoForCausalLM", keys).slice(0, 4)).toEqual([null, 256, null, 256]);
    const layers = ["local", "local", "global", "global", "global", "global", "global", "global"];
    const listed = windowsOf("GPTNeoForCausalLM", { ...keys, attention_layers: layers, window_size: 512 });
    expect(listed).toEqual([512, 512, ...Array(6).fill(null)]);
  });

  it.each([-1, false])("a sliding_window of %s is off (conversions)", (sliding_window) => {
    expect(windowsOf("Phi3ForCausalLM", { sliding_window })).toEqual(Array(8).fill(null));
  });

  it("Phi3Config: no window where the key is absent, on every layer where it is given", () => {
    expect(windowsOf("Phi3ForCausalLM")).toEqual(Array(8).fill(null));
    expect(windowsOf("Phi3ForCausalLM", { sliding_window: 2047 })).toEqual(Array(8).fill(2047));
  });
});

describe("mixtures", () => {
  it("Llama4TextConfig: chunks of 8192 where attention_chunk_size is absent, none where it is null", () => {
    const chunks = (keys: Keys) =>
      attentionsOf("Llama4ForCausalLM", keys).map((a) => (a.kind === "softmax" ? a.chunk : -1));
    expect(chunks({}).slice(0, 4)).toEqual([8192, 8192, 8192, null]);
    expect(notesOf("Llama4ForCausalLM")).toContain(
      "attention_chunk_size is absent: the configuration class assumes 8192",
    );
    expect(chunks({ attention_chunk_size: null })).toEqual(Array(8).fill(null));
    expect(chunks({ attention_chunk_size: 1024 })[0]).toBe(1024);
  });

  it("Llama4TextConfig: 8 K/V heads of 128; 16 experts, one a token, one shared of the same width", () => {
    expect(layerOf("Llama4ForCausalLM", { hidden_size: 5120, intermediate_size: 8192 })).toMatchObject({
      attention: { kvHeads: 8, headDim: 128 },
      feedForward: { kind: "mixture", experts: 16, expertsPerToken: 1, dFf: 8192, sharedDFf: 8192 },
    });
  });

  it("Llama4TextConfig: dense layers of intermediate_size_mlp by interleave_moe_layer_step or moe_layers (Maverick)", () => {
    const every = kindsOfFeedForward("Llama4ForCausalLM", { interleave_moe_layer_step: 2 });
    expect(every.slice(0, 4)).toEqual(["dense", "mixture", "dense", "mixture"]);
    const listed = { moe_layers: [0, 7] };
    expect(kindsOfFeedForward("Llama4ForCausalLM", listed)).toEqual(["mixture", ...Array(6).fill("dense"), "mixture"]);
    expect(layerOf("Llama4ForCausalLM", listed, 1).feedForward).toMatchObject({ dFf: 16384 });
    expect(kindsOfFeedForward("Llama4ForCausalLM", { moe_layers: [] })).toEqual(Array(8).fill("dense"));
  });

  it("Llama4TextConfig: no_rope_layers holds 1 or true where rotary embedding turns, 0 or false where it does not", () => {
    const rotary = attentionsOf("Llama4ForCausalLM", { no_rope_layers: [0, 1, false, true, 1, 1, 1, 1] }).map((a) =>
      a.kind === "softmax" ? [a.rotaryDim, a.chunk] : [],
    );
    expect(rotary.slice(0, 4)).toEqual([
      [0, null],
      [128, 8192],
      [0, null],
      [128, 8192],
    ]);
  });

  it("Qwen2MoeConfig: 16 K/V heads, 4 of 60 experts; layers of mlp_only_layers are dense", () => {
    const keys = { moe_intermediate_size: 1408, shared_expert_intermediate_size: 5632, mlp_only_layers: [0] };
    expect(layerOf("Qwen2MoeForCausalLM", keys)).toMatchObject({
      attention: { kvHeads: 16, qkvBias: true },
      feedForward: { kind: "dense", dFf: 11008 },
    });
    expect(layerOf("Qwen2MoeForCausalLM", keys, 1).feedForward).toMatchObject({
      experts: 60,
      expertsPerToken: 4,
      sharedDFf: 5632,
      sharedGate: true,
    });
  });

  it("Qwen3NextConfig: 2 K/V heads of 256, a quarter turned; Qwen3_5TextConfig: 4; linear heads 16 and 32 of 128", () => {
    const next = { num_experts: 16, num_experts_per_tok: 2, moe_intermediate_size: 512 };
    expect(layerOf("Qwen3NextForCausalLM", next, 3).attention).toMatchObject({
      kvHeads: 2,
      headDim: 256,
      rotaryDim: 64,
      outputGate: true,
      qkvBias: false,
    });
    expect(layerOf("Qwen3NextForCausalLM", next, 0).attention).toEqual({
      kind: "linear",
      keyHeads: 16,
      valueHeads: 32,
      keyDim: 128,
      valueDim: 128,
      convolution: 4,
    });
    expect(layerOf("Qwen3_5ForCausalLM", {}, 3).attention).toMatchObject({ kvHeads: 4, headDim: 256 });
    expect(layerOf("Qwen3_5MoeForCausalLM", next, 3).attention).toMatchObject({ kvHeads: 2 });
    const plain = { attn_output_gate: false, full_attention_interval: 2 };
    expect(layerOf("Qwen3_5ForCausalLM", plain, 1).attention).toMatchObject({ kind: "softmax", outputGate: false });
  });

  it("Qwen3NextConfig: decoder_sparse_step leaves dense layers between; no shared expert without its width", () => {
    const keys = { num_experts: 16, num_experts_per_tok: 2, moe_intermediate_size: 512, decoder_sparse_step: 2 };
    expect(kindsOfFeedForward("Qwen3NextForCausalLM", keys).slice(0, 4)).toEqual([
      "dense",
      "mixture",
      "dense",
      "mixture",
    ]);
    expect(layerOf("Qwen3NextForCausalLM", keys, 1).feedForward).toMatchObject({ sharedDFf: 0, sharedGate: false });
    const shared = { ...keys, shared_expert_intermediate_size: 512 };
    expect(layerOf("Qwen3NextForCausalLM", shared, 1).feedForward).toMatchObject({ sharedDFf: 512, sharedGate: true });
  });

  it("DbrxConfig: one K/V head without attn_config, 1 of 4 experts without their numbers", () => {
    const keys = { d_model: 4096, n_heads: 32, n_layers: 8, ffn_config: { ffn_hidden_size: 3584 } };
    expect(layerOf("DbrxForCausalLM", keys)).toMatchObject({
      attention: { kvHeads: 1, headDim: 128 },
      feedForward: { experts: 4, expertsPerToken: 1, dFf: 3584 },
    });
    const eight = layerOf("DbrxForCausalLM", { ...keys, attn_config: { kv_n_heads: 8 } }).attention;
    expect(eight).toMatchObject({ kvHeads: 8 });
  });

  it("MiniMaxM2Config: 8 K/V heads of 128, 8 of 256 experts, one norm across all heads unless use_qk_norm is false", () => {
    expect(layerOf("MiniMaxM2ForCausalLM")).toMatchObject({
      attention: { kvHeads: 8, headDim: 128, rotaryDim: 128, qkNorm: "full" },
      feedForward: { experts: 256, expertsPerToken: 8, routerBias: true, sharedDFf: 0 },
    });
    const keys = { use_qk_norm: false, use_routing_bias: false, rotary_dim: 64 };
    expect(layerOf("MiniMaxM2ForCausalLM", keys)).toMatchObject({
      attention: { qkNorm: "none", rotaryDim: 64 },
      feedForward: { routerBias: false },
    });
  });

  it("Dots1Config: a norm on each head and a correction term; the first DeepSeek-MoE has neither", () => {
    const keys = {
      n_routed_experts: 64,
      n_shared_experts: 2,
      num_experts_per_tok: 6,
      moe_intermediate_size: 1408,
      first_k_dense_replace: 1,
    };
    expect(layerOf("Dots1ForCausalLM", keys, 1)).toMatchObject({
      attention: { qkNorm: "head" },
      feedForward: { routerBias: true, sharedDFf: 2816 },
    });
    expect(layerOf("DeepseekForCausalLM", keys, 1)).toMatchObject({
      attention: { qkNorm: "none" },
      feedForward: { routerBias: false },
    });
    // first_k_dense_replace is 0 where DeepseekConfig's file leaves it out; moe_layer_freq places every second layer.
    const { first_k_dense_replace: _, ...rest } = keys;
    const kinds = kindsOfFeedForward("DeepseekForCausalLM", { ...rest, moe_layer_freq: 2 });
    expect(kinds.slice(0, 4)).toEqual(["mixture", "dense", "mixture", "dense"]);
  });
});

describe("latent attention", () => {
  const latent = {
    q_lora_rank: 1536,
    kv_lora_rank: 512,
    qk_rope_head_dim: 64,
    qk_nope_head_dim: 128,
    v_head_dim: 128,
  };
  const experts = { n_routed_experts: 64, num_experts_per_tok: 6, moe_intermediate_size: 1408 };

  it.each([
    ["DeepseekV2Config", "DeepseekV2ForCausalLM", 0, false],
    ["DeepseekV3Config", "DeepseekV3ForCausalLM", 3, true],
    ["Glm4MoeLiteConfig", "Glm4MoeLiteForCausalLM", 1, true],
  ])("%s: %s has %d dense layers first; a correction term: %s", (_, architecture, dense, corrected) => {
    const layers = layersOf(read(architecture, { ...latent, ...experts }));
    expect(layers.filter((layer) => layer.feedForward.kind === "dense")).toHaveLength(dense);
    expect(layers[7]?.feedForward).toMatchObject({ routerBias: corrected, sharedDFf: 0 });
  });

  it("takes topk_method before the class's own", () => {
    const routerBias = (architecture: string, topk_method: string) =>
      (layerOf(architecture, { ...latent, ...experts, topk_method }, 7).feedForward as { routerBias?: boolean })
        .routerBias;
    expect(routerBias("DeepseekV2ForCausalLM", "noaux_tc")).toBe(true);
    expect(routerBias("DeepseekV3ForCausalLM", "greedy")).toBe(false);
  });

  it("is dense throughout without routed experts (DeepseekV3Config, n_routed_experts null)", () => {
    const layers = layersOf(read("DeepseekV3ForCausalLM", { ...latent, n_routed_experts: null }));
    expect(new Set(layers.map((layer) => layer.feedForward.kind))).toEqual(new Set(["dense"]));
    expect(layers[7]?.feedForward).toMatchObject({ dFf: 11008, gated: true });
  });

  it("places dense layers by mlp_layer_types (Glm4MoeLiteConfig, GlmMoeDsaConfig)", () => {
    const types = ["sparse", "dense", ...Array(6).fill("sparse")];
    const keys = { ...latent, ...experts, mlp_layer_types: types };
    expect(kindsOfFeedForward("GlmMoeDsaForCausalLM", keys).slice(0, 3)).toEqual(["mixture", "dense", "mixture"]);
  });

  it("has an indexer by index_topk (DeepseekV32Config: 64 heads of 128, 2048 tokens kept)", () => {
    const indexer = { index_topk: 2048, index_n_heads: 64, index_head_dim: 128 };
    expect(layerOf("DeepseekV32ForCausalLM", { ...latent, ...experts, ...indexer }).attention).toMatchObject({
      kind: "latent",
      indexer: { heads: 64, headDim: 128, topK: 2048 },
    });
  });

  it("notes biases that are not counted and queries without a rank", () => {
    expect(notesOf("DeepseekV3ForCausalLM", { ...latent, ...experts, attention_bias: true }).join()).toContain(
      "attention_bias: the biases of latent attention's down projections are not counted",
    );
    const { q_lora_rank: _, ...direct } = latent;
    expect(notesOf("DeepseekV2ForCausalLM", { ...direct, ...experts })).toContain(
      "q_lora_rank is absent: queries are projected directly",
    );
  });
});

describe("encoder-decoders", () => {
  const t5 = { d_model: 512, d_ff: 1024, num_heads: 6, num_layers: 8, vocab_size: 250112 };
  const readT5 = (keys: Keys): Model => modelFromHuggingFace({ ...t5, ...keys }).model;

  it("T5Config: ReLU without a gate, tied, heads of 64, 32 buckets in the first layer of each stack", () => {
    const model = readT5({ architectures: ["T5ForConditionalGeneration"] });
    expect(model.tiedEmbeddings).toBe(true);
    expect(layersOf(model)[0]).toMatchObject({
      attention: { headDim: 64, relativeBuckets: 32 },
      feedForward: { gated: false },
    });
    expect(layersOf(model)[1]).toMatchObject({ attention: { relativeBuckets: 0 } });
  });

  it("MT5Config: gated GELU and untied; UMT5Config: buckets in every layer", () => {
    const mt5 = readT5({ architectures: ["MT5ForConditionalGeneration"] });
    expect(mt5.tiedEmbeddings).toBe(false);
    expect(mt5.decoder.kinds[0]?.feedForward).toMatchObject({ gated: true });
    expect(mt5.decoder.kinds).toHaveLength(2);
    const umt5 = readT5({ model_type: "umt5" });
    expect(umt5.decoder.kinds).toHaveLength(1);
    expect(umt5.decoder.kinds[0]?.attention).toMatchObject({ relativeBuckets: 32 });
  });

  it("T5Config: a decoder as deep as the encoder unless num_decoder_layers says otherwise", () => {
    const shallow = readT5({ model_type: "t5", num_decoder_layers: 2 });
    expect([shallow.encoder?.order.length, shallow.decoder.order.length]).toEqual([8, 2]);
  });
});
