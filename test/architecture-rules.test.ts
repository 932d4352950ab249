import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { architectureViolations, readCheckout } from "../scripts/architecture-rules.mjs";

const root = join(import.meta.dirname, "..");
const violationsOf = (files: Record<string, string>, tests: string[] = []): string[] =>
  architectureViolations(new Map(Object.entries(files)), tests);

describe("the sources", () => {
  it("keep every rule", () => {
    const { sources, tests } = readCheckout(root);
    expect(sources.size).toBeGreaterThan(0);
    expect(architectureViolations(sources, tests)).toEqual([]);
  });
});

describe("the checker", () => {
  it("accepts a file that keeps every rule", () => {
    const found = violationsOf(
      {
        "quantity/unit.ts": "export const second = 1;",
        "step/step.ts": 'import { second } from "../quantity/unit.ts"; export const two = 2 * second;',
        "files/read.ts": 'import { readFileSync } from "node:fs"; export const read = readFileSync;',
      },
      ["quantity/unit.test.ts", "step/step.test.ts", "files/read.test.ts"],
    );
    expect(found).toEqual([]);
  });

  it.each([
    ["a static import", 'import { a } from "../charts/a.ts";'],
    ["a type", 'import type { a } from "../charts/a.ts";'],
    ["a type in place", 'export type A = import("../charts/a.ts").A;'],
    ["an export", 'export { a } from "../charts/a.ts";'],
    ["an export of all", 'export * from "../charts/a.ts";'],
    ["a dynamic import", 'export const a = () => import("../charts/a.ts");'],
  ])("finds %s of a later layer, with its line", (_, text) => {
    expect(violationsOf({ "step/step.ts": `// first line\n${text}` })).toEqual([
      "src/step/step.ts:2 imports ../charts/a.ts, a later layer (step comes before charts)",
    ]);
  });

  it("keeps measurement from files, and every folder from the library's faces", () => {
    expect(violationsOf({ "measurement/m.ts": 'import "../files/f.ts";' })).toHaveLength(1);
    expect(violationsOf({ "cli/c.ts": 'import "../index.ts";' })).toEqual([
      "src/cli/c.ts:1 imports ../index.ts, the library's face",
    ]);
  });

  it("keeps everything inside src/ but the version in package.json, which the program prints", () => {
    expect(violationsOf({ "step/s.ts": 'import "../../package.json";' })[0]).toContain("outside src/");
    expect(violationsOf({ "cli/c.ts": 'import "../../scripts/build.mjs";' })[0]).toContain("outside src/");
    expect(violationsOf({ "cli/c.ts": 'import pkg from "../../package.json" with { type: "json" };' })).toEqual([]);
  });

  it("finds a cycle once and shows the way around", () => {
    const found = violationsOf({
      "step/a.ts": 'import "./b.ts";',
      "step/b.ts": 'import type { C } from "./c.ts";',
      "step/c.ts": 'import "./a.ts";',
    });
    expect(found).toEqual(["src/step/a.ts -> src/step/b.ts -> src/step/c.ts -> src/step/a.ts is an import cycle"]);
  });

  it.each([
    ['import { readFileSync } from "node:fs";', "imports node:fs"],
    ['import { readFileSync } from "fs";', "imports fs"],
    ["export const a = process.env;", "uses process"],
    ["export const a = globalThis.process;", "uses process"],
    ["export const a = Buffer.from([]);", "uses Buffer"],
    ["export const a = Date.now();", "uses Date.now"],
    ["export const a = new Date();", "uses new Date()"],
    ["export const a = Math.random();", "uses Math.random"],
    ["export const a = globalThis.performance.now();", "uses performance.now"],
  ])("keeps the core pure: %s", (text, what) => {
    expect(violationsOf({ "timing/a.ts": text })).toHaveLength(1);
    expect(violationsOf({ "timing/a.ts": text })[0]).toContain(what);
    expect(violationsOf({ "charts/a-node.ts": text, "files/a.ts": text, "cli/a.ts": text, "node.ts": text })).toEqual(
      [],
    );
  });

  it("does not take a property's name for the global of that name", () => {
    const text =
      "export interface A { process: number } export const a = { process: 1, b: new Date(0) }; export const b = a.process;";
    expect(violationsOf({ "timing/a.ts": text })).toEqual([]);
  });

  it("lets only the program's entry exit", () => {
    const text = "process.exitCode = 1;";
    expect(violationsOf({ "cli/ridgepoint.ts": text })).toEqual([]);
    expect(violationsOf({ "cli/step.ts": text })[0]).toContain("uses process.exitCode (only cli/ridgepoint.ts may)");
  });

  it("holds the length on both sides of the limit, generated files aside", () => {
    expect(violationsOf({ "step/a.ts": "\n".repeat(300) })).toEqual([]);
    expect(violationsOf({ "step/a.ts": "\n".repeat(301) })).toEqual(["src/step/a.ts has 301 lines (at most 300)"]);
    expect(violationsOf({ "generated/a.ts": "\n".repeat(301) })).toEqual([]);
  });

  it("refuses names that say nothing, strange folders and other cases", () => {
    expect(violationsOf({ "step/utils.ts": "" })[0]).toContain("says nothing");
    expect(violationsOf({ "step/string-helpers.ts": "" })[0]).toContain("says nothing");
    expect(violationsOf({ "step/decodeStep.ts": "" })[0]).toContain("kebab-case");
    expect(violationsOf({ "other/a.ts": "" })[0]).toContain("no layer");
    expect(violationsOf({ "a.ts": "" })[0]).toContain("in no folder");
  });

  it("wants test/ to mirror src/", () => {
    expect(violationsOf({ "step/a.ts": "" }, ["steps/a.test.ts"])).toEqual([
      "test/steps/ mirrors no folder of src/",
      "src/step/ has no test in test/step/",
    ]);
  });

  it("refuses a file that does not parse", () => {
    expect(() => violationsOf({ "step/a.ts": "export const = 1;" })).toThrow(/src\/step\/a\.ts does not parse/);
  });
});
