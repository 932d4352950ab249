/** The state as an address, without a browser: what is put in comes out, and nothing harmful gets in. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mostPackedCharacters, packText, unpackText } from "../../web/src/packed-text.ts";
import { addressOf, stateOfAddress } from "../../web/src/page-address.ts";
import { checkedConfig } from "../../web/src/pasted-config.ts";
import { defaultSetting, defaultState, type PageState, type Setting } from "../../web/src/setting.ts";

const config = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  hidden_size: 4096,
  intermediate_size: 11_008,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  num_hidden_layers: 32,
  max_position_embeddings: 4096,
  vocab_size: 32_000,
  tie_word_embeddings: false,
  hidden_act: "silu",
};

const settings = fc.record<Setting>({
  model: fc.constantFrom("llama-2-7b", "deepseek-v3", "gpt-oss-20b"),
  config: fc.constantFrom(null, JSON.stringify(config)),
  hardware: fc.constantFrom("h100-sxm", "apple-m1"),
  attention: fc.constantFrom("as-is", "mha", "gqa:8", "mqa", "mla"),
  batch: fc.integer({ min: 1, max: 1e12 }),
  context: fc.integer({ min: 1, max: 1e12 }),
  weights: fc.constantFrom(null, "fp8", "int4:64", "bits:3.5"),
  kvCache: fc.constantFrom("bf16", "fp8"),
  activations: fc.constantFrom("bf16", "fp8"),
  timing: fc.constantFrom("auto", "roofline", "calibrated"),
  engine: fc.constantFrom("auto", "ideal", "vllm", "llama.cpp"),
  tensorParallel: fc.constantFrom(1, 2, 1024),
  pricePerHour: fc.constantFrom(null, 0.5, 1234.5678),
});

describe("the address", () => {
  it("says the model, the machine, the batch and the context in words, and what differs from the usual", async () => {
    const { hash, note } = await addressOf({
      settings: [defaultSetting, { ...defaultSetting, attention: "gqa:2" }],
      selected: 1,
    });
    const usual = "m=llama-3.1-8b&h=h100-sxm";
    expect(hash).toBe(`#${usual}&b=16&c=8192/${usual}&a=gqa:2&b=16&c=8192&on=1`);
    expect(note).toBeNull();
  });

  it("gives every state back, with up to four settings and a config each", async () => {
    const states = fc
      .array(settings, { minLength: 1, maxLength: 4 })
      .chain((list) =>
        fc.integer({ min: 0, max: list.length - 1 }).map((selected): PageState => ({ settings: list, selected })),
      );
    await fc.assert(
      fc.asyncProperty(states, async (state) => {
        const { state: restored, notes } = await stateOfAddress((await addressOf(state)).hash);
        expect(notes).toEqual([]);
        // The model of the list is not said beside a config.
        const said = state.settings.map((each) =>
          each.config === null ? each : { ...each, model: defaultSetting.model },
        );
        expect(restored).toEqual({ ...state, settings: said });
      }),
      { numRuns: 60 },
    );
  });

  it("is the usual state where it holds nothing", async () => {
    expect(await stateOfAddress("")).toEqual({ state: defaultState, notes: [] });
    expect(await stateOfAddress("#")).toEqual({ state: defaultState, notes: [] });
  });

  it("reads aliases and capitals, passes over unknown keys, and tells what it refuses", async () => {
    const { state, notes } = await stateOfAddress("#m=LLAMA-2-7B&h=toaster&later=1&b=-3&c=1e4");
    expect(state.settings).toEqual([{ ...defaultSetting, model: "llama-2-7b", context: 10_000 }]);
    expect(notes).toHaveLength(2);
    expect(notes[0]).toMatch(/^in the address: invalid hardware: toaster/);
    expect(notes[1]).toMatch(/^in the address: invalid batch: -3/);
  });

  it("takes no more than four settings, and nothing of 40,001 characters", async () => {
    expect((await stateOfAddress("#b=1/b=2/b=3/b=4/b=5")).state.settings.map(({ batch }) => batch)).toEqual([
      1, 2, 3, 4,
    ]);
    expect((await stateOfAddress(`#b=2&z=${"a".repeat(39_994)}`)).state.settings[0]?.batch).toBe(2);
    expect((await stateOfAddress(`#b=2&z=${"a".repeat(39_995)}`)).state).toEqual(defaultState);
  });

  it("leaves no trace of names that reach into prototypes, whatever they hold", async () => {
    await stateOfAddress("#__proto__=1&constructor=2&m=__proto__&h=constructor&prototype=x&a=__proto__&w=toString");
    expect(Object.keys(Object.prototype)).toEqual([]);
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 200 }), async (text) => {
        const { state } = await stateOfAddress(`#${text}`);
        expect(state.settings.length).toBeGreaterThan(0);
      }),
    );
  });

  it("keeps a config that is too long for a link on the page, and says so", async () => {
    // Random text does not deflate.
    let seed = 1;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed.toString(36);
    };
    const long = JSON.stringify({ ...config, extra: Array.from({ length: 4000 }, random) });
    const { hash, note } = await addressOf({ settings: [{ ...defaultSetting, config: long }], selected: 0 });
    expect(hash).not.toContain("x=");
    expect(note).toMatch(/too long for a link/);
  });
});

describe("packed text", () => {
  it("comes back, in letters that need no escape", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 300, unit: "binary" }), async (text) => {
        const packed = (await packText(text)) as string;
        expect(packed).toMatch(/^[\w-]+$/);
        expect(await unpackText(packed)).toBe(text);
      }),
    );
  });

  it("of 1,000,000 letters comes back and of one more is refused, though the address holds few", async () => {
    const packed = (await packText("a".repeat(1_000_000))) as string;
    expect(packed.length).toBeLessThan(mostPackedCharacters);
    expect(await unpackText(packed)).toHaveLength(1_000_000);
    const bomb = (await packText("a".repeat(1_000_001))) as string;
    await expect(unpackText(bomb)).rejects.toThrow(/of at most 1000000 characters/);
  });

  it("refuses what it did not pack", async () => {
    await expect(unpackText("<script>")).rejects.toThrow(/letters, digits/);
    await expect(unpackText("abcd")).rejects.toThrow(/invalid config/);
    await expect(unpackText("a".repeat(mostPackedCharacters + 1))).rejects.toThrow(/at most 8000/);
  });
});

describe("a pasted config", () => {
  it("is kept without white space, and read as a model", () => {
    expect(checkedConfig(JSON.stringify(config, null, 4))).toBe(JSON.stringify(config));
  });

  it.each([
    ['{"__proto__": {"polluted": 1}, "model_type": "llama"}', /__proto__ \(is not allowed\)/],
    ['{"a": {"constructor": 1}}', /constructor \(is not allowed\)/],
    [`{"a": "${"x".repeat(5_000_000)}"}`, /at most 5000000/],
    ["[".repeat(100_000), /invalid config.json/],
    ["", /invalid config.json/],
    ['{"model_type": "<img src=x onerror=alert(1)>"}', /invalid config.json/],
  ])("is refused with its reason: %.40s", (text, reason) => {
    expect(() => checkedConfig(text)).toThrow(reason);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});
