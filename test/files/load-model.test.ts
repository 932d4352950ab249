import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadModel, loadModelFile, readModelFile } from "../../src/files/load-model.ts";
import { builtinModels, modelAliases } from "../../src/generated/builtin-models.ts";

const profiles = join(import.meta.dirname, "..", "..", "model-profiles");
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ridgepoint-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const written = async (name: string, content: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};

/** Llama 2 7B as its config.json has it (Touvron et al. 2023, table of hyper-parameters). */
const llama2 = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  hidden_size: 4096,
  intermediate_size: 11_008,
  num_attention_heads: 32,
  num_key_value_heads: 32,
  num_hidden_layers: 32,
  max_position_embeddings: 4096,
  vocab_size: 32_000,
  tie_word_embeddings: false,
  hidden_act: "silu",
};

describe("loadModel", () => {
  it("knows Llama 2 7B", () => {
    const model = loadModel("Llama-2-7B");
    expect(model.dModel).toBe(4096);
    expect(model.decoder.order).toHaveLength(32);
  });

  it("has every profile of the folder built in, under its id, with aliases that lead to one", async () => {
    const ids = (await readdir(profiles)).map((name) => name.replace(/\.json$/, ""));
    expect(ids.length).toBeGreaterThanOrEqual(80);
    expect(Object.keys(builtinModels).sort()).toEqual(ids.sort());
    for (const [id, model] of Object.entries(builtinModels)) expect(model.id).toBe(id);
    for (const id of Object.values(modelAliases)) expect(builtinModels).toHaveProperty([id]);
  });

  it("offers the nearest name for an unknown one", () => {
    expect(() => loadModel("llama-2-7")).toThrow(
      "invalid model: llama-2-7 (did you mean llama-2-7b? `ridgepoint models` lists all)",
    );
  });
});

describe("loadModelFile", () => {
  it("reads a config.json to the dimensions of the built-in model", async () => {
    const { model, profile } = await readModelFile(await written("config.json", JSON.stringify(llama2)));
    expect(profile).toBeNull();
    expect(model.decoder.order).toEqual(loadModel("llama-2-7b").decoder.order);
    expect(model.decoder.kinds[0]?.attention).toEqual(loadModel("llama-2-7b").decoder.kinds[0]?.attention);
  });

  it("reads a model profile to the built-in model", async () => {
    expect(await loadModelFile(join(profiles, "llama-2-7b.json"))).toEqual(loadModel("llama-2-7b"));
  });

  it("refuses, in one line, a missing file, a syntax error, an unknown class and a prototype's key", async () => {
    await expect(loadModelFile("x.json")).rejects.toThrow("invalid --config: x.json (no such file)");
    const broken = await written("broken.json", '{\n"hidden_size": 1,\n}');
    await expect(loadModelFile(broken)).rejects.toThrow(/line 3/);
    const strange = await written("strange.json", '{"architectures": ["StrangeForCausalLM"]}');
    await expect(loadModelFile(strange)).rejects.toThrow(/StrangeForCausalLM .*hidden_size/);
    const prototype = await written("prototype.json", '{"__proto__": {"hidden_size": 1}}');
    await expect(loadModelFile(prototype)).rejects.toThrow(/__proto__/);
    for (const text of ["[]", "null", "3", '""']) {
      await expect(loadModelFile(await written("other.json", text))).rejects.toThrow(/^invalid /);
    }
  });
});
