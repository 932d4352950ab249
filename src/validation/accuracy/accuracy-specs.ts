/** Which lines the accuracy report holds of kernels, and what each is to reach: medians, tails and the share inside the intervals. */
import type { EngineRow } from "../../measurement/measurement-row.ts";
import type { MeasurementTable } from "../../measurement/measurement-table.ts";
import type { AccuracyTarget } from "./accuracy-line.ts";
import type { KernelLineSpec } from "./kernel-lines.ts";
import type { TransferLineSpec } from "./transfer-lines.ts";

/** Of rows of groups that were left out. */
const coverage: readonly [number, number] = [85, 95];

export const stepTarget: AccuracyTarget = { median: 2, maximum: 7, halfWidth: 6 };

export const ownKernelSpecs: readonly KernelLineSpec[] = [
  {
    name: "linear layers, bf16",
    target: { median: 3, maximum: 25, coverage },
    isOf: ({ kind }) => kind === "linear",
  },
  {
    name: "attention, Triton",
    target: { median: 4, maximum: 25, coverage },
    isOf: ({ kernel }) => kernel === "triton",
  },
  { name: "attention, PyTorch flash", target: { coverage }, isOf: ({ kernel }) => kernel === "sdpa_flash" },
  { name: "attention, PyTorch cuDNN", target: { coverage }, isOf: ({ kernel }) => kernel === "sdpa_cudnn" },
];

/** A table of others, below peer-tables/h100_sxm, with the lines that it gives. */
export interface PeerTable {
  readonly path: string;
  readonly specs: readonly KernelLineSpec[];
  /** Whether one affine fit for all kernels has a say: not of what links carry. */
  readonly affine: boolean;
}

const any = (): boolean => true;

export const peerTables: readonly PeerTable[] = [
  {
    path: "attention/vllm/0.24.0/generation_attention_perf.parquet",
    specs: [{ name: "vLLM attention", target: { median: 5, percentile95: 20, coverage }, isOf: any }],
    affine: true,
  },
  {
    path: "gemm/vllm/0.24.0/gemm_perf.parquet",
    specs: [
      { name: "vLLM matmul, bf16", target: { median: 6, coverage }, isOf: ({ kind }) => kind === "linear" },
      { name: "vLLM matmul, fp8", target: { median: 6, coverage }, isOf: ({ kind }) => kind === "quantized-linear" },
    ],
    affine: true,
  },
  {
    path: "attention/vllm/0.24.0/context_attention_perf.parquet",
    specs: [{ name: "vLLM prefill attention", target: { coverage }, isOf: any }],
    affine: true,
  },
  {
    path: "mla/trtllm/1.3.0rc20/generation_mla_perf.parquet",
    specs: [{ name: "TensorRT-LLM latent attention, decode", target: { coverage }, isOf: any }],
    affine: true,
  },
  {
    path: "mla/trtllm/1.3.0rc20/context_mla_perf.parquet",
    specs: [{ name: "TensorRT-LLM latent attention, prefill", target: { coverage }, isOf: any }],
    affine: true,
  },
  {
    path: "moe/vllm/0.24.0/moe_perf.parquet",
    specs: [{ name: "vLLM mixture of experts", target: { coverage }, isOf: any }],
    affine: true,
  },
  {
    path: "comm/nccl/2.27.3/nccl_perf.parquet",
    specs: [{ name: "NCCL collectives", target: { coverage }, isOf: any }],
    affine: false,
  },
  {
    path: "comm/vllm/0.24.0/custom_allreduce_perf.parquet",
    specs: [
      {
        ...{ name: "vLLM all-reduce", target: { coverage }, isOf: any },
        whyNot: "138 rows on 2, 4 and 8 GPUs: two groups are too few to tell how far off a third may be",
      },
    ],
    affine: false,
  },
];

/** The A100's tables, below peer-tables/a100_sxm. */
export const transferTables: readonly string[] = [
  "attention/vllm/0.14.0/generation_attention_perf.parquet",
  "gemm/vllm/0.14.0/gemm_perf.parquet",
];

/** The A100 by what is known of it: medians that attention and linear layers are to reach. */
export function transferSpecs(known: string, attention: number, linear: number): TransferLineSpec[] {
  return [
    {
      name: `A100 attention, ${known}`,
      target: { median: attention },
      isOf: (row) => row.kind === "attention" && row.queryTokens === 1,
    },
    {
      ...{ name: `A100 matmul, ${known}`, target: { median: linear }, isOf: ({ kind }) => kind === "linear" },
      whyNot:
        "start-ups and tile rates are the H100's and of a newer library; an A100 clocks lower than its peak tells",
    },
  ];
}

/** Linear layers of the A100 by this project's rows of an H100, cuBLAS as PyTorch calls it on both. */
export function ownLinearSpec(known: string, linear: number): TransferLineSpec {
  return {
    ...{ name: `A100 matmul by our rows, ${known}`, target: { median: linear } },
    isOf: ({ kind }) => kind === "linear",
  };
}

export const ownTransferSpecs: readonly KernelLineSpec[] = [
  { name: "A100 attention, own fit", target: { median: 6, coverage }, isOf: ({ kind }) => kind === "decode-attention" },
  { name: "A100 matmul, own fit", target: { median: 6, coverage }, isOf: ({ kind }) => kind === "linear" },
];

/** Rows of whole engines in the tables. */
export function engineRowsOf(tables: readonly MeasurementTable[]): EngineRow[] {
  return tables.flatMap(({ rows }) => rows.flatMap((row) => (row.kind === "engine" ? [row] : [])));
}
