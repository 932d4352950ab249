import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyAttention } from "../../src/architecture/attention-variant.ts";
import type { Model } from "../../src/architecture/model.ts";
import { fewestDevices } from "../../src/planning/fewest-devices.ts";
import type { LayoutLimits } from "../../src/planning/layout.ts";
import { type MemoryFitQuestion, type MemoryFitRow, memoryFit } from "../../src/planning/memory-fit.ts";
import { memoryFitNotes, roomElsewhere } from "../../src/planning/memory-fit-notes.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");
const none = { devicesPerNode: null, nodeLinkBytesPerSecond: null };

function layout(tensor = 1, pipeline = 1, expert = 1): LayoutLimits {
  return { ...none, devices: Number.POSITIVE_INFINITY, tensor: [tensor], pipeline: [pipeline], expert: [expert] };
}

function upTo(devices: number): LayoutLimits {
  return { ...none, devices, tensor: null, pipeline: null, expert: null };
}

function question(model: Model, change: Partial<MemoryFitQuestion> & { attention?: string } = {}): MemoryFitQuestion {
  const { attention = "as-is", ...rest } = change;
  return {
    variants: [{ attention, model: applyAttention(model, attention) }],
    hardware: [h100],
    weights: null,
    kvCaches: [parseNumberFormat("bf16")],
    ...{ engine: "ideal", memoryShare: null, contexts: [8192], batches: [1], limits: layout() },
    ...rest,
  };
}

function rowOf(model: Model, change: Partial<MemoryFitQuestion> & { attention?: string } = {}): MemoryFitRow {
  const [row] = memoryFit(question(model, change));
  if (row === undefined) throw new Error("no row");
  return row;
}

/** With "any" as more than every number. */
function batchesOf(row: MemoryFitRow): number[] {
  return row.largestBatches.map(({ batch }) => batch ?? Number.POSITIVE_INFINITY);
}

