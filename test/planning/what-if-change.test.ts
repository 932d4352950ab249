import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { modelCacheElementsPerToken } from "../../src/architecture/cache-row.ts";
import type { Model, SoftmaxAttention } from "../../src/architecture/model.ts";
import { countParameters } from "../../src/architecture/weights.ts";
import type { PlanQuestion } from "../../src/planning/plan-question.ts";
import { applyWhatIf, parseWhatIf } from "../../src/planning/what-if-change.ts";
import { InvalidInput } from "../../src/quantity/invalid-input.ts";
import { fixedLength } from "../../src/serving/length-distribution.ts";
import { modelProfile } from "../fixtures/profiles.ts";

function questionOf(model: Model): PlanQuestion {
  return {
    model,
    machines: [],
    engineOn: () => {
      throw new Error("a change needs no engine");
    },
    workload: { input: fixedLength(1000), output: fixedLength(300), arrivalVariation: 1 },
    load: { kind: "rate", amount: 8 },
    cachedPromptShare: 0,
    objectives: { ttftSeconds: 0.5, tpotSeconds: 0.04, endToEndSeconds: null, share: 0.95 },
    weights: [null],
    kvCaches: [null],
    speculation: null,
    separatePrefill: "auto",
    limits: {} as PlanQuestion["limits"],
  };
}

const llama = questionOf(modelProfile("llama-2-7b"));

function kvHeadsOf(model: Model): number[] {
  return model.decoder.kinds.map((layer) => (layer.attention as SoftmaxAttention).kvHeads);
}

const whatIf = (question: PlanQuestion, text: string): PlanQuestion => applyWhatIf(question, parseWhatIf(text));

describe("parseWhatIf", () => {
  it.each<[string, string, object]>([
    ["kv-heads=1", "MQA (1 K/V head)", { attention: "mqa", window: null, kvCache: null, input: null }],
    ["kv-heads=8", "8 K/V heads", { attention: "gqa:8" }],
    ["attention=GQA:8", "GQA-8 (8 K/V heads)", { attention: "gqa:8" }],
    ["attention=gqa:1", "MQA (1 K/V head)", { attention: "mqa" }],
    ["attention=mha", "MHA", { attention: "mha" }],
    ["attention=mla", "MLA", { attention: "mla" }],
    ["kv-cache=int8", "int8 cache", { kvCache: { id: "int8", bits: 8 }, weights: null }],
    ["weights=fp8", "fp8 weights", { weights: { id: "fp8" }, kvCache: null }],
    ["window=4096", "window of 4096 tokens", { window: 4096 }],
    ["window=1", "window of 1 token", { window: 1 }],
    ["shared-prefix=0.5", "50 % of the prompt shared", { cachedPromptShare: 0.5 }],
    ["shared-prefix=0", "0 % of the prompt shared", { cachedPromptShare: 0 }],
    ["input=4_000", "input of 4000 tokens", { input: { mean: 4000 } }],
    ["output=100..300", "output of uniform, 100 to 300 tokens", { output: { mean: 200 } }],
  ])("reads %s as %s", (text, label, parts) => {
    expect(parseWhatIf(text)).toMatchObject({ text, label, ...parts });
  });

  it("reads several at commas, with spaces, and leaves the commas of quantiles alone", () => {
    const change = parseWhatIf(" kv-heads=1, kv-cache=int8 ");
    expect(change.label).toBe("MQA (1 K/V head), int8 cache");
    expect(change.text).toBe("kv-heads=1, kv-cache=int8");
    const lengths = parseWhatIf("input=quantiles:p50=100,max=300,output=7");
    expect(lengths.input?.mean).toBe(125.25);
    expect(lengths.output?.mean).toBe(7);
  });

  it.each<[string, string]>([
    ["kvheads=1", "invalid whatIf: kvheads=1 (did you mean kv-heads?)"],
    ["kv_cache=int8", "invalid whatIf: kv_cache=int8 (did you mean kv-cache?)"],
    ["gpus=8", "invalid whatIf: gpus=8 (wants kv-heads, attention, window"],
    ["constructor=8", "invalid whatIf: constructor=8 (wants kv-heads"],
    ["", "invalid whatIf: nothing (wants kv-heads"],
    ["kv-heads=1,", "invalid whatIf: nothing (wants kv-heads"],
    ["kv-heads", "invalid whatIf: kv-heads (wants a value, as in kv-heads=1)"],
    ["weights=", "invalid whatIf: weights= (wants a value, as in weights=fp8)"],
    ["kv-heads=0", "invalid whatIf: kv-heads=0 (wants a positive whole number"],
    ["kv-heads=1.5", "invalid whatIf: kv-heads=1.5 (wants a positive"],
    ["kv-heads=65537", "invalid whatIf: kv-heads=65537 (wants a positive"],
    ["kv-heads=eight", "invalid whatIf: kv-heads=eight (wants a positive"],
    ["attention=mqq", "invalid whatIf: attention=mqq (wants mha, gqa:G, mqa or mla; did you mean mqa?)"],
    ["attention=as-is", "invalid whatIf: attention=as-is (wants mha, gqa:G, mqa or mla)"],
    ["attention=gqa:0", "invalid whatIf: attention=gqa:0 (wants a positive"],
    ["kv-cache=inf8", "invalid whatIf: kv-cache=inf8 (did you mean int8?)"],
    ["kv-cache=small", "invalid whatIf: kv-cache=small (wants fp32, bf16"],
    ["weights=int4:0", "invalid whatIf: weights=int4:0 (an int4 group is 1 to 65536 elements)"],
    ["window=0", "invalid whatIf: window=0 (wants a positive whole number"],
    ["shared-prefix=1", "invalid whatIf: shared-prefix=1 (wants a share from 0 up to but not 1)"],
    ["shared-prefix=-0.1", "invalid whatIf: shared-prefix=-0.1 (wants a share"],
    ["shared-prefix=half", "invalid whatIf: shared-prefix=half (wants a share"],
    ["input=0", "invalid whatIf: input=0 (wants"],
    ["output=long", "invalid whatIf: output=long (wants tokens such as"],
    ["output=300..100", "invalid whatIf: output=300..100 (wants at least from, 300)"],
    ["kv-heads=1,attention=mla", "invalid whatIf: kv-heads=1,attention=mla (names attention twice)"],
    ["window=8,window=9", "invalid whatIf: window=8,window=9 (names window twice)"],
  ])("refuses %j, naming whatIf and what is wanted", (text, message) => {
    const error = refusalOf(() => parseWhatIf(text));
    expect(error.field).toBe("whatIf");
    expect(error.message.startsWith(message), error.message).toBe(true);
  });

  it("reads any text or refuses it with InvalidInput", () => {
    const typed = fc.oneof(fc.string(), fc.tuple(fc.constantFrom("kv-heads", "input", "weights"), fc.string()));
    fc.assert(
      fc.property(typed, (text) => {
        try {
          expect(parseWhatIf(typeof text === "string" ? text : text.join("=")).label).not.toBe("");
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInput);
        }
      }),
    );
  });
});

