/**
 * What an engine keeps of a device's memory for other things than weights and caches.
 *   reserve         what it leaves untouched, as a share of the capacity: vLLM's gpu_memory_utilization 0.9, TensorRT-LLM's
 *                   free_gpu_memory_fraction 0.9, SGLang's mem_fraction_static near 0.88, by their documentation
 *   runtime         the driver's context, libraries and recorded graphs
 *   collective      buffers of the library that devices exchange through, where there are several
 *   fragmentation   what runs on 80 GB devices show to be lost beside all these: with it, weights and caches of Qwen3-32B on two of
 *                   them fill the share that the runs' constants were fitted with (serving-profiles.ts: memoryShare)
 */

export interface EngineMemory {
  readonly reserveShare: number;
  readonly runtimeBytes: number;
  readonly collectiveBytes: number;
  readonly fragmentationShare: number;
  /** Rows of a cache page; a request's last page is partly empty. */
  readonly pageRows: number;
  /** Requests that the engine runs at once unless told otherwise. */
  readonly maxSequences: number;
  readonly source: string;
}

const fitted =
  "the share is fitted with serving-profiles.ts's runs; context, graphs and buffers recalled, not measured here";

export const engineMemories: Readonly<Record<"vllm" | "trt-llm" | "sglang" | "llama.cpp" | "ideal", EngineMemory>> = {
  vllm: {
    reserveShare: 0.1,
    runtimeBytes: 1e9,
    collectiveBytes: 0.6e9,
    fragmentationShare: 0.049,
    pageRows: 16,
    maxSequences: 1024,
    source: fitted,
  },
  "trt-llm": {
    reserveShare: 0.1,
    runtimeBytes: 1e9,
    collectiveBytes: 0.6e9,
    fragmentationShare: 0.036,
    pageRows: 32,
    maxSequences: 2048,
    source: fitted,
  },
  sglang: {
    reserveShare: 0.12,
    runtimeBytes: 1e9,
    collectiveBytes: 0.6e9,
    fragmentationShare: 0.058,
    pageRows: 1,
    maxSequences: 1024,
    source: fitted,
  },
  "llama.cpp": {
    reserveShare: 0.03,
    runtimeBytes: 0.5e9,
    collectiveBytes: 0,
    fragmentationShare: 0,
    pageRows: 256,
    maxSequences: 64,
    source: "recalled; a context's cache is set aside as a whole",
  },
  ideal: {
    reserveShare: 0,
    runtimeBytes: 0,
    collectiveBytes: 0,
    fragmentationShare: 0,
    pageRows: 1,
    maxSequences: 4096,
    source: "an engine that keeps nothing for itself",
  },
};

/**
 * A program that runs one batch of given lengths and nothing else, as TensorRT-LLM was measured before 1.0: caches are set aside for
 * just that batch, and nothing is kept for requests that might come. Of 348 published runs so all fit but one, whose A100 has more
 * memory than is printed on it.
 */
export const fixedBatchMemory: EngineMemory = {
  reserveShare: 0,
  runtimeBytes: 0.5e9,
  collectiveBytes: 0.6e9,
  fragmentationShare: 0,
  pageRows: 64,
  maxSequences: 2048,
  source:
    "runs published with TensorRT-LLM 0.5 to 0.9, which filled up to 97 % of a device; context and buffers recalled",
};

/** Of memory that the processor uses as well, macOS lets the GPU have three quarters. Source: recalled (recommendedMaxWorkingSetSize). */
export const unifiedMemoryReserve = 0.25;
