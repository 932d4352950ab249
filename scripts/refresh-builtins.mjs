/** Before the tests: brings src/generated/ up to date with the profiles and the WebAssembly kernels, so that `npx vitest` needs no build. */
import { join } from "node:path";
import { buildWasm } from "./build-wasm.mjs";
import { writeBuiltins } from "./write-builtins.mjs";

/** A failure is only told: the tests that need the profiles say so themselves, and the others still run. */
export async function setup() {
  const root = join(import.meta.dirname, "..");
  await writeBuiltins(root).catch((error) => console.warn(`built-in profiles not refreshed: ${error.message}`));
  await buildWasm(root).catch((error) => console.warn(`WebAssembly kernels not refreshed: ${error.message}`));
}
