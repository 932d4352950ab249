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
  readonly memory: WebAssembly.Memory;
  view(): MemoryView;
  giveBack(): void;
}

export interface MemoryStore {
  /** @throws Error naming the bytes where the system has no such memory left */
  lend(bytes: number): Promise<LentMemory>;
}

interface Kept {
  readonly id: number;
  readonly memory: WebAssembly.Memory;
  readonly kernels: WasmKernels;
}

/** Makes a shared memory of so many pages that can grow to `maximum`; may throw. */
export type MakeMemory = (pages: number, maximum: number) => WebAssembly.Memory;

const makeMemory: MakeMemory = (initial, maximum) => new WebAssembly.Memory({ initial, maximum, shared: true });

export function memoryStore(module: WebAssembly.Module, pool: ThreadPool, make: MakeMemory = makeMemory): MemoryStore {
  const free: Kept[] = [];
  let made = 0;
  const fresh = async (pages: number): Promise<Kept> => {
    const memory = allocated(pages, () => make(pages, maximumPages));
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
      if (missing > 0) {
        try {
          allocated(pages, () => kept.memory.grow(missing));
        } catch (error) {
          giveBack(kept);
          throw error;
        }
      }
      let lent = true;
      return {
        id: kept.id,
        kernels: kept.kernels,
        memory: kept.memory,
        view: () => memoryView(kept.memory.buffer),
        giveBack() {
          if (lent) giveBack(kept);
          lent = false;
        },
      };
    },
  };
}

function allocated<T>(pages: number, allocate: () => T): T {
  try {
    return allocate();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot allocate a WebAssembly memory of ${pages * pageBytes} bytes: ${reason}`);
  }
}
