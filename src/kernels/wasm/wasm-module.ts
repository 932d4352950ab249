/** The compiled kernels: with fused multiply-adds where the engine has relaxed SIMD, else with plain SIMD. */
import { plainModule, relaxedModule } from "../../generated/wasm-kernels.ts";

export interface WasmModule {
  readonly module: WebAssembly.Module;
  readonly relaxed: boolean;
}

/** What the module gives to the host. */
export interface WasmKernels {
  /** On the first thread, before any runs. */
  restart(): void;
  /** On every thread; 0 where the first has to wait for others, and calls again. */
  run(thread: number): number;
}

/** Null where the engine has no SIMD or no threads; `plain` asks for plain SIMD even where there is relaxed SIMD. */
export async function wasmModule(plain = false): Promise<WasmModule | null> {
  for (const relaxed of plain ? [false] : [true, false]) {
    const bytes = Uint8Array.from(atob(relaxed ? relaxedModule : plainModule), (c) => c.charCodeAt(0));
    if (WebAssembly.validate(bytes)) return { module: await WebAssembly.compile(bytes), relaxed };
  }
  return null;
}

/** The kernels over one memory. */
export function wasmKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): WasmKernels {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as WasmKernels;
}
