import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { modelFromHuggingFace } from "../../../src/architecture/hugging-face/model-from-hugging-face.ts";
import { countParameters } from "../../../src/architecture/weights.ts";
import { InvalidInput } from "../../../src/quantity/invalid-input.ts";

function llama(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_size: 4096,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    intermediate_size: 11008,
    vocab_size: 32000,
    max_position_embeddings: 4096,
    ...change,
  };
}

const mistral = (change: Record<string, unknown>) =>
  llama({ architectures: ["MistralForCausalLM"], model_type: "mistral", max_position_embeddings: 32768, ...change });

const attentionsOf = (config: unknown) => {
  const { decoder } = modelFromHuggingFace(config).model;
  return decoder.order.map((index) => decoder.kinds[index]?.attention);
};

describe("modelFromHuggingFace", () => {
  it("reads Llama-2-7B: 6,738,415,616 parameters", () => {
    const { model, notes } = modelFromHuggingFace(llama(), "mine");
    expect(countParameters(model).total).toBe(6_738_415_616);
    expect(model).toMatchObject({ id: "mine", name: "mine", tiedEmbeddings: false, publishedWeights: null });
    expect(notes).toEqual([]);
  });

  it("names itself after _name_or_path, else after model_type", () => {
    expect(modelFromHuggingFace(llama({ _name_or_path: "org/Some-Model/" })).model.id).toBe("Some-Model");
    expect(modelFromHuggingFace(llama()).model.id).toBe("llama");
  });
});

describe("class defaults of absent keys", () => {
  it("gives Llama as many K/V heads as heads, Mistral 8 and a window of 4096", () => {
    expect(attentionsOf(llama())[0]).toMatchObject({ kvHeads: 32, window: null });
    const { model, notes } = modelFromHuggingFace(mistral({}));
    expect(model.decoder.kinds[0]?.attention).toMatchObject({ kvHeads: 8, window: 4096 });
    expect(notes).toEqual([
      "num_key_value_heads is absent: the configuration class assumes 8",
      "sliding_window is absent: the configuration class assumes 4096",
    ]);
    expect(attentionsOf(mistral({ num_key_value_heads: null, sliding_window: null }))[0]).toMatchObject({
      kvHeads: 32,
      window: null,
    });
  });

  it("takes head_dim before hidden_size / heads (Mistral Nemo: 128, not 160)", () => {
    const nemo = mistral({ hidden_size: 5120, head_dim: 128, num_key_value_heads: 8, sliding_window: null });
    expect(attentionsOf(nemo)[0]).toMatchObject({ headDim: 128 });
    expect(attentionsOf(mistral({ hidden_size: 5120, head_dim: null, num_key_value_heads: 8 }))[0]).toMatchObject({
      headDim: 160,
    });
  });

  it("ties embeddings by class: Gemma yes, Llama no, either by key", () => {
    const tied = (architecture: string, change = {}) =>
      modelFromHuggingFace(llama({ architectures: [architecture], ...change })).model.tiedEmbeddings;
    expect(tied("LlamaForCausalLM")).toBe(false);
    expect(tied("LlamaForCausalLM", { tie_word_embeddings: true })).toBe(true);
    expect(tied("GemmaForCausalLM")).toBe(true);
    expect(tied("GemmaForCausalLM", { tie_word_embeddings: false })).toBe(false);
  });

  it("reads null widths as four times the model's (GPT-2's n_inner)", () => {
    const gpt2 = {
      architectures: ["GPT2LMHeadModel"],
      n_embd: 768,
      n_head: 12,
      n_layer: 12,
      n_inner: null,
      vocab_size: 50257,
    };
    const { model } = modelFromHuggingFace(gpt2);
    expect(model.decoder.kinds[0]?.feedForward).toEqual({ kind: "dense", dFf: 3072, gated: false, bias: true });
    expect(countParameters(model).total).toBe(124_439_808);
  });
});

