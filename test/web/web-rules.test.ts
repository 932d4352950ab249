import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { webViolations } from "../../scripts/web-rules.mjs";

const folder = join(import.meta.dirname, "..", "..", "web", "src");

describe("the page's sources", () => {
  it("keep every rule", () => {
    const names = readdirSync(folder);
    expect(names.length).toBeGreaterThan(10);
    expect(webViolations(new Map(names.map((name) => [name, readFileSync(join(folder, name), "utf8")])))).toEqual([]);
  });
});

describe("the checker", () => {
  it("takes the library's faces, vega and the page's own files", () => {
    const text =
      'import "./b.ts"; import { a } from "ridgepoint/drawing"; import { View } from "vega"; import("ridgepoint");';
    const own = text.replace('import "./b.ts"', 'import { b } from "./b.ts"');
    expect(
      webViolations(
        new Map([
          ["a.ts", own],
          ["b.ts", ""],
        ]),
      ),
    ).toEqual([]);
  });

  it.each([
    ['import { a } from "../../src/index.ts";', "imports ../../src/index.ts"],
    ['import { a } from "ridgepoint/node";', "imports ridgepoint/node"],
    ['import { a } from "node:fs";', "imports node:fs"],
    ['const a = import("lodash");', "imports lodash"],
    ["element.innerHTML = text;", "makes markup of text"],
    ["new Function('1')();", "makes code of text"],
    ["fetch('/a');", "reaches for the network"],
    ['const a = "https://example.com";', "names another host"],
  ])("finds %s", (text, what) => {
    const found = webViolations(new Map([["a.ts", text]]));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(what);
  });

  it("holds the length on both sides of its limit, and names", () => {
    expect(webViolations(new Map([["a.ts", "\n".repeat(300)]]))).toEqual([]);
    expect(webViolations(new Map([["a.ts", "\n".repeat(301)]]))).toHaveLength(1);
    expect(webViolations(new Map([["aB.ts", ""]]))).toHaveLength(1);
  });
});
