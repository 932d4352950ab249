import { describe, expect, it } from "vitest";
import { engineMemories } from "../../src/serving/engine-memory.ts";
import { keptMemory } from "../../src/serving/kept-memory.ts";
import { hardwareProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");
const mac = hardwareProfile("apple-m4-max");

describe("keptMemory", () => {
  it("is vLLM's unless another is named, and llama.cpp's on Apple's machines", () => {
    expect(keptMemory(null, h100)).toMatchObject({ id: "vllm", memory: engineMemories.vllm, stepTokens: 8192 });
    expect(keptMemory(null, mac)).toMatchObject({
      id: "llama.cpp",
      memory: engineMemories["llama.cpp"],
      stepTokens: 2048,
    });
    expect(keptMemory("sglang", mac)).toMatchObject({ id: "sglang", memory: engineMemories.sglang });
  });

  it.each(["ideal", "vllm", "trt-llm", "sglang", "llama.cpp"] as const)(
    "knows %s on any machine, measured or not",
    (id) => {
      for (const machine of [h100, mac, hardwareProfile("tpu-v5p"), hardwareProfile("xeon-8480p")]) {
        expect(keptMemory(id, machine).id).toBe(id);
      }
    },
  );

  it("says that TensorRT-LLM runs on NVIDIA's machines alone, and nothing of it there", () => {
    expect(keptMemory("trt-llm", h100).notes).toEqual([]);
    expect(keptMemory("trt-llm", hardwareProfile("mi300x")).notes).toEqual([
      "TensorRT-LLM runs on machines of NVIDIA alone: this is memory as if it ran on AMD's",
    ]);
  });

  it.each(["pytorch-graph", "pytorch-eager"] as const)("refuses %s, which serves nobody", (id) => {
    expect(() => keptMemory(id, h100)).toThrow(/invalid engine: pytorch-\w+ \(wants software that serves/);
  });
});
