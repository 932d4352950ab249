import { describe, expect, it } from "vitest";
import { readMeasurementTable } from "../../src/measurement/measurement-table.ts";
import { countRow, type RowFormats } from "../../src/measurement/row-operation.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";

const read = (header: string, ...rows: string[]) => readMeasurementTable([header, ...rows, ""].join("\n"), "t.csv");
const bf16 = parseNumberFormat("bf16");
const formats: RowFormats = { weights: bf16, kvCache: bf16, activations: bf16 };
const counted = (header: string, row: string) => {
  const [first] = read(header, row).rows;
  if (first === undefined || first.kind === "engine" || first.kind === "steps") throw new Error("no row of a call");
  return countRow(first, formats);
};

describe("prefill attention", () => {
  const header = "dtype,batch,heads,kv_heads,head_dim,query_tokens,context,time_us";

  it("counts the pairs that a causal mask leaves, and each row of the cache once", () => {
    // Three tokens see 1 + 2 + 3 rows: 4 × 2 heads × 6 × 4 FLOPs; 3 rows × 2 × 4 elements × 2 bytes.
    expect(counted(header, "bf16,1,2,1,4,3,3,10")).toMatchObject({ matmulFlops: 192, kvBytes: 48 });
    // One new token after two sees all three.
    expect(counted(header, "bf16,1,2,1,4,1,3,10")).toMatchObject({ matmulFlops: 96, kvBytes: 48 });
  });

  it("is decode without the column, and refuses more new tokens than rows", () => {
    const decode = read("dtype,batch,heads,kv_heads,head_dim,context,time_us", "bf16,1,2,1,4,3,10");
    expect(decode.rows[0]).toMatchObject({ kind: "attention", queryTokens: 1 });
    expect(() => read(header, "bf16,1,2,1,4,4,3,10")).toThrow("column query_tokens: 4 (at most the context 3)");
  });
});

describe("mla", () => {
  const header = "dtype,batch,heads,query_tokens,context,kv_lora_rank,rope_dim,time_us";

  it("is absorbed in decode: all heads read the same rows", () => {
    const counts = counted(header, "bf16,1,128,1,1024,512,64,10");
    expect(counts).toMatchObject({ matmulFlops: 285_212_672, kvBytes: 1_179_648, weightBytes: 0 });
  });

  it("is expanded in prefill: each head reads keys of n + p and values of v elements", () => {
    // 2 × 2 heads × 6 pairs × (128 + 64 + 128); 3 rows × 2 heads × 320 elements × 2 bytes.
    expect(counted(header, "bf16,1,2,3,3,512,64,10")).toMatchObject({ matmulFlops: 7680, kvBytes: 3840 });
  });

  it("has DeepSeek's dimensions unless the columns say others, and takes the form that is said", () => {
    const [row] = read("dtype,batch,heads,context,kv_lora_rank,absorbed,time_us", "bf16,1,2,3,256,0,10").rows;
    const dimensions = { kvLoraRank: 256, ropeDim: 64, nopeHeadDim: 128, vHeadDim: 128 };
    expect(row).toMatchObject({ kind: "mla", queryTokens: 1, ...dimensions, absorbed: false });
  });
});

describe("moe", () => {
  const header = "dtype,tokens,d_model,d_ff,experts,top_k,gated,moe_tp,moe_ep,distribution,time_us";

  it("reads the experts that the tokens touch, divided over the devices", () => {
    // Two tokens touch four experts of three 4 × 6 matrices; each of four choices multiplies with one.
    const whole = counted(header, "bf16,2,4,6,8,2,1,1,1,balanced,10");
    expect(whole).toMatchObject({ weightBytes: 4 * 3 * 24 * 2, matmulFlops: 4 * 3 * 24 * 2 });
    const halved = { weightBytes: whole.weightBytes / 2, matmulFlops: whole.matmulFlops / 2 };
    expect(counted(header, "bf16,2,4,6,8,2,1,2,1,balanced,10")).toMatchObject(halved);
    expect(counted(header, "bf16,2,4,6,8,2,1,1,2,balanced,10")).toMatchObject(halved);
    expect(counted(header, "bf16,2,4,6,8,2,0,1,1,balanced,10").weightBytes).toBe(4 * 2 * 24 * 2);
  });

  it.each([
    ["bf16,2,4,6,8,9,1,1,1,balanced,10", "column top_k: 9 (at most the 8 experts)"],
    ["bf16,2,4,6,8,2,1,4,1,balanced,10", "column moe_tp: 4 (must divide d_ff 6)"],
    ["bf16,2,4,6,8,2,1,1,3,balanced,10", "column moe_ep: 3 (must divide experts 8)"],
    ["bf16,2,4,6,8,2,1,1,1,uneven,10", "column distribution: uneven (wants balanced or power_law_x"],
  ])("refuses %s", (row, message) => {
    expect(() => read(header, row)).toThrow(message);
  });

  it("is gated, balanced and on one device without the columns", () => {
    const [row] = read("dtype,tokens,d_model,d_ff,experts,top_k,time_us", "fp8,2,4,6,8,2,10").rows;
    expect(row).toMatchObject({ kind: "moe", gated: true, moeTp: 1, moeEp: 1, distribution: "balanced" });
  });
});

