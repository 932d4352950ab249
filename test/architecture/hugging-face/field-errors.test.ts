/** Fields that are there and cannot be: one line each, naming the field as the file spells it. */
import { describe, expect, it } from "vitest";
import { ConfigFields } from "../../../src/architecture/hugging-face/config-fields.ts";
import { modelFromHuggingFace } from "../../../src/architecture/hugging-face/model-from-hugging-face.ts";
import { InvalidInput } from "../../../src/quantity/invalid-input.ts";

const sizes = {
  hidden_size: 4096,
  num_hidden_layers: 8,
  num_attention_heads: 32,
  intermediate_size: 11008,
  vocab_size: 32000,
};

const mixture = { num_experts: 8, num_experts_per_tok: 2, moe_intermediate_size: 512 };

const faults: [string, Record<string, unknown>, string][] = [
  ["QWenLMHeadModel", { intermediate_size: 11007 }, "intermediate_size: 11007 (wants an even number: gate and up"],
  ["GPTJForCausalLM", { rotary_dim: 256 }, "rotary_dim: 256 (must be at most the head size 128)"],
  [
    "FalconForCausalLM",
    { new_decoder_architecture: true, num_kv_heads: 5 },
    "num_kv_heads: 5 (must divide num_attention_heads 32)",
  ],
  [
    "ChatGLMModel",
    { multi_query_attention: true, multi_query_group_num: 3 },
    "multi_query_group_num: 3 (must divide num_attention_heads 32)",
  ],
  ["MptForCausalLM", { attn_config: { kv_n_heads: 5 } }, "attn_config.kv_n_heads: 5 (must divide n_heads 32)"],
  ["MptForCausalLM", { attn_config: { alibi: 1 } }, "attn_config.alibi: 1 (wants true or false)"],
  ["DbrxForCausalLM", { d_model: 4096, n_heads: 32 }, "ffn_config: nothing (wants an object)"],
  ["DbrxForCausalLM", { d_model: 4096, n_heads: 32, ffn_config: 3 }, "ffn_config: 3 (wants an object)"],
  [
    "DbrxForCausalLM",
    { d_model: 4096, n_heads: 32, ffn_config: { ffn_hidden_size: 8 }, attn_config: { kv_n_heads: 5 } },
    "attn_config.kv_n_heads: 5 (must divide n_heads 32)",
  ],
  [
    "Gemma4ForCausalLM",
    { num_global_key_value_heads: 5 },
    "num_global_key_value_heads: 5 (must divide num_attention_heads 32)",
  ],
  [
    "Qwen3NextForCausalLM",
    { ...mixture, linear_num_key_heads: 12 },
    "linear_num_key_heads: 12 (must divide linear_num_value_heads 32)",
  ],
  [
    "MixtralForCausalLM",
    { num_local_experts: 4, num_experts_per_tok: 5 },
    "num_experts_per_tok: 5 (must be at most the experts, 4)",
  ],
  ["Qwen3MoeForCausalLM", { ...mixture, mlp_only_layers: 3 }, "mlp_only_layers: 3 (wants a list)"],
  ["Gemma2ForCausalLM", { num_hidden_layers: 1, layer_types: [null] }, "layer_types: nothing (wants sliding_attention"],
  [
    "T5ForConditionalGeneration",
    { num_heads: 8, num_layers: 10_001 },
    "num_layers: 10001 (wants a positive integer up to 10,000)",
  ],
  [
    "LlamaForCausalLM",
    { num_hidden_layers: 10_001 },
    "num_hidden_layers: 10001 (wants a positive integer up to 10,000)",
  ],
  [
    "LlamaForCausalLM",
    { partial_rotary_factor: -0.5 },
    "partial_rotary_factor: -0.5 (wants a positive number up to 1,000,000,000)",
  ],
];

describe("a field that cannot be", () => {
  it.each(faults)("%s %j", (architecture, keys, message) => {
    const config = { architectures: [architecture], ...sizes, ...keys };
    expect(() => modelFromHuggingFace(config)).toThrow(InvalidInput);
    expect(() => modelFromHuggingFace(config)).toThrow(`invalid config.json ${message}`);
  });
});

describe("ConfigFields", () => {
  it("notes a remark once, also from a section", () => {
    const fields = new ConfigFields({ inner: { a: 1 } }, "config.json", []);
    fields.note("the window is off");
    fields.section("inner")?.note("the window is off");
    fields.section("inner")?.note("another");
    expect(fields.notes).toEqual(["the window is off", "another"]);
  });

  it("takes the first key that is given, null as if it were absent", () => {
    const fields = new ConfigFields({ n_embd: null, hidden_size: 64 }, "config.json", []);
    expect(fields.count("n_embd", "hidden_size")).toBe(64);
    expect(fields.countOr(8, "n_embd")).toBe(8);
    expect(() => fields.count("n_embd", "n_embed")).toThrow("invalid config.json n_embd: nothing (wants a positive");
  });
});

describe("what a file says beside its language model", () => {
  const config = { architectures: ["LlamaForCausalLM"], model_type: "llama", ...sizes };

  it("notes towers and prediction layers that are not counted", () => {
    const { notes } = modelFromHuggingFace({ ...config, audio_config: {}, num_nextn_predict_layers: 1 });
    expect(notes).toEqual([
      "the audio tower is not counted",
      "layers that predict several tokens (num_nextn_predict_layers 1) are not counted",
    ]);
    expect(modelFromHuggingFace({ ...config, num_mtp_modules: 3, use_mtp: false }).notes).toEqual([]);
  });

  it("is called config.json where the file has no name for it", () => {
    expect(modelFromHuggingFace({ ...config, model_type: " " }).model.name).toBe("config.json");
    expect(modelFromHuggingFace({ ...config, _name_or_path: "a/b c\n d" }).model.name).toBe("b c d");
  });
});
