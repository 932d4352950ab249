/** Keys that some classes ignore: Transformers refuses a layer_types of another length (configuration_utils.layer_type_validation). */
import { describe, expect, it } from "vitest";
import { modelFromHuggingFace } from "../../../src/architecture/hugging-face/model-from-hugging-face.ts";

const sizes = {
  hidden_size: 4096,
  num_hidden_layers: 8,
  num_attention_heads: 32,
  intermediate_size: 11008,
  vocab_size: 32000,
};

const read = (architecture: string, keys: Record<string, unknown>) =>
  modelFromHuggingFace({ architectures: [architecture], ...sizes, ...keys });

describe.each(["LlamaForCausalLM", "Qwen3ForCausalLM", "MistralForCausalLM"])("%s", (architecture) => {
  it("takes layer_types of the layers' length and known kinds", () => {
    const layer_types = Array(8).fill("full_attention");
    expect(read(architecture, { layer_types }).model.decoder.order).toHaveLength(8);
  });

  it.each([1, 9])("refuses %i layer_types for 8 layers", (length) => {
    const layer_types = Array(length).fill("full_attention");
    expect(() => read(architecture, { layer_types })).toThrow(`layer_types: ${length} entries (wants one a layer: 8)`);
  });

  it("refuses kinds that are not known", () => {
    expect(() => read(architecture, { layer_types: Array(8).fill("foo") })).toThrow("layer_types: foo (wants full_");
  });

  it.each([0, -5, 1.5, "4096", true])("refuses a sliding_window of %j", (sliding_window) => {
    expect(() => read(architecture, { sliding_window })).toThrow(/^invalid config\.json sliding_window: /);
  });

  it.each([null, false, -1])("has no window where it is %j", (sliding_window) => {
    const [layer] = read(architecture, { sliding_window }).model.decoder.kinds;
    expect(layer?.attention).toMatchObject({ window: null });
  });
});