describe("memoryFit", () => {
  it("gives Llama 3.1 8B on a bare H100 131,072 bytes a token and 64 requests of 8192 tokens, as by hand", () => {
    const row = rowOf(modelProfile("llama-3.1-8b"));
    expect(row).toMatchObject({ cacheBytesPerToken: 131_072, deviceCacheBytesPerToken: 131_072, stateBytes: 0 });
    expect(row.largestBatches).toEqual([{ context: 8192, requestBytes: 8192 * 131_072, batch: 64 }]);
    expect(row.memory).toMatchObject({ weightBytes: 2 * 8_030_261_248, reserveBytes: 0, activationBytes: 0 });
    expect(row).toMatchObject({ fits: true, missingBytes: null, refused: null });
  });

  // Insights into DeepSeek-V3 (Zhao et al. 2025), table 1: KV cache of a token in bf16.
  it.each([
    ["deepseek-v3", 70_272],
    ["qwen2.5-72b", 327_680],
    ["llama-3.1-405b", 516_096],
  ])("gives %s the %i bytes a token that its makers publish", (id, bytes) => {
    expect(rowOf(modelProfile(id)).cacheBytesPerToken).toBe(bytes);
  });

  it("says what memory allows and what the model allows, each where it is the lesser", () => {
    const [longer] = rowOf(modelProfile("llama-3.1-8b")).longestContexts;
    expect(longer).toEqual({ batch: 1, context: 526_099, usableContext: 131_072 });
    const shorter = rowOf(modelProfile("llama-3.1-8b"), { batches: [64] }).longestContexts[0];
    expect(shorter).toEqual({ batch: 64, context: 8220, usableContext: 8220 });
    const windowed = rowOf(modelProfile("mistral-7b-v0.1")).longestContexts[0];
    expect(windowed).toEqual({ batch: 1, context: null, usableContext: 32_768 });
    const unknown = { ...modelProfile("mistral-7b-v0.1"), maxContext: null };
    expect(rowOf(unknown).longestContexts[0]).toEqual({ batch: 1, context: null, usableContext: null });
  });

  it("holds latent rows whole on each device, splits K/V heads, and copies them beyond their number", () => {
    const tokenBytes = (id: string, tensor: number, attention = "as-is"): number | null =>
      rowOf(modelProfile(id), { limits: layout(tensor), attention }).deviceCacheBytesPerToken;
    expect([1, 2, 8].map((n) => tokenBytes("deepseek-v3", n))).toEqual([70_272, 70_272, 70_272]);
    // 2 × 8 heads × 128 × 2 bytes × 80 layers, over 1, 4, 8, 16 devices.
    expect([1, 4, 8, 16].map((n) => tokenBytes("llama-3.1-70b", n))).toEqual([327_680, 81_920, 40_960, 40_960]);
    expect([1, 4].map((n) => tokenBytes("llama-3.1-70b", n, "mqa"))).toEqual([40_960, 40_960]);
  });

  it("gives expert groups requests of their own: DeepSeek-V3 on 8 holds 8 times what one of them does", () => {
    const v3 = modelProfile("deepseek-v3");
    const [split, spread] = [layout(8, 1, 8), layout(1, 1, 8)].map((limits) =>
      rowOf(v3, { hardware: [hardwareProfile("h200")], limits }),
    );
    const own = spread?.memory?.roomBytes ?? Number.NaN;
    expect(spread?.largestBatches[0]?.batch).toBe(8 * Math.floor(own / (8192 * 70_272)));
    expect(split?.largestBatches[0]?.batch).toBe(Math.floor((split?.memory?.roomBytes ?? 0) / (8192 * 70_272)));
  });

  it("keeps of Gemma 3 27B's windows 1024 rows in 52 layers, and all rows in 10", () => {
    const [short, long] = rowOf(modelProfile("gemma-3-27b"), { contexts: [512, 8192] }).largestBatches;
    const rowBytes = 2 * 16 * 128 * 2;
    expect(short?.requestBytes).toBe(62 * 512 * rowBytes);
    expect(long?.requestBytes).toBe((52 * 1024 + 10 * 8192) * rowBytes);
  });

  it("counts the state of Qwen3.5 27B apart from its bytes a token", () => {
    const row = rowOf(modelProfile("qwen3.5-27b"));
    const state = 48 * (48 * 128 * 128 * 4 + 3 * (2 * 16 * 128 + 48 * 128) * 2);
    expect(row).toMatchObject({ stateBytes: state, cacheBytesPerToken: 16 * 2 * 4 * 256 * 2 });
    expect(row.largestBatches[0]?.requestBytes).toBe(state + 8192 * 65_536);
  });

  it.each(["vllm", "trt-llm", "sglang", "llama.cpp", "ideal"] as const)(
    "has parts under %s that add up to the capacity, and more room the less is kept",
    (engine) => {
      const row = rowOf(modelProfile("llama-3.1-70b"), { engine, limits: layout(4) });
      const { capacityBytes = 0, ...parts } = row.memory ?? {};
      expect(Object.values(parts).reduce((sum, bytes) => sum + bytes, 0)).toBeCloseTo(capacityBytes, 2);
      const bare = rowOf(modelProfile("llama-3.1-70b"), { limits: layout(4) });
      expect(batchesOf(row)[0]).toBeLessThanOrEqual(batchesOf(bare)[0] ?? 0);
    },
  );

  it("holds within a quarter of the tokens that vLLM reported for Qwen3 235B-A22B in fp8 on four H100s", () => {
    const fp8 = parseNumberFormat("fp8");
    const row = rowOf(modelProfile("qwen3-235b-a22b"), { engine: "vllm", weights: fp8, limits: layout(4) });
    // vllm-project/vllm, issue 21348: "GPU KV cache size: 178,880 tokens".
    const ratio = (row.longestContexts[0]?.context ?? Number.NaN) / 178_880;
    expect(ratio).toBeGreaterThan(0.75);
    expect(ratio).toBeLessThan(1.25);
  });

  it("takes a memory share in the place of what an engine keeps", () => {
    const row = rowOf(modelProfile("llama-3.1-8b"), { engine: "vllm", memoryShare: 0.5 });
    expect(row.memory?.roomBytes).toBeCloseTo(85_017_493_504 / 2 - 2 * 8_030_261_248, 2);
    expect(row.memory).toMatchObject({ runtimeBytes: 0, activationBytes: 0 });
  });

  it("takes the engine's own cache format where none is asked for: TensorRT-LLM's with 8-bit weights has 8 bits", () => {
    const own = (engine: "trt-llm" | "vllm"): string =>
      rowOf(modelProfile("llama-3.1-8b"), { engine, kvCaches: [null], weights: parseNumberFormat("fp8") }).kvCache;
    expect([own("trt-llm"), own("vllm")]).toEqual(["fp8", "bf16"]);
  });

  it("says what is missing where nothing fits, and on how many devices it would", () => {
    const asked = question(modelProfile("llama-3.1-70b"), { engine: "vllm" });
    const [row] = memoryFit(asked);
    expect(row).toMatchObject({ fits: false, largestBatches: [{ batch: 0 }], longestContexts: [{ context: 0 }] });
    const lacking = 8192 * 327_680 - (row?.memory?.roomBytes ?? 0);
    expect(row?.missingBytes).toBe(lacking);
    expect(fewestDevices(asked)?.parallelism.devices).toBe(4);
    expect(roomElsewhere(asked)).toEqual([
      expect.stringMatching(/^as-is, bf16 would fit on 4 × h100-sxm \(TP 4\), with 3\d\.\d GB for caches on each$/),
    ]);
    const t4 = question(modelProfile("llama-3.1-405b"), { hardware: [hardwareProfile("t4")] });
    expect(roomElsewhere({ ...t4, contexts: [1e9] })).toEqual(["nor would it fit on 64 × t4, by any layout"]);
  });

  it("keeps a refused variant's place, with the reason, and refuses where all are", () => {
    const model = modelProfile("llama-3.1-8b");
    const named = ["as-is", "mqa"].map((attention) => ({ attention, model: applyAttention(model, attention, true) }));
    const rows = memoryFit({ ...question(model), variants: named, limits: layout(4) });
    // The widened networks of MQA have 14,336 + 597 columns, which 4 does not divide.
    expect(rows.map((row) => [row.attention, row.refused])).toEqual([
      ["as-is", null],
      ["mqa", expect.stringMatching(/^invalid tensorParallel: 4 \(must divide dFf 14933\)$/)],
    ]);
    expect(rows[1]).toMatchObject({ fits: false, memory: null, largestBatches: [], longestContexts: [] });
    expect(() => memoryFit(question(model, { limits: layout(3) }))).toThrow(
      "invalid tensorParallel: 3 (must divide heads 32)",
    );
    expect(() => memoryFit(question(model, { limits: layout(1, 1, 2) }))).toThrow("no experts to spread");
    const narrow = { ...layout(4), devices: 2 };
    expect(() => memoryFit(question(model, { limits: narrow }))).toThrow("invalid devices: 2 (the layout takes more)");
    const alone = { ...question(model), hardware: [{ ...h100, link: null }], limits: layout(4) };
    expect(() => memoryFit(alone)).toThrow("invalid hardware: h100-sxm (h100-sxm has no link to other devices)");
    const islands = { ...alone, hardware: [{ ...h100, node: null }], limits: layout(16) };
    expect(() => memoryFit(islands)).toThrow("16 devices are more than a node's 8, and no link between nodes is known");
  });

  it("refuses empty lists and more than 100,000 answers", () => {
    const model = modelProfile("llama-3.1-8b");
    expect(() => memoryFit(question(model, { contexts: [] }))).toThrow("invalid context:");
    const contexts = Array.from({ length: 100_000 }, (_, i) => i + 1);
    expect(() => memoryFit(question(model, { contexts }))).toThrow("100001 answers in all (fit takes at most 100,000)");
  });

  it("notes what engines do otherwise: their limit of requests, and caches of windows", () => {
    const notes = (id: string, contexts: number[]): string[] => {
      const asked = question(modelProfile(id), { engine: "vllm", contexts });
      return memoryFitNotes(asked, memoryFit(asked));
    };
    expect(notes("llama-3.1-8b", [8192])).toEqual([]);
    expect(notes("llama-3.1-8b", [128])[0]).toMatch(/^vllm runs at most 1024 requests at once/);
    expect(notes("gemma-3-27b", [8192])[0]).toMatch(/^layers with a window keep their last rows/);
  });
});

