import { describe, expect, it } from "vitest";
import { readMeasurementTable } from "../../src/measurement/measurement-table.ts";
import { describeRow } from "../../src/validation/describe-row.ts";

const described = (header: string, row: string): string => {
  const [first] = readMeasurementTable(`${header}\n${row}\n`, "t.csv").rows;
  if (first === undefined) throw new Error("no row");
  return describeRow(first);
};

describe("describeRow", () => {
  const attention = "kernel,dtype,batch,heads,kv_heads,head_dim,query_tokens,context,window,tp,time_us";
  const mla = "dtype,batch,heads,query_tokens,context,kv_lora_rank,time_us";
  const moe = "engine,dtype,tokens,d_model,d_ff,experts,top_k,moe_tp,moe_ep,time_us";
  const collective = "kernel,op,gpus,message_bytes,dtype,time_us";
  const engine = "engine,engine_version,model,hardware,precision,devices,concurrency,isl,osl,metric,value";

  it.each([
    [attention, "triton,bf16,4,32,8,128,1,8192,,,9", "triton GQA 32/8 × 128, batch 4, context 8192"],
    [
      attention,
      ",fp8,1,8,8,64,512,2048,128,2,9",
      "MHA 8/8 × 64 fp8, batch 1, context 2048, 512 query tokens, window 128, tp 2",
    ],
    ["what,dtype,m,k,n,time_us", "qkv,int8,16,4096,12288,9", "qkv int8 16 × 4096 × 12288"],
    ["op,rows,features,dtype,time_us", "normalization,1,4096,bf16,9", "normalization 1 × 4096"],
    [mla, "bf16,32,16,1,8192,512,9", "absorbed 16 heads, batch 32, context 8192"],
    [mla, "fp8,1,128,512,512,512,9", "expanded 128 heads fp8, batch 1, context 512, 512 query tokens"],
    [moe, "vllm,bf16,8,2880,2880,32,4,1,1,9", "vllm balanced 8 × 2880 × 2880, top 4 of 32"],
    [moe, "vllm,fp8,8,2880,2880,32,4,2,4,9", "vllm balanced fp8 8 × 2880 × 2880, top 4 of 32 on 2 × 4 devices"],
    [collective, "NCCL,all-gather,4,512,int8,9", "NCCL all-gather int8 of 512 B on 4 devices"],
    [
      engine,
      "trt-llm,0.9.0,Mixtral 8x7B,A100,fp16,2,32,2048,128,tpot_ms,9",
      "trt-llm 0.9.0 Mixtral 8x7B fp16 on 2 × A100, concurrency 32, 2048 in, 128 out: tpot_ms",
    ],
    [engine, "vllm,,m,,,1,,,,ttft_ms,9", "vllm m bf16 on 1 × ?: ttft_ms"],
  ])("of %s: %s is %s", (header, row, text) => {
    expect(described(header, row)).toBe(text);
  });
});
