/**
 * What is known of decode attention kernels without fitting: parameters of decode-attention.ts that follow from how a kernel is
 * written. A fit keeps them (fitForm's `fixed`), so that a K/V head count that it never saw is not left to parameters that nothing held.
 *   vLLM         splits at most 32 (its limit for CUDA graphs); one block a processor (FlashAttention 3: persistent); partial sums stay in cache
 *   FlashAttention 2, as vLLM calls it before Hopper: no splits without groups; one block a processor; regrouped by two copies
 *   Triton       the kernel measured here: 4 blocks a processor, splits at most 128, partial sums in fp32 through memory
 *   cuDNN        8 blocks a processor, splits at most 32: what its times on the H100 here fit best
 */
import { decodeAttention } from "./decode-attention.ts";

const absent = { mostSplitsUngrouped: 1024, regroupSeconds: 1e-9 };
/** The tables measured here hold one head size, and neither windows nor calls that found their rows in the cache. */
const measuredHere = {
  ...absent,
  ...{ wideBlockSeconds: 1e-9, wideTileShare: 1e-3, cacheSpeed: 2, cacheShare: 0.5, windowBlocks: 0.6 },
};
const flashAttention3 = { ...absent, mostSplits: 32, blocksPerProcessor: 1, partialTraffic: 1e-3 };

const structures: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  triton: { ...measuredHere, blocksPerProcessor: 4, mostSplits: 128, partialTraffic: 1, combineSeconds: 1e-10 },
  sdpa_flash: { ...measuredHere, blocksPerProcessor: 1, mostSplits: 128, partialTraffic: 1 },
  sdpa_cudnn: { ...measuredHere, blocksPerProcessor: 8, mostSplits: 32 },
  vllm_flash_attn_fa3: flashAttention3,
  vllm_flash_attn_fa4: flashAttention3,
  vllm_flash_attn: {
    ...{ blocksPerProcessor: 1, mostSplits: 128, mostSplitsUngrouped: 1, partialTraffic: 1, windowBlocks: 0.6 },
  },
};

/** Parameters of decodeAttention that a kernel's construction gives; none for a kernel that nobody here knows. */
export function decodeAttentionStructure(kernel: string | null): Readonly<Record<string, number>> {
  return (kernel !== null && Object.hasOwn(structures, kernel) && structures[kernel]) || {};
}

/**
 * Parameters fitted on FlashAttention 3 as FlashAttention 2 would have them, which runs where Hopper's copy engine and launch overlap
 * are absent: queries of a group and outputs are copied by a small kernel each, splits are joined by a kernel that waits for the
 * first one's end, and rows are not split where each query head has its own K/V head.
 */
export function asFlashAttention2(fitted: ArrayLike<number>, smallKernelSeconds: number): Float64Array {
  return Float64Array.from(decodeAttention.parameters, ({ name }, index) => {
    const value = fitted[index]!;
    if (name === "mostSplitsUngrouped") return 1;
    if (name === "regroupSeconds") return 2 * smallKernelSeconds;
    return name === "splitSeconds" ? value + smallKernelSeconds : value;
  });
}