describe("what fits, for any engine, context and model with heads to share,", () => {
  const models = ["llama-3.1-8b", "gemma-2-9b", "mixtral-8x7b", "qwen3.5-27b", "deepseek-v2-lite", "gpt-oss-20b"];
  const asked = fc.record({
    id: fc.constantFrom(...models),
    engine: fc.constantFrom("vllm" as const, "sglang" as const, "llama.cpp" as const, "ideal" as const),
    contexts: fc.array(fc.integer({ min: 1, max: 400_000 }), { minLength: 1, maxLength: 4 }),
    tensor: fc.constantFrom(1, 2, 4),
    hardware: fc.constantFrom("h100-sxm", "mi300x", "a100-40g-sxm").map(hardwareProfile),
  });

  function expectNeverFewer(more: MemoryFitRow, less: MemoryFitRow): void {
    const fewer = batchesOf(less);
    for (const [i, batch] of batchesOf(more).entries()) expect(batch).toBeGreaterThanOrEqual(fewer[i] ?? Number.NaN);
    const longest = more.longestContexts[0]?.context ?? Number.POSITIVE_INFINITY;
    expect(longest).toBeGreaterThanOrEqual(less.longestContexts[0]?.context ?? longest);
  }

  it("MQA never holds fewer requests than GQA, nor GQA than MHA", () => {
    fc.assert(
      fc.property(asked, ({ id, engine, contexts, tensor, hardware }) => {
        const change = { engine, contexts, hardware: [hardware], limits: layout(tensor) };
        const [mha, gqa, mqa] = ["mha", "gqa:4", "mqa"].map((attention) =>
          rowOf(modelProfile(id), { ...change, attention }),
        );
        expectNeverFewer(mqa!, gqa!);
        expectNeverFewer(gqa!, mha!);
      }),
      { numRuns: 60 },
    );
  });

  it("a narrower cache never holds fewer requests", () => {
    const kvCaches = ["fp32", "bf16", "q8_0", "fp8", "int4", "bits:2"].map((id) => parseNumberFormat(id));
    fc.assert(
      fc.property(asked, ({ id, engine, contexts, tensor, hardware }) => {
        const rows = memoryFit(
          question(modelProfile(id), { engine, contexts, kvCaches, hardware: [hardware], limits: layout(tensor) }),
        );
        for (const [i, row] of rows.entries()) if (i > 0) expectNeverFewer(row, rows[i - 1]!);
      }),
      { numRuns: 60 },
    );
  });

  it("more devices never hold fewer requests of the first context, nor a tensor group twice as large of any", () => {
    fc.assert(
      fc.property(asked, ({ id, engine, contexts, hardware }) => {
        const change = { engine, contexts, hardware: [hardware] };
        const best = [1, 2, 4, 8].map((devices) => rowOf(modelProfile(id), { ...change, limits: upTo(devices) }));
        for (const [i, row] of best.entries()) {
          expect(row.parallelism.devices).toBeLessThanOrEqual(2 ** i);
          if (i > 0) expect(batchesOf(row)[0]).toBeGreaterThanOrEqual(batchesOf(best[i - 1]!)[0] ?? Number.NaN);
        }
        const groups = [1, 2, 4].map((n) => rowOf(modelProfile(id), { ...change, engine: "ideal", limits: layout(n) }));
        for (const [i, row] of groups.entries()) if (i > 0) expectNeverFewer(row, groups[i - 1]!);
      }),
      { numRuns: 25 },
    );
  });
});
