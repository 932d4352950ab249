/** Small foreign files of every format, made up here. */
import { columnarTable, type ForeignFile } from "../../../src/measurement/import/foreign-file.ts";

/** A table from a header and rows as text. */
export function foreignCsv(name: string, header: string, ...rows: string[]): ForeignFile {
  const cells = rows.map((row) => row.split(","));
  const columns = header.split(",").map((column, i) => [column, cells.map((row) => row[i] ?? "")] as const);
  return columnarTable(
    name,
    new Map(columns),
    rows.map((_, i) => i + 2),
  );
}

const origin = "framework,version,device,op_name,kernel_source";
const vllm = (op: string) => `VLLM,0.9,NVIDIA H100 80GB HBM3,${op},kernel`;

export const generationAttention: ForeignFile = foreignCsv(
  "generation_attention_perf.csv",
  `${origin},batch_size,isl,num_heads,num_key_value_heads,head_dim,beam_width,attn_dtype,kv_cache_dtype,step,window_size,latency`,
  `${vllm("generation_attention")},4,1,32,8,128,1,bfloat16,fp8,1023,0,0.025`,
  `${vllm("generation_attention")},4,1,32,8,128,1,bfloat16,bfloat16,4095,128,0.03`,
  `${vllm("generation_attention")},4,1,32,8,128,4,bfloat16,bfloat16,4095,128,0.03`,
  `${vllm("generation_attention")},4,1,12,8,128,1,bfloat16,bfloat16,4095,0,0.03`,
);

export const contextAttention: ForeignFile = foreignCsv(
  "context_attention_perf.csv",
  `${origin},batch_size,isl,num_heads,num_key_value_heads,head_dim,beam_width,attn_dtype,kv_cache_dtype,step,latency`,
  `${vllm("context_attention")},2,512,32,8,128,1,bfloat16,bfloat16,0,0.2`,
  `${vllm("context_attention")},2,512,32,8,128,1,bfloat16,bfloat16,1536,0.2`,
);

export const gemm: ForeignFile = foreignCsv(
  "gemm_perf.csv",
  `${origin},gemm_dtype,m,n,k,latency,power_w`,
  `${vllm("gemm")},bfloat16,16,12288,4096,0.04,500`,
  `${vllm("gemm")},int4_wo,16,12288,4096,,500`,
);

export const mla: ForeignFile = foreignCsv(
  "mla.csv",
  `${origin},mla_dtype,kv_cache_dtype,num_heads,batch_size,isl,tp_size,step,latency`,
  `TRTLLM,1.2,NVIDIA H100 80GB HBM3,mla_generation,default,bfloat16,fp8,16,32,1,8,1023,0.05`,
  `TRTLLM,1.2,NVIDIA H100 80GB HBM3,mla_context,default,bfloat16,bfloat16,16,1,512,8,0,0.05`,
);

export const moe: ForeignFile = foreignCsv(
  "moe_perf.csv",
  `${origin},moe_dtype,num_tokens,hidden_size,inter_size,topk,num_experts,moe_tp_size,moe_ep_size,distribution,latency`,
  `${vllm("moe")},w4a16_mxfp4,8,2880,2880,4,32,1,4,power_law_1.2,0.1`,
  `${vllm("moe")},bfloat16,8,2688,1856,6,128,1,1,balanced,0.1`,
  `${vllm("moe")},bfloat16,8,2688,1856,6,128,1,1,zipf,0.1`,
);

export const nccl: ForeignFile = foreignCsv(
  "nccl_perf.csv",
  `${origin},nccl_dtype,num_gpus,message_size,latency`,
  "TRTLLM,2.27.3,NVIDIA H100 80GB HBM3,alltoall,NCCL,half,8,1024,0.012",
  "TRTLLM,2.27.3,NVIDIA H100 80GB HBM3,alltoall,NCCL,int8,8,1024,0.011",
);

export const runs: ForeignFile = foreignCsv(
  "runs.csv",
  "id,backend,backend_version,model_path,system,precision,isl,osl,batch_size,tp_size,pp_size,silicon_ttft_ms,silicon_tpot_ms",
  "a,vllm,0.12.0,Qwen/Qwen3-32B,h100_sxm,,1024,128,16,2,1,840.8,16.5",
  "b,trtllm,1.0,Qwen/Qwen3-32B,h100_sxm,fp8,1024,128,16,2,1,,12.5",
);

