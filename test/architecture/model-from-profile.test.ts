import { describe, expect, it } from "vitest";
import { modelFromProfile, parseParameterCount } from "../../src/architecture/model-from-profile.ts";
import { parseModelProfile } from "../../src/architecture/model-profile-schema.ts";
import { countParameters } from "../../src/architecture/weights.ts";

/** Llama-2-7B in the fewest keys. */
function llama(): Record<string, unknown> {
  return {
    id: "llama-2-7b",
    name: "Llama 2 7B",
    family: "llama",
    source: "test",
    parametersReported: { value: "6.74B" },
    dModel: 4096,
    vocab: 32000,
    tiedEmbeddings: false,
    maxContext: 4096,
    norm: "rms",
    layers: 32,
    layerKinds: {
      layer: {
        attention: { kind: "softmax", heads: 32, kvHeads: 32, headDim: 128 },
        feedForward: { kind: "dense", dFf: 11008, gated: true },
      },
    },
  };
}

function layer(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    attention: { kind: "softmax", heads: 32, kvHeads: 8, headDim: 128, ...overrides },
    feedForward: { kind: "dense", dFf: 11008, gated: true },
  };
}

const read = (profile: Record<string, unknown>) => modelFromProfile(parseModelProfile(profile));

describe("modelFromProfile", () => {
  it("counts 6,738,415,616 parameters for Llama-2-7B (the checkpoint's own count)", () => {
    expect(countParameters(read(llama())).total).toBe(6_738_415_616);
  });

  it("fills what a profile leaves out", () => {
    const model = read(llama());
    expect(model.decoder.order).toEqual(Array(32).fill(0));
    expect(model.decoder.kinds[0]).toMatchObject({ name: "layer", norms: 2, parallel: false, crossAttention: null });
    expect(model.decoder.kinds[0]?.attention).toMatchObject({
      window: null,
      rotaryDim: 128,
      qkNorm: "none",
      sinks: false,
    });
    expect(model).toMatchObject({ positions: 0, normBias: false, outerNorms: 1, logitsBias: false, encoder: null });
  });

  it("turns no head where positions are learned, and gives layer norm a bias", () => {
    const model = read({ ...llama(), positions: 2048, norm: "layer" });
    expect(model.decoder.kinds[0]?.attention).toMatchObject({ rotaryDim: 0 });
    expect(model.normBias).toBe(true);
  });

  it("places first kinds once and repeats the pattern", () => {
    const model = read({
      ...llama(),
      layers: 7,
      layerKinds: { a: layer(), b: layer({ window: 512 }), c: layer({ kvHeads: 4 }) },
      first: ["c"],
      pattern: ["b", "b", "a"],
    });
    expect(model.decoder.order).toEqual([2, 1, 1, 0, 1, 1, 0]);
  });

  it("refuses kinds that are placed and not described, or described and not placed", () => {
    const two = { ...llama(), layerKinds: { a: layer(), b: layer({ window: 512 }) } };
    expect(() => read(two)).toThrow("invalid pattern: nothing (wants the order of the kinds a, b)");
    expect(() => read({ ...two, pattern: ["a", "d"] })).toThrow(
      "invalid pattern: d (wants a kind of layerKinds: a, b)",
    );
    expect(() => read({ ...two, pattern: ["a"] })).toThrow(/invalid layerKinds: b \(must stand in first or pattern/);
    expect(() => read({ ...two, layers: 1, pattern: ["a", "b"] })).toThrow(/invalid layerKinds: b/);
  });

  it("holds the rules between fields", () => {
    const with12 = { ...llama(), layerKinds: { layer: layer({ kvHeads: 12 }) } };
    expect(() => read(with12)).toThrow("invalid layerKinds.layer.attention.kvHeads: 12 (must divide heads 32)");
    const turned = { ...llama(), layerKinds: { layer: layer({ rotaryDim: 256 }) } };
    expect(() => read(turned)).toThrow(
      "invalid layerKinds.layer.attention.rotaryDim: 256 (must be at most headDim 128)",
    );
    const greedy = {
      ...llama(),
      layerKinds: {
        layer: { ...layer(), feedForward: { kind: "mixture", experts: 4, expertsPerToken: 5, dFf: 8, gated: true } },
      },
    };
    expect(() => read(greedy)).toThrow(/feedForward.expertsPerToken: 5 \(must be at most experts 4\)/);
    const format = { format: "fp3", expertsOnly: false, logitsAt16Bits: true };
    expect(() => read({ ...llama(), publishedWeights: format })).toThrow(/publishedWeights.format: fp3/);
  });
});

describe("parseModelProfile", () => {
  it("refuses wrong values with one line that names the field", () => {
    const cases: [Record<string, unknown>, RegExp][] = [
      [{ dModel: 0 }, /^invalid dModel: 0 /],
      [{ dModel: -1 }, /^invalid dModel: -1 /],
      [{ dModel: 40.5 }, /^invalid dModel: 40.5 /],
      [{ dModel: Number.POSITIVE_INFINITY }, /^invalid dModel: /],
      [{ dModel: "4096" }, /^invalid dModel: "4096" /],
      [{ layers: 1e9 }, /^invalid layers: /],
      [{ dmodel: 4096 }, /^invalid dmodel: 4096 .*dModel/],
      [{ vocab: undefined }, /^invalid vocab: missing /],
      [{ parametersReported: { value: "8 billion" } }, /^invalid parametersReported.value: 8 billion /],
    ];
    for (const [change, message] of cases) {
      const profile = { ...llama(), ...change };
      expect(() => parseModelProfile(profile)).toThrow(message);
      try {
        parseModelProfile(profile);
      } catch (error) {
        expect((error as Error).message).not.toContain("\n");
      }
    }
    expect(() => parseModelProfile(JSON.parse('{"__proto__": {}}'))).toThrow(/__proto__/);
    expect(() => parseModelProfile(null)).toThrow(/model profile/);
  });
});

describe("parseParameterCount", () => {
  it("reads M, B and T as powers of ten", () => {
    expect(parseParameterCount("211M")).toBe(211e6);
    expect(parseParameterCount("8.03B")).toBe(8.03e9);
    expect(parseParameterCount("1T")).toBe(1e12);
    expect(() => parseParameterCount("8b")).toThrow("invalid parametersReported.value: 8b");
  });
});

describe("a stack that contradicts itself", () => {
  it("names the part and the number that it has to agree with", () => {
    expect(() => read({ ...llama(), layerKinds: {} })).toThrow(
      "invalid layerKinds: nothing (wants at least one kind of layer)",
    );
    expect(() => read({ ...llama(), layers: 2, first: ["layer", "layer", "layer"] })).toThrow(
      "invalid first: 3 kinds (wants at most layers 2)",
    );
    expect(() => read({ ...llama(), first: ["dense"], pattern: ["layer"] })).toThrow(
      "invalid first: dense (wants a kind of layerKinds: layer)",
    );
    const encoder = { layers: 2, layerKinds: { layer: layer({ kvHeads: 12 }) } };
    expect(() => read({ ...llama(), encoder })).toThrow(
      "invalid encoder.layerKinds.layer.attention.kvHeads: 12 (must divide heads 32)",
    );
  });

  it("holds linear attention's key heads to its value heads", () => {
    const attention = { kind: "linear", keyHeads: 12, valueHeads: 32, keyDim: 128, valueDim: 128, convolution: 4 };
    const linear = { ...llama(), layerKinds: { layer: { ...layer(), attention } } };
    expect(() => read(linear)).toThrow("invalid layerKinds.layer.attention.keyHeads: 12 (must divide valueHeads 32)");
  });
});
