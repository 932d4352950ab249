import { describe, expect, it } from "vitest";
import type { ForeignFile } from "../../../src/measurement/import/foreign-file.ts";
import type { RunLabels } from "../../../src/measurement/import/foreign-format.ts";
import { formatOfFile } from "../../../src/measurement/import/foreign-formats.ts";
import { convertForeignFile, importedTable } from "../../../src/measurement/import/import-tables.ts";
import * as foreign from "./foreign-tables.ts";

const imported = (file: ForeignFile, labels: RunLabels = {}) => {
  const [table] = convertForeignFile(file, formatOfFile(file)!, labels);
  return importedTable(table!, file.name);
};

describe("aiconfigurator", () => {
  it("reads decode attention: context is isl + step, 0 is no window, times become µs", () => {
    const table = imported(foreign.generationAttention);
    const shape = { batch: 4, heads: 32, kvHeads: 8, headDim: 128, queryTokens: 1 };
    expect(table.rows[0]).toMatchObject({ kind: "attention", line: 2, ...shape, context: 1024, window: null });
    expect(table.rows[0]).toMatchObject({ dtype: "bf16", kvDtype: "fp8", seconds: expect.closeTo(25e-6, 12) });
    expect(table.rows[0]).toMatchObject({
      ...{ gpu: "NVIDIA H100 80GB HBM3", engine: "vllm", engineVersion: "0.9", kernel: "kernel" },
      source: "aiconfigurator generation_attention_perf.csv",
    });
    expect(table.rows[1]).toMatchObject({ context: 4096, window: 128, kvDtype: null, cold: false });
  });

  it("counts what it can't convert by its reason", () => {
    expect(imported(foreign.generationAttention)).toMatchObject({
      leftOut: 2,
      notConverted: [
        { reason: "beams share rows of the cache", rows: 1, line: 4 },
        { reason: "num_heads is no multiple of num_key_value_heads", rows: 1, line: 5 },
      ],
    });
    expect(imported(foreign.gemm).notConverted).toEqual([
      { reason: "latency is empty or no number", rows: 1, line: 3 },
    ]);
    expect(imported(foreign.moe).notConverted).toMatchObject([{ rows: 1, line: 4 }]);
  });

  it("reads prefill attention: isl new tokens after step earlier ones", () => {
    const [whole, chunk] = imported(foreign.contextAttention).rows;
    expect(whole).toMatchObject({ queryTokens: 512, context: 512, window: null });
    expect(chunk).toMatchObject({ queryTokens: 512, context: 2048 });
  });

  it("reads matmuls, and keeps columns that it does not know", () => {
    const table = imported(foreign.gemm);
    expect(table.rows[0]).toMatchObject({
      kind: "linear",
      m: 16,
      k: 4096,
      n: 12288,
      seconds: expect.closeTo(40e-6, 12),
    });
    expect([table.otherColumns, table.rows[0]?.otherCells]).toEqual([["power_w"], ["500"]]);
  });

  it("reads latent attention with the heads of the device that was timed", () => {
    const [decode, prefill] = imported(foreign.mla).rows;
    expect(decode).toMatchObject({ kind: "mla", heads: 16, batch: 32, context: 1024, absorbed: true, kvDtype: "fp8" });
    expect(prefill).toMatchObject({ heads: 16, queryTokens: 512, context: 512, absorbed: false, tp: 1 });
  });

  it("reads experts, with the formats that a quantisation means, and knows experts without a gate by their shape", () => {
    const [gated, ungated] = imported(foreign.moe).rows;
    expect(gated).toMatchObject({ kind: "moe", dtype: "mxfp4", activations: "bf16", gated: true, moeEp: 4 });
    expect(gated).toMatchObject({ tokens: 8, experts: 32, topK: 4, distribution: "power_law_1.2" });
    expect(ungated).toMatchObject({ dtype: "bf16", gated: false, dModel: 2688, dFf: 1856 });
  });

  it("reads collectives, whose messages are counted in elements", () => {
    const [half, byte] = imported(foreign.nccl).rows;
    expect(half).toMatchObject({ kind: "collectives", op: "all-to-all", gpus: 8, messageBytes: 2048, engine: "nccl" });
    expect(byte).toMatchObject({ messageBytes: 1024, dtype: "int8" });
  });

  it("reads engine runs, a row a metric, an empty precision as bf16", () => {
    const rows = imported(foreign.runs).rows;
    expect(rows.map((row) => [row.line, row.kind === "engine" && row.metric, row.dtype, row.engine])).toEqual([
      [2, "tpot_ms", "bf16", "vllm"],
      [2, "ttft_ms", "bf16", "vllm"],
      [3, "tpot_ms", "fp8", "trt-llm"],
    ]);
    expect(rows[0]).toMatchObject({ devices: 2, tp: 2, concurrency: 16, isl: 1024, osl: 128, value: 16.5 });
  });
});

