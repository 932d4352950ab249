/** The script of Node's threads, where a host declares names around it. */
import { describe, expect, it } from "vitest";
import { nodeThreadScript } from "../../../src/kernels/wasm/spawn-thread-node.ts";

describe("nodeThreadScript", () => {
  it("compiles where module and require are declared already, as Deno's workers do", () => {
    expect(() => new Function("module", "require", nodeThreadScript)).not.toThrow();
    // The same check sees the clash.
    expect(() => new Function("module", "let module;")).toThrow(SyntaxError);
  });
});
