/** Memories lent to prepared kernels. One that comes back is lent again, grown where need be, unless it has become large. */
import { type MemoryView, memoryView } from "./memory-view.ts";
import type { ThreadPool } from "./thread-pool.ts";
import { type WasmKernels, wasmKernels } from "./wasm-module.ts";

const pageBytes = 65536;
const maximumPages = 65536;
/** What a WebAssembly memory holds at most. */
export const maximumBytes: number = pageBytes * maximumPages;
const keptBytes = 256 * 1024 * 1024;

export interface LentMemory {
  readonly id: number;
  readonly kernels: WasmKernels;
  view(): MemoryView;
  giveBack(): void;
}

export interface MemoryStore {
  /** @throws RangeError where the system has no such memory left */
  lend(bytes: number): Promise<LentMemory>;
}

interface Kept {
  readonly id: number;
  readonly memory: WebAssembly.Memory;
  readonly kernels: WasmKernels;
}

export function memoryStore(module: WebAssembly.Module, pool: ThreadPool): MemoryStore {
  const free: Kept[] = [];
  let made = 0;
  const fresh = async (pages: number): Promise<Kept> => {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: maximumPages, shared: true });
    const id = made++;
    await pool.tell({ kind: "memory", id, memory });
    return { id, memory, kernels: wasmKernels(module, memory) };
  };
  const giveBack = (kept: Kept): void => {
    if (kept.memory.buffer.byteLength <= keptBytes) free.push(kept);
    else pool.tell({ kind: "drop", id: kept.id }).catch(() => {});
  };
  return {
    async lend(bytes) {
      const pages = Math.ceil(bytes / pageBytes);
      const kept = free.pop() ?? (await fresh(pages));
      const missing = pages - kept.memory.buffer.byteLength / pageBytes;
      if (missing > 0) kept.memory.grow(missing);
      let lent = true;
      return {
        id: kept.id,
        kernels: kept.kernels,
        view: () => memoryView(kept.memory.buffer),
        giveBack() {
          if (lent) giveBack(kept);
          lent = false;
        },
      };
    },
  };
}
