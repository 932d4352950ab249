import { expect, test } from "vitest";
import { machineOfLabel, modelOfLabel } from "../../../src/validation/published/run-labels.ts";
import { shippedProfiles } from "../../fixtures/engine-rows.ts";

test.each<[string, string, number | null]>([
  ["3090 24GB", "rtx-3090", null],
  ["RTX 4090", "rtx-4090", null],
  ["A100 PCIe 80GB", "a100-80g-pcie", null],
  ["A100 (PCIe)", "a100-80g-pcie", null],
  ["A100 SXM 80GB", "a100-80g-sxm", null],
  ["A100-SXM-80GB", "a100-80g-sxm", null],
  ["A100-SXM4-80GB (2039 GB/s datasheet)", "a100-80g-sxm", null],
  ["A100-40GB (1555 datasheet)", "a100-40g-sxm", null],
  ["A100-80GB (power limited to 330 W)", "a100-80g-sxm", null],
  ["H100-SXM-80GB", "h100-sxm", null],
  ["H100-PCIe-80GB (2039 datasheet)", "h100-pcie", null],
  ["H200-SXM-141GB", "h200", null],
  ["L40S", "l40s", null],
  ["L40 (864 datasheet)", "l40", null],
  ["RTX 5090 32GB", "rtx-5090", null],
  ["A30", "a30", null],
  ["Apple M4 Max 40-core GPU", "apple-m4-max", 40],
  ["MI300X-192GB-750W", "mi300x", null],
  ["M2 Ultra 76-Core GPU 192GB", "apple-m2-ultra", 76],
  ["M1 Max 32\u2011Core GPU 64GB", "apple-m1-max", 32],
  ["Apple M1 7-core GPU", "apple-m1", 7],
  ["Apple M1 Pro", "apple-m1-pro", null],
])("%s is %s", (label, hardware, cores) => {
  expect(machineOfLabel(label)).toEqual({ hardware, cores });
  expect(shippedProfiles.hardware(hardware)?.id).toBe(hardware);
});

test.each([
  "Ryzen 9 7950X (Nvidia 4080) [GPU]",
  "Intel 265K Custom PC (Nvidia RTX 4090) [GPU]",
  "2x EPYC 9135 + RTX 4090, 24x DDR5-6400",
  "CUDA GPU not named here (the CSV sample in the same file names an RTX 3090 Ti)",
  "",
  "24 GB",
])("%j names no one machine", (label) => {
  expect(machineOfLabel(label)).toBeNull();
});

test.each([
  ["Llama 3.1 70B", "llama-3.1-70b"],
  ["Llama-3.1-405B", "llama-3.1-405b"],
  ["Llama 3.1:70b", "llama-3.1-70b"],
  ["LLaMA 7B", "llama-2-7b"],
  ["llama_13b", "llama-2-13b"],
  ["GPT-J 6B", "gpt-j-6b"],
  ["Mistral 7B", "mistral-7b-v0.1"],
  ["Mixtral 8x7B", "mixtral-8x7b"],
  ["Falcon 180B", "falcon-180b"],
  ["gpt-oss 20b", "gpt-oss-20b"],
  ["Qwen3-Coder-30B-A3B", "qwen3-30b-a3b"],
])("%s is the model %s", (label, id) => {
  expect(modelOfLabel(label)).toBe(id);
  expect(shippedProfiles.model(id)?.id).toBe(id);
});

test("a machine that no profile has is found out where profiles are looked up", () => {
  expect(machineOfLabel("RTX 3090 Ti")).toEqual({ hardware: "rtx-3090-ti", cores: null });
  expect(shippedProfiles.hardware("rtx-3090-ti")).toBeNull();
});

test("a model that no profile has is found out where profiles are looked up", () => {
  expect(shippedProfiles.model(modelOfLabel("CodeLlama-34B"))).toBeNull();
});
