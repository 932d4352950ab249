/** Every profile counted from its dimensions, held to what the model reports. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { modelCacheElementsPerToken } from "../../src/architecture/cache-row.ts";
import type { Model } from "../../src/architecture/model.ts";
import { modelFromProfile, parseParameterCount } from "../../src/architecture/model-from-profile.ts";
import { parseModelProfile } from "../../src/architecture/model-profile-schema.ts";
import { parseJson } from "../../src/architecture/parse-json.ts";
import { countParameters } from "../../src/architecture/weights.ts";

const folder = new URL("../../model-profiles/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
const profiles = files.map((name) => parseModelProfile(parseJson(readFileSync(new URL(name, folder), "utf8"), name)));
const models = new Map<string, Model>(profiles.map((profile) => [profile.id, modelFromProfile(profile)]));

function model(id: string): Model {
  const found = models.get(id);
  if (found === undefined) throw new Error(`no profile ${id}`);
  return found;
}

describe("model profiles", () => {
  it("are at least 105 and the paper's 14, each in a file named after its id", () => {
    expect(files.length).toBeGreaterThanOrEqual(119);
    expect(profiles.map((profile) => `${profile.id}.json`)).toEqual(files);
  });

  it("share no id or alias, whatever its case", () => {
    const names = profiles
      .flatMap((profile) => [profile.id, ...(profile.aliases ?? [])])
      .map((name) => name.toLowerCase());
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it.each(profiles.map((profile) => [profile.id, profile] as const))(
    "%s counts what it reports within 1 %",
    (_, profile) => {
      const { total, active } = countParameters(modelFromProfile(profile));
      const reported = parseParameterCount(profile.parametersReported.value);
      const deviation = Math.abs(total / reported - 1);
      if (profile.parametersReported.explained === undefined) expect(deviation).toBeLessThan(0.01);
      // An explanation that is not needed would hide a later mistake.
      else expect(deviation).toBeGreaterThan(0.01);
      expect(deviation).toBeLessThan(0.1);
      expect(active).toBeLessThanOrEqual(total);
    },
  );
});

describe("exact parameter counts, as the published checkpoints have them", () => {
  // The sum of the tensors in each published checkpoint (recalled; Gemma 3's from keras-hub, BLOOM's from its README).
  const exact: [string, number][] = [
    ["llama-2-7b", 6_738_415_616],
    ["llama-3.1-8b", 8_030_261_248],
    ["llama-3.1-70b", 70_553_706_496],
    ["mistral-7b-v0.3", 7_248_023_552],
    ["mixtral-8x7b", 46_702_792_704],
    ["qwen2.5-7b", 7_615_616_512],
    ["qwen3-30b-a3b", 30_532_122_624],
    ["deepseek-v3", 671_026_419_200],
    ["deepseek-v2-lite", 15_706_484_224],
    ["gpt-oss-20b", 20_914_757_184],
    ["gemma-2-9b", 9_241_705_984],
    ["gemma-3-1b", 999_885_952],
    ["gpt2", 124_439_808],
    ["gpt2-xl", 1_557_611_200],
    ["gpt-j-6b", 6_050_882_784],
    ["gpt-neox-20b", 20_554_567_680],
    ["opt-6.7b", 6_658_473_984],
    ["bloom-176b", 176_247_271_424],
    ["starcoder-15.5b", 15_517_456_384],
    ["phi-2", 2_779_683_840],
    ["t5-base", 222_903_552],
    ["flan-t5-xl", 2_849_757_184],
    ["flan-t5-xxl", 11_135_332_352],
    ["command-r-plus", 103_810_674_688],
  ];
  it.each(exact)("%s has %i", (id, parameters) => {
    expect(countParameters(model(id)).total).toBe(parameters);
  });
});

describe("K/V bytes a token in bf16, as published", () => {
  const published: [string, number][] = [
    // DeepSeek-V3's paper sets 70,272 beside Llama-3.1-405B's 516,096 and Qwen2.5-72B's 327,680 (arXiv 2505.09343, table 1).
    ["deepseek-v3", 70_272],
    ["llama-3.1-405b", 516_096],
    ["qwen2.5-72b", 327_680],
    ["llama-3.1-70b", 327_680],
    ["llama-3.1-8b", 131_072],
    ["falcon-7b", 8_192],
    // 40 layers × 2 × 128 × 2 bytes: one K/V head.
    ["starcoder-15.5b", 20_480],
    // 2560 MiB at 2048 tokens: multi-head.
    ["command-r-v01", 2560 * 512],
    // 118 layers × one head of 256.
    ["palm-540b", 118 * 2 * 256 * 2],
  ];
  it.each(published)("%s needs %i", (id, bytes) => {
    expect(2 * modelCacheElementsPerToken(model(id))).toBe(bytes);
  });
});

describe("traps of the profiles", () => {
  const only = (id: string) => {
    const kinds = model(id).decoder.kinds;
    expect(kinds).toHaveLength(1);
    return kinds[0]?.attention;
  };

  it("PaLM is multi-query, at every size", () => {
    for (const id of ["palm-8b", "palm-62b", "palm-540b"]) expect(only(id)).toMatchObject({ kvHeads: 1, headDim: 256 });
  });

  it("BLOOM has 70 layers of 14336, not GPT-3's 96 of 12288", () => {
    expect(model("bloom-176b")).toMatchObject({ dModel: 14336, outerNorms: 2 });
    expect(model("bloom-176b").decoder.order).toHaveLength(70);
  });

  it("DeepSeek-V3 has latent attention, not 128 or 2 K/V heads", () => {
    for (const kind of model("deepseek-v3").decoder.kinds) {
      expect(kind.attention).toMatchObject({ kind: "latent", kvRank: 512, ropeDim: 64, indexer: null });
    }
    expect(model("deepseek-v3.2").decoder.kinds[0]?.attention).toMatchObject({ indexer: { topK: 2048 } });
  });

  it("Falcon has 1 K/V head in 7B and 8 in 40B", () => {
    expect(only("falcon-7b")).toMatchObject({ heads: 71, kvHeads: 1 });
    expect(only("falcon-40b")).toMatchObject({ heads: 128, kvHeads: 8 });
  });

  it("Mistral has 8 K/V heads and Mistral Nemo heads of 128", () => {
    expect(only("mistral-7b-v0.1")).toMatchObject({ kvHeads: 8, window: 4096 });
    expect(only("mistral-nemo-12b")).toMatchObject({ heads: 32, headDim: 128 });
  });
});

describe("the models of Shazeer 2019", () => {
  it("keep their parameters between attentions, 211 M and 192 M", () => {
    const count = (id: string) => countParameters(model(id)).total;
    for (const suffix of ["mqa", "mha-local", "mqa-local", "mha-h1-d128", "mha-h2-d64", "mha-h4-d32", "mha-h8-d16"]) {
      expect(count(`shazeer-2019-wmt-${suffix}`)).toBe(count("shazeer-2019-wmt-mha"));
    }
    for (const suffix of ["mqa", "mha-h1-d128", "mha-h2-d64", "mha-h4-d32", "mha-h8-d16"]) {
      expect(count(`shazeer-2019-lm-${suffix}`)).toBe(count("shazeer-2019-lm-mha"));
    }
  });

  it("are multi-query in all three attentions of the multi-query model", () => {
    const { decoder, encoder } = model("shazeer-2019-wmt-mqa");
    expect(decoder.kinds[0]?.attention).toMatchObject({ heads: 8, kvHeads: 1 });
    expect(decoder.kinds[0]?.crossAttention).toMatchObject({ heads: 8, kvHeads: 1 });
    expect(encoder?.kinds[0]?.attention).toMatchObject({ heads: 8, kvHeads: 1 });
  });

  it("see the token itself and 31 before it in the local models, in the decoder's self-attention alone", () => {
    const { decoder, encoder } = model("shazeer-2019-wmt-mha-local");
    expect(decoder.kinds[0]?.attention).toMatchObject({ window: 32 });
    expect(decoder.kinds[0]?.crossAttention).toMatchObject({ window: null });
    expect(encoder?.kinds[0]?.attention).toMatchObject({ window: null });
  });
});

describe("a model whose order names a kind that isn't there", () => {
  it("has no count, not a smaller one", () => {
    const llama = model("llama-2-7b");
    const broken = { ...llama, decoder: { ...llama.decoder, order: [0, 1] } };
    expect(() => countParameters(broken)).toThrow("layer kind 1 of 1");
  });
});
