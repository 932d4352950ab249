import { describe, expect, test } from "vitest";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { servingFormats } from "../../src/serving/serving-formats.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");
const a100 = hardwareProfile("a100-80g-sxm");
const llama = modelProfile("llama-3.1-8b");
const deepseek = modelProfile("deepseek-v3");
const [bf16, fp8, int8, int4] = ["bf16", "fp8", "int8", "int4"].map((id) => parseNumberFormat(id)) as [
  ReturnType<typeof parseNumberFormat>,
  ReturnType<typeof parseNumberFormat>,
  ReturnType<typeof parseNumberFormat>,
  ReturnType<typeof parseNumberFormat>,
];
const none = { weights: null, kvCache: null };

describe("formats that an engine serves in", () => {
  test("are 16 bits for a model that says nothing", () => {
    const formats = servingFormats(llama, none, "weights", h100);
    expect(formats).toEqual({ weights: null, activations: bf16, kvCache: bf16 });
  });

  test.each([
    ["fp8 on an H100, which has such units", fp8, h100, fp8],
    ["int8 on an A100, which has such units", int8, a100, int8],
    ["fp8 on an A100, which has none", fp8, a100, bf16],
    ["int4 on an H100: widened", int4, h100, bf16],
    ["bf16", bf16, h100, bf16],
  ])("multiply in eight bits where weights and machine do: %s", (_, weights, hardware, activations) => {
    expect(servingFormats(llama, { weights, kvCache: null }, "16 bits", hardware).activations).toEqual(activations);
  });

  test("of the model as it is published count like those asked for", () => {
    expect(servingFormats(deepseek, none, "weights", h100)).toEqual({ weights: null, activations: fp8, kvCache: fp8 });
  });

  test("keep the cache in 16 bits, or in the weights' eight where the engine does so", () => {
    const asked = { weights: fp8, kvCache: null };
    expect(servingFormats(llama, asked, "16 bits", h100).kvCache).toEqual(bf16);
    expect(servingFormats(llama, asked, "weights", h100).kvCache).toEqual(fp8);
    expect(servingFormats(llama, { weights: int4, kvCache: null }, "weights", h100).kvCache).toEqual(bf16);
  });

  test("of a cache that is asked for stand, whatever the engine's own", () => {
    expect(servingFormats(llama, { weights: fp8, kvCache: bf16 }, "weights", h100).kvCache).toEqual(bf16);
    expect(servingFormats(llama, { weights: null, kvCache: fp8 }, "16 bits", h100).kvCache).toEqual(fp8);
  });
});
