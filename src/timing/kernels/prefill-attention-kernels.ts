/**
 * What is known of prefill attention kernels without fitting: parameters of prefill-attention.ts that follow from how a kernel is
 * written. A fit keeps them (fitForm's `fixed`). FlashAttention 3 and 4 pack the queries of a group into shared blocks; FlashAttention
 * 2 gives each query head its own.
 */
const structures: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  vllm_flash_attn_fa3: { packing: 1 },
  vllm_flash_attn_fa4: { packing: 1 },
  vllm_flash_attn: { packing: 1e-3 },
};

/** Parameters of prefillAttention that a kernel's construction gives; none for a kernel that nobody here knows. */
export function prefillAttentionStructure(kernel: string | null): Readonly<Record<string, number>> {
  return (kernel !== null && Object.hasOwn(structures, kernel) && structures[kernel]) || {};
}
