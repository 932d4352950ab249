/** The library's faces for browsers: the package names them, and what is built holds what the source does. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import * as drawing from "../../src/drawing.ts";
import * as measuring from "../../src/measuring.ts";
import * as profiles from "../../src/profiles.ts";

const root = join(import.meta.dirname, "..", "..");
const faces = { profiles, drawing, measuring };

describe.each(Object.entries(faces))("ridgepoint/%s", (name, source) => {
  it("is a name of the package", () => {
    const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(exports[`./${name}`]).toEqual({ types: `./dist/types/${name}.d.ts`, default: `./dist/${name}.js` });
  });

  const built = join(root, "dist", `${name}.js`);
  it.skipIf(!existsSync(built))("holds the same once it is built", async () => {
    const library = (await import(pathToFileURL(built).href)) as object;
    expect(Object.keys(library).sort()).toEqual(Object.keys(source).sort());
  });
});

describe("built-in profiles by name", () => {
  it("are found by id and alias in any case, and a mistyped name is told the nearest", () => {
    expect(profiles.builtinModelOf("Llama-2-7B").dModel).toBe(4096);
    expect(profiles.builtinHardwareOf("H100-SXM").memoryBandwidthBytesPerSecond).toBe(3.35e12);
    expect(() => profiles.builtinHardwareOf("h100sxm")).toThrow("did you mean h100-sxm?");
    expect(() => profiles.builtinModelOf("__proto__")).toThrow(/invalid model/);
  });
});
