import { describe, expect, test } from "vitest";
import { moreBitsLayer, multiplyFormat, parseNumberFormat, weightBits } from "../../src/quantity/number-format.ts";

const format = parseNumberFormat;

describe("bits an element, scales included", () => {
  test.each([
    ["fp32", 32],
    ["bf16", 16],
    ["fp16", 16],
    ["fp8", 8],
    ["int8", 8],
    ["int4", 4.125],
    ["int4:128", 4.125],
    ["int4:32", 4.5],
    ["int4:64", 4.25],
    ["mxfp4", 4.25],
    ["nvfp4", 4.5],
    ["q8_0", 8.5],
    ["q4_0", 4.5],
    ["bits:5.5", 5.5],
    ["BF16", 16],
  ])("%s: %d", (id, bits) => {
    expect(format(id).bits).toBe(bits);
  });

  test.each([
    "",
    "fp7",
    "int4:0",
    "int4:99999999",
    "bits:0",
    "bits:65",
    "bits:",
    "__proto__",
    "constructor",
    "bits:1e9",
  ])("%s is refused by name", (id) => {
    expect(() => format(id, "weights")).toThrow(/^invalid weights: /);
  });
});

describe("what keeps 16 bits", () => {
  test("norms, embeddings and routers under int8, int4, fp8 and bits:N", () => {
    for (const id of ["int8", "int4", "fp8", "bits:3", "mxfp4"]) {
      for (const role of ["norm", "embedding", "position", "router"] as const)
        expect(weightBits(format(id), role, 896)).toBe(16);
      expect(weightBits(format(id), "matrix", 896)).toBe(format(id).bits);
    }
  });

  test("fp32 keeps everything at 32, GGUF formats keep norms at 32 and embed in their own type", () => {
    expect(weightBits(format("fp32"), "norm", 4096)).toBe(32);
    expect(weightBits(format("q8_0"), "norm", 4096)).toBe(32);
    expect(weightBits(format("q8_0"), "embedding", 4096)).toBe(8.5);
    expect(weightBits(format("q4_k_m"), "logits", 4096)).toBe(6.5625);
  });
});

describe("llama.cpp's mixture", () => {
  test("of 32 layers 16 store values and down projections finer: 0-3, 6, 9, …, 27, 28-31", () => {
    const finer = Array.from({ length: 32 }, (_, i) => i).filter((layer) => moreBitsLayer(layer, 32));
    expect(finer).toEqual([0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31]);
  });

  test("half finer is halfway between Q4_K and Q6_K", () => {
    expect(weightBits(format("q4_k_m"), "down", 4096, 0.5)).toBe((4.5 + 6.5625) / 2);
    expect(weightBits(format("q4_k_m"), "matrix", 4096, 0.5)).toBe(4.5);
  });

  // llama.cpp, src/llama-quant.cpp, llama_tensor_get_type; type sizes in ggml-common.h.
  test.each([
    ["q4_k_m", "matrix", 4.5, 5.5],
    ["q4_k_m", "embedding", 4.5, 5.5],
    ["q4_k_m", "fused", 5.5, 6],
    ["q4_k_m", "groupedValue", 5.5, 6],
    ["q4_k_m", "eightExpertsOutput", 5.5, 6],
    ["q4_k_m", "eightExpertsKeyValue", 8.5, 8.5],
    ["q4_k_m", "logits", 6.5625, 8.5],
    ["q4_0", "matrix", 4.5, 4.5],
    ["q4_0", "fused", 4.5, 4.5],
    ["q4_0", "eightExpertsKeyValue", 8.5, 8.5],
    ["q4_0", "eightExpertsOutput", 4.5, 4.5],
    ["q4_0", "logits", 6.5625, 8.5],
    ["q8_0", "fused", 8.5, 8.5],
    ["q8_0", "position", 32, 32],
    ["q4_k_m", "position", 32, 32],
  ] as const)(
    "%s stores a %s in %d bits, in %d where blocks of 256 don't divide its rows",
    (id, role, bits, narrow) => {
      expect([weightBits(format(id), role, 4864), weightBits(format(id), role, 896)]).toEqual([bits, narrow]);
    },
  );

  test("a finer layer's narrow rows are Q8_0, the others' Q5_0", () => {
    expect(weightBits(format("q4_k_m"), "value", 896, 1)).toBe(8.5);
    expect(weightBits(format("q4_k_m"), "value", 896, 0.5)).toBe(7);
  });
});

describe("the format that a kernel multiplies in", () => {
  test.each([
    ["int4", "bf16", "bf16"],
    ["fp8", "bf16", "bf16"],
    ["fp32", "bf16", "bf16"],
    ["bf16", "fp32", "fp32"],
    ["fp8", "fp8", "fp8"],
    ["int4", "fp8", "fp8"],
    ["bf16", "fp8", "bf16"],
    ["int8", "fp8", "bf16"],
    ["int8", "int8", "int8"],
    ["q4_k_m", "int8", "int8"],
    ["fp8", "int8", "bf16"],
    ["nvfp4", "nvfp4", "fp4"],
    ["fp8", "nvfp4", "fp8"],
    ["bf16", "nvfp4", "bf16"],
    // Activations of a format that no unit multiplies are widened.
    ["bf16", "q4_0", "bf16"],
  ])("%s weights with %s activations: %s", (stored, activations, expected) => {
    expect(multiplyFormat(format(stored), format(activations))).toBe(expected);
  });
});