describe("windows and layer lists", () => {
  const qwen2 = (change: Record<string, unknown>) =>
    llama({
      architectures: ["Qwen2ForCausalLM"],
      model_type: "qwen2",
      sliding_window: 1024,
      max_window_layers: 20,
      ...change,
    });

  it("leaves Qwen2's window off unless use_sliding_window is true, then from max_window_layers on", () => {
    expect(
      attentionsOf(qwen2({ use_sliding_window: false })).every((a) => a?.kind === "softmax" && a.window === null),
    ).toBe(true);
    const windows = attentionsOf(qwen2({ use_sliding_window: true })).map((a) =>
      a?.kind === "softmax" ? a.window : 0,
    );
    expect(windows.slice(0, 20).every((window) => window === null)).toBe(true);
    expect(windows.slice(20)).toEqual(Array(12).fill(1024));
  });

  it("drops a window that is no narrower than the longest context", () => {
    expect(attentionsOf(mistral({ sliding_window: 32768 }))[0]).toMatchObject({ window: null });
    expect(attentionsOf(mistral({ sliding_window: 32767 }))[0]).toMatchObject({ window: 32767 });
  });

  it("puts layer_types before the class's rule, and refuses a list that is short or unknown", () => {
    const gemma2 = (types: unknown) =>
      llama({
        architectures: ["Gemma2ForCausalLM"],
        model_type: "gemma2",
        num_hidden_layers: 2,
        head_dim: 128,
        sliding_window: 128,
        layer_types: types,
      });
    expect(attentionsOf(gemma2(["full_attention", "sliding_attention"]))).toMatchObject([
      { window: null },
      { window: 128 },
    ]);
    expect(attentionsOf(gemma2(null))).toMatchObject([{ window: 128 }, { window: null }]);
    expect(() => attentionsOf(gemma2(["full_attention"]))).toThrow(
      "invalid config.json layer_types: 1 entries (wants one a layer: 2)",
    );
    expect(() => attentionsOf(gemma2(["full_attention", "mamba"]))).toThrow(
      "invalid config.json layer_types: mamba (wants sliding_attention, full_attention)",
    );
  });

  it("places Qwen's mixtures by decoder_sparse_step and mlp_only_layers", () => {
    const config = llama({
      architectures: ["Qwen3MoeForCausalLM"],
      model_type: "qwen3_moe",
      num_hidden_layers: 6,
      num_experts: 8,
      num_experts_per_tok: 2,
      moe_intermediate_size: 768,
      decoder_sparse_step: 2,
      mlp_only_layers: [3],
    });
    const { decoder } = modelFromHuggingFace(config).model;
    const kinds = decoder.order.map((index) => decoder.kinds[index]?.feedForward.kind);
    expect(kinds).toEqual(["dense", "mixture", "dense", "dense", "dense", "mixture"]);
  });
});

describe("models for several media", () => {
  it("reads the nested text part, by its own model_type where the outer class is unknown", () => {
    const config = {
      architectures: ["SomeVisionForConditionalGeneration"],
      model_type: "some_vision",
      text_config: llama({ architectures: undefined }),
      vision_config: { hidden_size: 1152 },
      tie_word_embeddings: true,
    };
    const { model, notes } = modelFromHuggingFace(config);
    expect(model.tiedEmbeddings).toBe(true);
    expect(model.dModel).toBe(4096);
    expect(notes).toContain("the vision tower is not counted");
    expect(notes).toContain("SomeVisionForConditionalGeneration is read by its model_type llama");
  });

  it("takes the class's sizes where a nested part leaves them out, and says so (LLaVA 1.5, Pixtral)", () => {
    const llava = {
      architectures: ["LlavaForConditionalGeneration"],
      model_type: "llava",
      text_config: { architectures: ["LlamaForCausalLM"], model_type: "llama", vocab_size: 32064 },
    };
    const { model, notes } = modelFromHuggingFace(llava);
    // Llama-2-7B with 64 rows more in both tables.
    expect(countParameters(model).total).toBe(6_738_415_616 + 2 * 64 * 4096);
    expect(notes).toContain("hidden_size is absent: the configuration class assumes 4096");
    expect(() => modelFromHuggingFace({ architectures: ["LlamaForCausalLM"], vocab_size: 32000 })).toThrow(
      /^invalid config.json \w+: nothing/,
    );
  });

  it("knows a class by its name where model_type is absent (Cohere 2's windows)", () => {
    const cohere2 = llama({ architectures: ["Cohere2ForCausalLM"], model_type: undefined, sliding_window: 1024 });
    expect(attentionsOf(cohere2).slice(2, 4)).toMatchObject([{ window: 1024 }, { window: null, rotaryDim: 0 }]);
  });

  it("reads SantaCoder, which calls itself gpt2, as multi-query", () => {
    const santacoder = {
      architectures: ["GPT2LMHeadCustomModel"],
      model_type: "gpt2",
      attention_head_type: "multiquery",
      n_embd: 2048,
      n_head: 16,
      n_layer: 24,
      n_positions: 2048,
      vocab_size: 49280,
    };
    expect(attentionsOf(santacoder)[0]).toMatchObject({ heads: 16, kvHeads: 1 });
    // 1.12 B in the published checkpoint (recalled).
    expect(countParameters(modelFromHuggingFace(santacoder).model).total / 1e9).toBeCloseTo(1.12, 2);
  });

  it("names a missing field with its place", () => {
    const config = { architectures: ["Llama4ForConditionalGeneration"], text_config: { hidden_size: 5120 } };
    expect(() => modelFromHuggingFace(config)).toThrow(
      "invalid config.json text_config.num_hidden_layers: nothing (wants a positive integer)",
    );
  });
});

