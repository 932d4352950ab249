import { describe, expect, test } from "vitest";
import type { PublishedWeights } from "../../src/architecture/model.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { weightFormats } from "../../src/step/step-options.ts";
import { modelProfile } from "../fixtures/profiles.ts";

const llama = modelProfile("llama-2-7b");

function formatsOf(publishedWeights: PublishedWeights | null, asked: string | null = null): string[] {
  const model = { ...llama, publishedWeights };
  const { matrices, experts, logits } = weightFormats(model, asked === null ? null : parseNumberFormat(asked));
  return [matrices.id, experts.id, logits.id];
}

describe("formats of matrices, experts and LM head", () => {
  const fp8 = { format: "fp8", expertsOnly: false, logitsAt16Bits: true };
  test.each<[string, PublishedWeights | null, string[]]>([
    ["16 bits where nothing is published otherwise", null, ["bf16", "bf16", "bf16"]],
    ["all but the LM head (DeepSeek-V3)", fp8, ["fp8", "fp8", "bf16"]],
    ["the LM head too", { ...fp8, logitsAt16Bits: false }, ["fp8", "fp8", "fp8"]],
    ["the experts alone (gpt-oss)", { ...fp8, expertsOnly: true }, ["bf16", "fp8", "bf16"]],
    [
      "the experts alone, whatever is said of the LM head",
      { ...fp8, expertsOnly: true, logitsAt16Bits: false },
      ["bf16", "fp8", "bf16"],
    ],
  ])("%s", (_, published, expected) => {
    expect(formatsOf(published)).toEqual(expected);
  });

  test("a format that is asked for holds for all", () => {
    expect(formatsOf({ ...fp8, expertsOnly: true }, "int8")).toEqual(["int8", "int8", "int8"]);
  });
});
