import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { huggingFaceFamilies } from "../../../src/architecture/hugging-face/family-registry.ts";

const folder = new URL("../../../src/architecture/hugging-face/families/", import.meta.url);

describe("family registry", () => {
  it("holds each file of families/ once, exported under its name", async () => {
    const files = readdirSync(folder);
    expect(huggingFaceFamilies).toHaveLength(files.length);
    for (const file of files) {
      const exported = file.replace(/\.ts$/, "").replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
      const module = (await import(new URL(file, folder).href)) as Record<string, unknown>;
      expect(Object.keys(module)).toEqual([exported]);
      expect(huggingFaceFamilies).toContain(module[exported]);
    }
  });

  it("gives no name to two families", () => {
    const names = huggingFaceFamilies.flatMap((family) => [...family.architectures, ...family.modelTypes]);
    expect(new Set(names).size).toBe(names.length);
  });
});
