import { describe, expect, it } from "vitest";
import { bitsFormat, precisionFormat } from "../../../src/measurement/import/precision-format.ts";
import { parseNumberFormat } from "../../../src/quantity/number-format.ts";

describe("precisionFormat", () => {
  it.each([
    ["FP16", "fp16"],
    ["F16", "fp16"],
    ["bfloat16", "bf16"],
    ["FP8", "fp8"],
    ["fp8_e4m3", "fp8"],
    ["INT8", "int8"],
    ["W8A8", "int8"],
    ["INT4-g32", "int4:32"],
    ["4-bit", "int4"],
    ["AWQ", "int4"],
    ["GPTQ-Int4", "int4"],
    ["NVFP4", "nvfp4"],
    ["MXFP4 MoE", "mxfp4"],
    ["Q4_0 (3.56 GiB)", "q4_0"],
    ["mostly Q8_0", "q8_0"],
    ["Q4_K - Medium", "q4_k_m"],
    ["bits:5.5", "bits:5.5"],
  ])("%s is %s, which the library knows", (label, format) => {
    expect(precisionFormat(label)).toBe(format);
    expect(parseNumberFormat(format).id).toBe(format);
  });

  it.each(["", "whatever", "Q5_K - Medium", "BF16 weights, FP8 cache", "Ollama default (mostly Q4_K_M); see the link"])(
    "%s is none",
    (label) => {
      expect(precisionFormat(label)).toBeNull();
    },
  );

  it("bits are all bytes over all weights", () => {
    expect(bitsFormat(4.9e9, 7e9)).toBe("bits:5.6");
    expect(bitsFormat(1, 7e9)).toBeNull();
    expect(bitsFormat(1e12, 7e9)).toBeNull();
  });
});
