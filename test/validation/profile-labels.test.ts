import { describe, expect, it } from "vitest";
import { labelledProfiles } from "../../src/files/labelled-profiles.ts";

const { machineOfLabel, modelOfLabel } = labelledProfiles();

describe("machineOfLabel", () => {
  it.each([
    ["NVIDIA H100 80GB HBM3", "h100-sxm"],
    ["NVIDIA-H100-80GB-HBM3", "h100-sxm"],
    ["h100_sxm", "h100-sxm"],
    ["H100-SXM-80GB", "h100-sxm"],
    ["NVIDIA H100 PCIe", "h100-pcie"],
    ["NVIDIA A100-SXM4-80GB", "a100-80g-sxm"],
    ["A100-SXM4-40GB", "a100-40g-sxm"],
    ["NVIDIA A100 80GB PCIe", "a100-80g-pcie"],
    ["A100 (PCIe)", "a100-80g-pcie"],
    ["A100-80GB (power limited to 330 W; peak seems ~1700 GB/s)", "a100-80g-sxm"],
    ["H200-SXM-141GB", "h200"],
    ["L40S", "l40s"],
    ["NVIDIA L4", "l4"],
    ["MI300X-192GB-750W", "mi300x"],
    ["AMD Instinct MI300X", "mi300x"],
    ["NVIDIA GeForce RTX 4090", "rtx-4090"],
    ["3090 24GB", "rtx-3090"],
    ["Apple M1 Pro 14-core GPU", "apple-m1-pro"],
    ["M2 Ultra 76-Core GPU 192GB", "apple-m2-ultra"],
    ["M1 7‑Core GPU 8GB", "apple-m1"],
  ])("%s is %s", (label, id) => {
    expect(machineOfLabel(label)?.id).toBe(id);
  });

  it.each([
    ...["RTX 3090 Ti", "NVIDIA H100 40GB", "Intel 265K Custom PC (Nvidia RTX 4090) [GPU]", "H1000", "GPU", ""],
    "2x EPYC 9135 + RTX 4090, 24x DDR5-6400",
  ])("%s is none", (label) => {
    expect(machineOfLabel(label)).toBeNull();
  });
});

describe("modelOfLabel", () => {
  it.each([
    ["Qwen/Qwen3-32B", "qwen3-32b"],
    ["meta-llama/Llama-3.1-70B", "llama-3.1-70b"],
    ["meta-llama/Meta-Llama-3-8B-Instruct", "llama-3-8b"],
    ["amd/Llama-3.1-70B-Instruct-FP8-KV", "llama-3.1-70b"],
    ["Meta-Llama-3-8B-Instruct", "llama-3-8b"],
    ["Llama 3.1 405B", "llama-3.1-405b"],
    ["LLaMA 70B", "llama-2-70b"],
    ["llama_13b", "llama-2-13b"],
    ["GPT-J 6B", "gpt-j-6b"],
    ["Falcon 180B", "falcon-180b"],
    ["Mistral 7B", "mistral-7b-v0.3"],
    ["Mixtral 8x7B", "mixtral-8x7b"],
    ["gpt-oss 20b", "gpt-oss-20b"],
  ])("%s is %s", (label, id) => {
    expect(modelOfLabel(label)?.id).toBe(id);
  });

  it.each(["CodeLlama-34B", "DeepSeek R1 14b", "Qwen2.5-Coder-7B", "instruct", ""])("%s is none", (label) => {
    expect(modelOfLabel(label)).toBeNull();
  });
});
