import { expect, test } from "vitest";
import { engineForm } from "../../../src/timing/engine-form.ts";
import { engineOfLabel, runEngines } from "../../../src/validation/published/run-engines.ts";

test.each<[string, string, string | null]>([
  ["TensorRT-LLM", "NVIDIA", "trt-llm"],
  ["trt-llm", "NVIDIA", "trt-llm"],
  ["vLLM (ROCm fork)", "AMD", "vllm-rocm"],
  ["vLLM", "NVIDIA", null],
  ["llama.cpp", "NVIDIA", "llama.cpp-cuda"],
  ["llama.cpp (CUDA)", "NVIDIA", "llama.cpp-cuda"],
  ["llama.cpp", "Apple", "llama.cpp-metal"],
  ["llama.cpp (Metal)", "Apple", "llama.cpp-metal"],
  ["llama.cpp (Vulkan)", "NVIDIA", null],
  ["llama.cpp / Ollama", "Apple", null],
  ["gpt-fast (PyTorch compile)", "NVIDIA", "gpt-fast"],
  ["MLC LLM", "NVIDIA", null],
])("%s on a machine of %s is %s", (label, vendor, id) => {
  expect(engineOfLabel(label, vendor)?.id ?? null).toBe(id);
});

test.each(runEngines)("$id keeps constants that the form has, and fits some", ({ fixed }) => {
  const names = engineForm.parameters.map(({ name }) => name);
  for (const [name, value] of Object.entries(fixed)) {
    expect(names).toContain(name);
    expect(value).toBeGreaterThan(0);
  }
  expect(Object.keys(fixed).length).toBeLessThan(names.length);
});
