/** The backends by name, each loaded only when it is asked for. */
import type { KernelBackend } from "../kernels/kernel.ts";

export const backendNames: readonly ["wasm", "webgpu", "reference"] = ["wasm", "webgpu", "reference"];

/** Loads a backend; threads are those of a processor. Whether it runs here its availability says. */
export async function backendNamed(name: KernelBackend["name"], threads: number | null): Promise<KernelBackend> {
  switch (name) {
    case "wasm": {
      const { wasmBackend } = await import("../kernels/wasm/wasm-backend.ts");
      const { spawnNodeThread } = await import("../kernels/wasm/spawn-thread-node.ts");
      return wasmBackend({ threads: threads ?? 1 }, spawnNodeThread);
    }
    case "webgpu": {
      const { webgpuBackend } = await import("../kernels/webgpu/webgpu-backend.ts");
      const { findNodeGpu } = await import("../kernels/webgpu/found-gpu-node.ts");
      return webgpuBackend(() => findNodeGpu());
    }
    case "reference": {
      const { referenceBackend } = await import("../kernels/reference/reference-backend.ts");
      return referenceBackend();
    }
  }
}