describe("engine-results", () => {
  it("reads the source's words for engine and precision, and says which it can't", () => {
    const table = imported(foreign.results);
    expect(table.rows[0]).toMatchObject({ engine: "trt-llm", dtype: "fp16", concurrency: 32, value: 800, devices: 2 });
    expect(table.rows[1]).toMatchObject({ engine: "llama.cpp", dtype: "q4_0", kvDtype: "fp16", isl: 0, tp: 1 });
    expect(table.otherColumns).toEqual(["engine_label", "recalled"]);
    expect(table.notConverted?.map(({ reason, line }) => [line, reason])).toEqual([
      [4, "precision whatever it took names no number format known here"],
      [5, "metric happiness is not known"],
    ]);
  });
});

describe("reasons", () => {
  it("hold no control characters, are cut, and are counted together where they are many", () => {
    const header = "engine,model,precision,hardware,batch_or_concurrency,metric,value";
    const rows = Array.from({ length: 30 }, (_, i) => `vllm,m,FP8,box,1,\u001b[31mhappiness${i}${"!".repeat(300)},1`);
    const { notConverted = [] } = imported(foreign.foreignCsv("t.csv", header, "vllm,m,FP8,box,1,tpot_ms,1", ...rows));
    expect(notConverted).toHaveLength(21);
    expect(notConverted.at(-1)).toEqual({ reason: "for yet other reasons", rows: 10, line: 23 });
    for (const { reason } of notConverted) {
      expect(reason.length).toBeLessThanOrEqual(160);
      expect(reason).not.toMatch(/\p{Cc}/u);
    }
  });
});

describe("llama-bench", () => {
  it("reads prompt processing and generation over a filled cache", () => {
    const table = imported(foreign.llamaBench);
    const [prompt, generated, onProcessor] = table.rows;
    expect(prompt).toMatchObject({ isl: 512, osl: 0, stat: "prefill, mean", value: 5000.5, repetitions: 2 });
    expect(generated).toMatchObject({ isl: 4096, osl: 128, stat: "decode, mean", seconds: 1 / 120.25, concurrency: 1 });
    expect(generated).toMatchObject({
      ...{ engine: "llama.cpp", engineVersion: "b4567 (abc123)", model: "Meta-Llama-3-8B-Instruct", dtype: "q4_k_m" },
      ...{ kvDtype: "fp16", gpu: "NVIDIA GeForce RTX 4090", kernel: "CUDA", threads: 8, devices: 1 },
    });
    // 8 × 4,912,898,304 / 8,030,261,312 bits, where the type has no name here.
    expect(onProcessor).toMatchObject({ gpu: "AMD EPYC", dtype: "bits:4.894" });
    expect(table.notConverted).toEqual([{ reason: "neither n_prompt nor n_gen is above 0", rows: 1, line: 3 }]);
  });

  it("reads the same from CSV, whose cells are all text", () => {
    const csv = foreign.foreignCsv(
      "bench.csv",
      "build_commit,gpu_info,backends,model_type,n_prompt,n_gen,avg_ts,n_gpu_layers,split_mode",
      "abc,NVIDIA A,CUDA,llama 7B mostly F16,0,128,40.5,99,row",
    );
    expect(imported(csv).rows[0]).toMatchObject({
      model: "llama 7B",
      dtype: "fp16",
      value: 40.5,
      engineVersion: "(abc)",
    });
  });
});

describe("vllm-bench", () => {
  it("reads a serving run: throughput of output tokens, and mean, median and p99 of latencies", () => {
    const rows = imported(foreign.vllmServe, { hardware: "h100-sxm", precision: "fp8", tp: 2 }).rows;
    expect(rows.map((row) => row.kind === "engine" && [row.metric, row.value, row.stat])).toEqual([
      ["tokens_per_s_total", 1280, "output tokens"],
      ["ttft_ms", 50, "mean"],
      ["ttft_ms", 45, "median"],
      ["ttft_ms", 90, "p99"],
      ["tpot_ms", 12, "mean"],
      ["tpot_ms", 11.5, "median"],
      ["latency_s", 1.574, "mean"],
    ]);
    const run = { engine: "vllm", model: "Qwen/Qwen3-8B", concurrency: 16, isl: 1024, osl: 128 };
    expect(rows[0]).toMatchObject({ ...run, gpu: "h100-sxm", dtype: "fp8", devices: 2, tp: 2 });
  });

  it("reads a fixed batch's latency and a throughput that counts prompts, labelled by the user", () => {
    const labels = { model: "Qwen/Qwen3-8B", concurrency: 8, isl: 32, osl: 128 };
    const latency = imported(foreign.vllmLatency, labels).rows;
    expect(latency.map((row) => row.kind === "engine" && [row.metric, row.value, row.stat])).toEqual([
      ["latency_s", 1.5, "mean"],
      ["latency_s", 1.45, "median"],
    ]);
    expect(latency[0]).toMatchObject(labels);
    expect(imported(foreign.vllmThroughput, labels).rows[0]).toMatchObject({
      value: 2560,
      stat: "prompt and output tokens",
    });
  });

  it("wants a model, which some of its files don't name", () => {
    expect(() => imported(foreign.vllmLatency)).toThrow("the file does not name the model: --model does");
  });
});
