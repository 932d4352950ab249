import { describe, expect, it } from "vitest";
import { type BuiltinNames, builtinId, knownBuiltinId } from "../../src/files/builtin-id.ts";

const names: BuiltinNames = {
  field: "model",
  listCommand: "ridgepoint models",
  builtins: { "llama-2-7b": {}, "llama-3.1-8b": {} },
  aliases: { "meta-llama/llama-2-7b-hf": "llama-2-7b" },
};

describe("builtinId", () => {
  it("finds ids and aliases whatever the case and the blanks around", () => {
    expect(builtinId("llama-2-7b", names)).toBe("llama-2-7b");
    expect(builtinId(" Llama-3.1-8B ", names)).toBe("llama-3.1-8b");
    expect(builtinId("meta-llama/Llama-2-7b-hf", names)).toBe("llama-2-7b");
  });

  it("offers the nearest name and the command that lists all", () => {
    expect(() => builtinId("llama-2-7", names)).toThrow(
      "invalid model: llama-2-7 (did you mean llama-2-7b? `ridgepoint models` lists all)",
    );
    expect(() => builtinId("toaster", names)).toThrow(
      "invalid model: toaster (no such name; `ridgepoint models` lists all)",
    );
    expect(() => builtinId("", names)).toThrow("invalid model: nothing (no such name; `ridgepoint models` lists all)");
  });

  it("takes no name from the objects' prototype", () => {
    for (const name of ["__proto__", "constructor", "toString"]) expect(knownBuiltinId(name, names)).toBeNull();
  });
});
