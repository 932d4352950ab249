import { describe, expect, it } from "vitest";
import { backendNamed, backendNames } from "../../src/cli/backend-named.ts";

describe("backendNamed", () => {
  it.each(backendNames)("loads %s, which says whether it runs here and why not", async (name) => {
    const backend = await backendNamed(name, name === "wasm" ? 1 : null);
    expect(backend.name).toBe(name);
    const available = await backend.availability();
    expect(available.available ? available.description : available.reason).not.toBe("");
    await backend.close();
  });

  it("gives the WebAssembly backend as many threads as asked for, one where none is named", async () => {
    for (const [threads, said] of [
      [2, "2 threads"],
      [null, "1 thread"],
    ] as const) {
      const backend = await backendNamed("wasm", threads);
      expect(await backend.availability()).toMatchObject({ description: expect.stringContaining(said) });
      await backend.close();
    }
  });
});