describe("applyWhatIf", () => {
  it("gives each layer of Llama-2-7B 1 of its 32 K/V heads, and the cache 1/32 of its elements", () => {
    const changed = whatIf(llama, "kv-heads=1");
    expect(kvHeadsOf(llama.model)).toEqual([32]);
    expect(kvHeadsOf(changed.model)).toEqual([1]);
    expect(modelCacheElementsPerToken(changed.model)).toBe(modelCacheElementsPerToken(llama.model) / 32);
  });

  it("keeps the other widths: 31/32 of K and V, 32 layers of 2 × 4096², are fewer parameters", () => {
    const lost = countParameters(llama.model).total - countParameters(whatIf(llama, "kv-heads=1").model).total;
    expect(lost).toBe((32 * 2 * 4096 ** 2 * 31) / 32);
  });

  it("changes what it names and nothing else", () => {
    const { model, workload, weights, kvCaches, cachedPromptShare, ...rest } = whatIf(
      llama,
      "kv-cache=int8,weights=fp8,shared-prefix=0.25,input=2000,output=50",
    );
    const { load, objectives, machines, limits } = llama;
    expect(rest).toMatchObject({ load, objectives, machines, limits });
    expect(model).toBe(llama.model);
    expect(weights.map((each) => each?.id)).toEqual(["fp8"]);
    expect(kvCaches.map((each) => each?.id)).toEqual(["int8"]);
    expect([cachedPromptShare, workload.input.mean, workload.output.mean]).toEqual([0.25, 2000, 50]);
    expect(workload.arrivalVariation).toBe(llama.workload.arrivalVariation);
    const attention = whatIf({ ...llama, cachedPromptShare: 0.5 }, "attention=gqa:8");
    expect(attention).toMatchObject({ cachedPromptShare: 0.5, weights: [null], kvCaches: [null] });
    expect(attention.workload).toEqual(llama.workload);
  });

  it("takes latent attention to K/V heads and back, and sets windows after the attention", () => {
    const deepSeek = questionOf(modelProfile("deepseek-v3"));
    expect(kvHeadsOf(whatIf(deepSeek, "kv-heads=8").model)).toEqual([8, 8]);
    expect(whatIf(llama, "attention=mla").model.decoder.kinds[0]?.attention.kind).toBe("latent");
    const windowed = whatIf(deepSeek, "window=4096,attention=mqa").model.decoder.kinds;
    expect(windowed.map((layer) => layer.attention)).toMatchObject([
      { kvHeads: 1, window: 4096 },
      { kvHeads: 1, window: 4096 },
    ]);
  });

  it("takes K/V heads that divide the heads, the heads themselves among them, and no others", () => {
    expect(kvHeadsOf(whatIf(llama, "kv-heads=32").model)).toEqual([32]);
    expect(refusalOf(() => whatIf(llama, "kv-heads=5")).message).toBe(
      "invalid whatIf: kv-heads=5 (K/V heads must divide heads 32)",
    );
    expect(refusalOf(() => whatIf(llama, "kv-heads=64")).field).toBe("whatIf");
  });

  it("refuses windows on latent attention, and heads where all attention is linear", () => {
    expect(refusalOf(() => whatIf(llama, "attention=mla,window=4096")).field).toBe("whatIf");
    const hybrid = modelProfile("qwen3.5-27b");
    const kinds = hybrid.decoder.kinds.filter((layer) => layer.attention.kind === "linear");
    const linear = { ...hybrid, decoder: { kinds, order: [0] } };
    expect(refusalOf(() => whatIf(questionOf(linear), "kv-heads=1")).message).toMatch(/linear attention alone/);
    expect(kvHeadsOf(whatIf(questionOf(hybrid), "kv-heads=1").model)).toContain(1);
  });

  it("refuses lengths that are past the model's context on average: 4097 of 4096, not 4096", () => {
    expect(whatIf(llama, "input=3796").workload.input.mean).toBe(3796);
    expect(refusalOf(() => whatIf(llama, "input=3797")).message).toMatch(/4097 tokens on average are past the 4096/);
  });
});

function refusalOf(act: () => unknown): InvalidInput {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInput);
    return error as InvalidInput;
  }
  throw new Error("was not refused");
}