describe("collectives", () => {
  const header = "op,gpus,message_bytes,dtype,time_us";

  it.each([
    ["all-reduce", 2 * 7 * 131_072],
    ["all-gather", 7 * 131_072],
    ["reduce-scatter", 7 * 131_072],
    ["all-to-all", 7 * 131_072],
  ])("an %s of 1 MiB on 8 devices sends %i bytes a device", (op, linkBytes) => {
    expect(counted(header, `${op},8,1048576,bf16,10`).linkBytes).toBe(linkBytes);
  });

  it("refuses an operation that is none, and one device", () => {
    expect(() => read(header, "gossip,8,1024,bf16,10")).toThrow("column op: gossip (wants all-reduce, all-gather");
    expect(() => read(header, "all-reduce,1,1024,bf16,10")).toThrow("column gpus: 1 (a collective has at least 2)");
  });
});

describe("engine", () => {
  const header = "engine,model,hardware,precision,devices,tp,concurrency,isl,osl,metric,value,stat";

  it("takes each metric as a time", () => {
    const rows = read(
      header,
      "vllm,m,h100-sxm,fp8,4,4,32,128,128,tokens_per_s_total,1600,mean",
      "vllm,m,h100-sxm,fp8,4,4,32,128,128,tokens_per_s_per_gpu,400,mean",
      "vllm,m,h100-sxm,fp8,4,4,32,128,128,tpot_ms,20,mean",
      "vllm,m,h100-sxm,fp8,4,4,32,128,128,ttft_ms,20,mean",
      "vllm,m,h100-sxm,fp8,4,4,32,128,128,latency_s,0.02,mean",
    ).rows;
    expect(rows.map((row) => row.seconds)).toEqual([0.02, 0.02, 0.02, 0.02, 0.02]);
    expect(rows[0]).toMatchObject({
      kind: "engine",
      gpu: "h100-sxm",
      dtype: "fp8",
      concurrency: 32,
      isl: 128,
      osl: 128,
    });
  });

  it("reads an empty precision as bf16, and devices as tp × pp", () => {
    const [row] = read("engine,model,hardware,precision,tp,pp,metric,value", "vllm,m,h,,2,4,tpot_ms,20").rows;
    expect(row).toMatchObject({
      dtype: "bf16",
      devices: 8,
      tp: 2,
      pp: 4,
      ep: 1,
      concurrency: null,
      isl: null,
      osl: null,
    });
  });

  it("takes a length of zero, and a throughput of zero as no time", () => {
    const [row] = read(header, "vllm,m,h,fp8,1,1,1,0,128,tokens_per_s_total,0,decode").rows;
    expect(row).toMatchObject({ isl: 0, osl: 128, seconds: 0 });
  });

  it("refuses a metric that is none, and an engine or model without a name", () => {
    expect(() => read(header, "vllm,m,h,fp8,1,1,1,0,128,speed,1,x")).toThrow(
      "column metric: speed (wants tokens_per_s_total",
    );
    expect(() => read(header, ",m,h,fp8,1,1,1,0,128,tpot_ms,1,x")).toThrow(
      "column engine: nothing (wants the engine's name)",
    );
    expect(() => read(header, "vllm,,h,fp8,1,1,1,0,128,tpot_ms,1,x")).toThrow(
      "column model: nothing (wants the model's name)",
    );
  });
});
