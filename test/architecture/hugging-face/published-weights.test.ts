import { describe, expect, it } from "vitest";
import { ConfigFields } from "../../../src/architecture/hugging-face/config-fields.ts";
import { readPublishedWeights } from "../../../src/architecture/hugging-face/published-weights.ts";
import { parseNumberFormat } from "../../../src/quantity/number-format.ts";

function read(
  quantization_config: Record<string, unknown> | null,
  rest: Record<string, unknown> = {},
  weightsGiven = false,
) {
  const notes: string[] = [];
  const weights = readPublishedWeights(
    new ConfigFields({ quantization_config, ...rest }, "config.json", notes),
    weightsGiven,
  );
  return { weights, notes };
}

describe("readPublishedWeights", () => {
  const formats: [string, Record<string, unknown>, string][] = [
    ["DeepSeek's fp8", { quant_method: "fp8", weight_block_size: [128, 128] }, "fp8"],
    ["GPTQ", { quant_method: "gptq", bits: 4, group_size: 128 }, "int4:128"],
    ["GPTQ, one scale a row", { quant_method: "gptq", bits: 4, group_size: -1 }, "bits:4"],
    ["GPTQ, 3 bits", { quant_method: "gptq", bits: 3, group_size: 128 }, "bits:3.125"],
    ["GPTQ, 8 bits", { quant_method: "gptq", bits: 8, group_size: 128 }, "int8"],
    ["AWQ", { quant_method: "awq", w_bit: 4, q_group_size: 64 }, "int4:64"],
    ["bitsandbytes, 8 bits", { load_in_8bit: true, load_in_4bit: false }, "int8"],
    [
      "bitsandbytes, 4 bits: an fp32 scale a block of 64",
      { quant_method: "bitsandbytes", load_in_4bit: true },
      "bits:4.5",
    ],
    [
      "bitsandbytes, scales quantized too",
      { quant_method: "bitsandbytes", load_in_4bit: true, bnb_4bit_use_double_quant: true },
      "bits:4.126953",
    ],
    [
      "compressed-tensors, fp8",
      { quant_method: "compressed-tensors", config_groups: { group_0: { weights: { num_bits: 8, type: "float" } } } },
      "fp8",
    ],
    [
      "compressed-tensors, int4",
      {
        quant_method: "compressed-tensors",
        config_groups: { group_0: { weights: { num_bits: 4, type: "int", group_size: 32 } } },
      },
      "int4:32",
    ],
    ["modelopt", { quant_method: "modelopt", quant_algo: "NVFP4" }, "nvfp4"],
    ["modelopt, fp8, by quant_algo alone", { quant_algo: "FP8_PB_WO" }, "fp8"],
    ["modelopt, 4-bit weights", { quant_method: "modelopt", quant_algo: "w4a16_awq" }, "int4"],
    ["fbgemm's fp8 (Llama 3.1 405B)", { quant_method: "fbgemm_fp8" }, "fp8"],
    ["auto-round without its numbers: 4 bits, one scale a row", { quant_method: "auto-round" }, "bits:4"],
    ["EETQ", { quant_method: "eetq" }, "int8"],
    ["quanto", { quant_method: "quanto", weights: "int8" }, "int8"],
    ["bitsandbytes, 8 bits, by its private key", { quant_method: "bitsandbytes", _load_in_8bit: true }, "int8"],
    ["bitsandbytes, 4 bits, by its private key", { quant_method: "bitsandbytes", _load_in_4bit: true }, "bits:4.5"],
    [
      "compressed-tensors, 4-bit floats in groups of 16",
      {
        quant_method: "compressed-tensors",
        config_groups: { group_0: { weights: { num_bits: 4, type: "float", group_size: 16 } } },
      },
      "nvfp4",
    ],
    [
      "compressed-tensors, 4-bit floats in groups of 32",
      { config_groups: { group_0: { weights: { num_bits: 4, type: "float", group_size: 32 } } } },
      "mxfp4",
    ],
    [
      "compressed-tensors, int8 a channel",
      {
        quant_method: "compressed-tensors",
        config_groups: { group_0: { weights: { num_bits: 8, type: "int", strategy: "channel" } } },
      },
      "int8",
    ],
  ];
  it.each(formats)("%s", (_, config, format) => {
    const { weights } = read(config);
    expect(weights).toEqual({ format, expertsOnly: false, logitsAt16Bits: true });
    expect(parseNumberFormat(format).bits).toBeGreaterThan(0);
  });

  it("is null for 16 bits, and notes float32 unless the weights' format is given", () => {
    expect(read(null)).toEqual({ weights: null, notes: [] });
    expect(read(null, { torch_dtype: "float32" }).notes[0]).toContain("float32");
    expect(read(null, { torch_dtype: "float32" }, true).notes).toEqual([]);
  });

  it.each<[string, Record<string, unknown>]>([
    ["bitsandbytes that loads neither 4 nor 8 bits", { quant_method: "bitsandbytes", load_in_4bit: false }],
    ["compressed-tensors without groups", { quant_method: "compressed-tensors" }],
    ["compressed-tensors with no group", { quant_method: "compressed-tensors", config_groups: {} }],
    ["compressed-tensors of activations alone", { quant_method: "compressed-tensors", config_groups: { group_0: {} } }],
    ["modelopt without an algorithm", { quant_method: "modelopt" }],
    ["modelopt of the cache alone", { quant_method: "modelopt", quant_algo: "KV_INT8" }],
    ["GPTQ of 16 bits", { quant_method: "gptq", bits: 16, group_size: 128 }],
  ])("counts 16 bits for %s, and notes it", (_, config) => {
    const { weights, notes } = read(config);
    expect(weights).toBeNull();
    expect(notes).toEqual([
      `quantization_config is not understood (quant_method ${config.quant_method}): 16-bit weights are counted`,
    ]);
  });

  it("refuses a method that it does not know, unless the weights' format is given", () => {
    const known = /knows fp8, .*gptq.*; with --weights FORMAT the weights are counted in that format/;
    expect(() => read({ quant_method: "aqlm" })).toThrow(/quantization_config\.quant_method: aqlm \(/);
    expect(() => read({ quant_method: "aqlm" })).toThrow(known);
    expect(() => read({ scheme: "new" })).toThrow(/quantization_config\.quant_method: nothing \(/);
    expect(read({ quant_method: "aqlm" }, {}, true)).toEqual({
      weights: null,
      notes: ["quantization_config is not understood (quant_method aqlm): it is not read"],
    });
  });

  it("reads compression_config, its older name, and dtype before torch_dtype", () => {
    const config_groups = { group_0: { weights: { num_bits: 8, type: "float" } } };
    const compression_config = { quant_method: "compressed-tensors", config_groups };
    expect(read(null, { compression_config }).weights?.format).toBe("fp8");
    expect(read(null, { dtype: "bfloat16", torch_dtype: "float32" }).notes).toEqual([]);
  });

  it("covers all layers where modules_to_not_convert names only some layers' attention, or an embedding", () => {
    const some = { quant_method: "awq", modules_to_not_convert: ["model.layers.0.self_attn", "lm_head", 7] };
    expect(read(some).weights).toEqual({ format: "bits:4", expertsOnly: false, logitsAt16Bits: true });
  });

  it("covers the experts alone where the attention is left out by a pattern (gpt-oss, Kimi K2 Thinking)", () => {
    const mxfp4 = { quant_method: "mxfp4", modules_to_not_convert: ["model.layers.*.self_attn", "lm_head"] };
    expect(read(mxfp4).weights).toEqual({ format: "mxfp4", expertsOnly: true, logitsAt16Bits: true });
    const kimi = {
      quant_method: "compressed-tensors",
      config_groups: { group_0: { weights: { num_bits: 4, type: "int", group_size: 32 } } },
      ignore: ["lm_head", "re:.*self_attn.*", "re:.*shared_experts.*"],
    };
    expect(read(kimi).weights).toEqual({ format: "int4:32", expertsOnly: true, logitsAt16Bits: true });
  });

  it("quantizes the LM head only where the file says so", () => {
    expect(read({ quant_method: "gptq", bits: 4, group_size: 128, lm_head: true }).weights?.logitsAt16Bits).toBe(false);
  });
});
