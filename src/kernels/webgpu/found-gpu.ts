/** Where a GPU object comes from: a browser's navigator here, Dawn in found-gpu-node.ts. */

/** WebGPU's entry point with what else is known of it, or why there is none, in one line. */
export type FoundGpu =
  | { readonly gpu: GPU; readonly note: string | null }
  | { readonly gpu: null; readonly reason: string };

export type FindGpu = () => Promise<FoundGpu>;

/** The GPU object of the browser that this runs in. */
export async function findBrowserGpu(): Promise<FoundGpu> {
  const { navigator } = globalThis as { navigator?: { gpu?: GPU } };
  const gpu = navigator?.gpu;
  if (gpu !== undefined) return { gpu, note: null };
  return {
    gpu: null,
    reason: "this browser has no WebGPU (navigator.gpu is missing; it also needs https or localhost)",
  };
}