export const results: ForeignFile = foreignCsv(
  "results.csv",
  "source,engine,engine_version,model,precision,kv_dtype,hardware,devices,tp,pp,ep,batch_or_concurrency,isl,osl,metric,value,stat,recalled,note",
  "page,TensorRT-LLM,0.9.0,Mixtral 8x7B,FP16,,A100-SXM-80GB,2,2,1,,32,2048,2048,tokens_per_s_per_gpu,800,output,no,",
  "page,llama.cpp (Metal),b1,Llama-7B,Q4_0 (3.56 GiB),F16,Apple M1 Pro,1,,,,1,0,128,tokens_per_s_total,36,decode,no,note",
  "page,ollama,1,m,whatever it took,,box,1,,,,1,,,tokens_per_s_total,36,decode,no,",
  "page,vllm,1,m,FP8,,box,1,,,,1,,,happiness,36,decode,no,",
);

const bench = {
  ...{ build_commit: "abc123", build_number: 4567, cpu_info: "AMD EPYC", gpu_info: "NVIDIA GeForce RTX 4090" },
  ...{
    backends: "CUDA",
    model_filename: "models/Meta-Llama-3-8B-Instruct-Q4_K_M.gguf",
    model_type: "llama 8B Q4_K - Medium",
  },
  ...{ model_size: 4_912_898_304, model_n_params: 8_030_261_312, n_threads: 8, type_k: "f16", type_v: "f16" },
  ...{ n_gpu_layers: 99, split_mode: "layer", flash_attn: true, n_depth: 0 },
};

export const llamaBench: ForeignFile = {
  name: "bench.json",
  documents: [
    [
      { ...bench, n_prompt: 512, n_gen: 0, avg_ts: 5000.5, stddev_ts: 3.5, samples_ts: [5000, 5001] },
      { ...bench, n_prompt: 0, n_gen: 128, n_depth: 4096, avg_ts: 120.25, stddev_ts: 0.5 },
      { ...bench, n_prompt: 0, n_gen: 0, avg_ts: 1 },
      { ...bench, backends: "CPU", model_type: "llama 8B IQ9_X - 1.5 bpw", n_prompt: 0, n_gen: 64, avg_ts: 9 },
    ],
  ],
};

export const vllmServe: ForeignFile = {
  name: "serve.json",
  documents: [
    {
      ...{ date: "20260101", backend: "openai-chat", model_id: "Qwen/Qwen3-8B", num_prompts: 100, request_rate: "inf" },
      ...{
        max_concurrency: 16,
        duration: 10,
        completed: 100,
        total_input_tokens: 102_400,
        total_output_tokens: 12_800,
      },
      ...{ request_throughput: 10, output_throughput: 1280, total_token_throughput: 11_520 },
      ...{ mean_ttft_ms: 50, median_ttft_ms: 45, p99_ttft_ms: 90, mean_tpot_ms: 12, median_tpot_ms: 11.5 },
      ...{ mean_e2el_ms: 1574 },
    },
  ],
};

export const vllmLatency: ForeignFile = {
  name: "latency.json",
  documents: [
    { avg_latency: 1.5, std_latency: 0.1, latencies: [1.4, 1.6], percentiles: { 10: 1.4, 50: 1.45, 99: 1.6 } },
  ],
};

export const vllmThroughput: ForeignFile = {
  name: "throughput.json",
  documents: [
    { elapsed_time: 10, num_requests: 100, total_num_tokens: 25_600, requests_per_second: 10, tokens_per_second: 2560 },
  ],
};

/** Every one above by its format. */
export const samples: readonly (readonly [format: string, file: ForeignFile])[] = [
  ...[generationAttention, contextAttention, gemm, mla, moe, nccl, runs].map(
    (file) => ["aiconfigurator", file] as const,
  ),
  ["engine-results", results],
  ["llama-bench", llamaBench],
  ...[vllmServe, vllmLatency, vllmThroughput].map((file) => ["vllm-bench", file] as const),
];