describe("bad input", () => {
  const message = (config: unknown): string => {
    try {
      modelFromHuggingFace(config);
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidInput);
      return (error as Error).message;
    }
    return "";
  };

  it("names an unknown architecture, what its file lacks, and the nearest known one", () => {
    expect(message({ architectures: ["FooBarForCausalLM"], hidden_size: 64, vocab_size: 10 })).toBe(
      "invalid config.json architectures: FooBarForCausalLM (unknown architecture; the file lacks num_hidden_layers, num_attention_heads, intermediate_size; describe it in a model profile)",
    );
    expect(message(llama({ architectures: ["LlamaForCausalLLM"], model_type: "none" }))).toBe(
      "invalid config.json architectures: LlamaForCausalLLM (unknown architecture; did you mean LlamaForCausalLM?)",
    );
    expect(message({ architectures: ["MambaForCausalLM"], model_type: "mamba", hidden_size: 768 })).toContain(
      "invalid config.json architectures: MambaForCausalLM (unknown architecture; the file lacks num_hidden_layers",
    );
    expect(message({})).toContain(
      "invalid config.json architectures: nothing (wants a class name such as LlamaForCausalLM;",
    );
    expect(message(null)).toBe("invalid config.json: null (wants an object)");
    expect(message([1])).toBe("invalid config.json: [1] (wants an object)");
  });

  it("names the field, what it got and what it wants", () => {
    const cases: [Record<string, unknown>, string][] = [
      [{ hidden_size: undefined }, "invalid config.json hidden_size: nothing (wants a positive integer)"],
      [{ hidden_size: null }, "invalid config.json hidden_size: nothing (wants a positive integer)"],
      [{ hidden_size: 0 }, "invalid config.json hidden_size: 0 (wants a positive integer up to 1,000,000,000)"],
      [{ hidden_size: -4096 }, "invalid config.json hidden_size: -4096 (wants a positive integer up to 1,000,000,000)"],
      [
        { hidden_size: 4096.5 },
        "invalid config.json hidden_size: 4096.5 (wants a positive integer up to 1,000,000,000)",
      ],
      [
        { hidden_size: "4096" },
        'invalid config.json hidden_size: "4096" (wants a positive integer up to 1,000,000,000)',
      ],
      [
        { hidden_size: Number.POSITIVE_INFINITY },
        "invalid config.json hidden_size: a number too large (wants a positive integer up to 1,000,000,000)",
      ],
      [
        { num_attention_heads: 30 },
        "invalid config.json num_attention_heads: 30 (must divide hidden_size 4096 where head_dim is absent)",
      ],
      [{ num_key_value_heads: 12 }, "invalid config.json num_key_value_heads: 12 (must divide num_attention_heads 32)"],
      [
        { num_hidden_layers: 10001 },
        "invalid config.json num_hidden_layers: 10001 (wants a positive integer up to 10,000)",
      ],
      [{ tie_word_embeddings: "yes" }, 'invalid config.json tie_word_embeddings: "yes" (wants true or false)'],
      [
        { partial_rotary_factor: -1 },
        "invalid config.json partial_rotary_factor: -1 (wants a positive number up to 1,000,000,000)",
      ],
    ];
    for (const [change, expected] of cases) expect(message(llama(change))).toBe(expected);
  });

  it("throws nothing but InvalidInput in one line, and never counts NaN, whatever a key holds", () => {
    const keys = Object.keys(llama());
    const families = [
      "LlamaForCausalLM",
      "FalconForCausalLM",
      "DeepseekV3ForCausalLM",
      "Qwen3NextForCausalLM",
      "T5ForConditionalGeneration",
      "Gemma4ForCausalLM",
    ];
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.constantFrom(...families), fc.jsonValue(), (key, family, value) => {
        const config = { ...llama({ architectures: [family] }), [key]: value };
        try {
          const count = countParameters(modelFromHuggingFace(config).model);
          expect(Number.isFinite(count.total) && Number.isFinite(count.active)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInput);
          expect((error as Error).message).not.toContain("\n");
        }
      }),
      { numRuns: 500 },
    );
  });

  it("does not take a prototype's keys for the file's", () => {
    expect(message(Object.create({ architectures: ["LlamaForCausalLM"] }))).toContain("architectures: nothing");
  });

  it("refuses what the model cannot say instead of leaving it out", () => {
    const gemma4 = llama({ architectures: ["Gemma4ForCausalLM"], hidden_size_per_layer_input: 256 });
    expect(message(gemma4)).toContain("hidden_size_per_layer_input: 256 (wants 0");
    const minimax = llama({ architectures: ["MiniMaxM2ForCausalLM"], attn_type_list: [0, 1] });
    expect(message(minimax)).toContain("attn_type_list: [0,1] (wants 1 in every layer");
  });
});
