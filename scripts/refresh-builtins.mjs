/** Before the tests: brings src/generated/ up to date with the profiles, so that `npx vitest` needs no build. */
import { join } from "node:path";
import { writeBuiltins } from "./write-builtins.mjs";

/** A failure is only told: the tests that need the profiles say so themselves, and the others still run. */
export async function setup() {
  await writeBuiltins(join(import.meta.dirname, "..")).catch((error) =>
    console.warn(`built-in profiles not refreshed: ${error.message}`),
  );
}
