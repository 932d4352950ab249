/** The committed notebooks' shape, and how scripts/run-notebooks.mjs compares and writes their outputs; it is what executes them. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { differences, tidyNotebook } from "../../scripts/notebook-outputs.mjs";
import { codeCells, joined, notebookModule } from "../../scripts/notebook-source.mjs";

const folder = join(import.meta.dirname, "..", "..", "notebooks");
const names = readdirSync(folder).filter((name) => name.endsWith(".ipynb"));
const mostBytes = 3e6;
const mostPictureBytes = 60_000;

interface Output {
  readonly output_type: string;
  readonly data?: Readonly<Record<string, unknown>>;
}
interface Cell {
  readonly cell_type: string;
  readonly source: readonly string[];
  readonly metadata: { readonly tags?: readonly string[] };
  readonly outputs?: readonly Output[];
}

function cellsOf(name: string): Cell[] {
  return JSON.parse(readFileSync(join(folder, name), "utf8")).cells;
}

describe("the notebooks", () => {
  it("are six, of 3 MB at most together", () => {
    expect(names).toHaveLength(6);
    expect(names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)).toBeLessThan(mostBytes);
  });

  it.each(names)("%s begins with its question, ends with its answer, and was executed without an error", (name) => {
    const cells = cellsOf(name);
    expect(cells[0]?.source.join("")).toMatch(/^# \d\. .*\n\n\*\*Question\.\*\*/);
    expect(cells.at(-2)?.source.join("")).toMatch(/(^|\n)## Answer$/);
    const outputs = cells.flatMap((cell) => cell.outputs ?? []);
    const silent = cells.filter((cell) => cell.cell_type === "code" && cell.outputs?.length === 0);
    expect(silent.map(({ source }) => source[0]?.slice(0, 8))).toEqual(["import {"]);
    expect(outputs.every(({ output_type }) => output_type === "display_data")).toBe(true);
    expect(cells.at(-1)?.outputs?.at(-1)?.data).toHaveProperty("text/markdown");
  });

  it.each(names)("%s imports the built library alone, and nothing from a network", (name) => {
    const code = codeCells({ cells: cellsOf(name) })
      .map((cell: { code: string }) => cell.code)
      .join("\n");
    const imports = [...code.matchAll(/(?:from|import\()\s*["']([^"']+)["']/g)].map((match) => match[1]);
    expect(imports).toEqual(["../dist/notebook.js"]);
    expect(code).not.toMatch(/\bfetch\(|npm:|jsr:|https?:/);
  });

  it.each(names)("%s shows charts and tables, each chart as a specification and a picture of at most 60 kB", (name) => {
    const data = cellsOf(name).flatMap((cell) => (cell.outputs ?? []).map((output) => output.data ?? {}));
    const charts = data.filter((each) => "image/png" in each);
    expect(charts.length).toBeGreaterThanOrEqual(2);
    expect(data.filter((each) => "text/html" in each).length).toBeGreaterThanOrEqual(2);
    for (const chart of charts) {
      expect(Object.keys(chart)).toEqual(
        expect.arrayContaining(["application/vnd.vegalite.v5+json", "application/vnd.vegalite.v6+json", "text/plain"]),
      );
      expect((String(chart["image/png"]).length * 3) / 4).toBeLessThan(mostPictureBytes);
    }
  });

  it("tag what is this machine's as measured, in the sixth alone", () => {
    const tagged = names.filter((name) => cellsOf(name).some(({ metadata }) => metadata.tags?.includes("measured")));
    expect(tagged).toEqual(names.filter((name) => name.startsWith("6-")));
  });
});

const shown = (data: object, tags: string[] = []) => ({
  cells: [
    { cell_type: "markdown", id: "m", metadata: {}, source: ["# a"] },
    {
      ...{ cell_type: "code", id: "c", metadata: { tags, execution: { "iopub.status.busy": "now" } } },
      ...{ execution_count: 7, source: ["a;\n", "b;"] },
      outputs: [{ output_type: "display_data", data, metadata: {} }],
    },
  ],
  metadata: { language_info: { version: "6.0.3" } },
});

describe("differences", () => {
  const spec = "application/vnd.vegalite.v6+json";

  it("are none where the same text is stored as lines or as one, and where a picture's bytes differ", () => {
    const lines = shown({ "text/plain": ["a\n", "b"], "image/png": "AAAA" });
    expect(differences(lines, shown({ "text/plain": "a\nb", "image/png": "BBBB" }))).toEqual([]);
    expect(differences(lines, shown({ "text/plain": "a\nb" }))).toEqual(["cell 2 image/png: is gone"]);
  });

  it("name the cell, the type and the first line that differs", () => {
    expect(differences(shown({ "text/plain": "a\nb" }), shown({ "text/plain": "a\nc" }))).toEqual([
      "cell 2 text/plain, line 2:\n- b\n+ c",
    ]);
  });

  it("let numbers of a specification differ by a millionth, no more", () => {
    const of = (value: number) => shown({ [spec]: { data: { values: [{ y: value }] } } });
    expect(differences(of(1), of(1 + 9e-7))).toEqual([]);
    expect(differences(of(1), of(1 + 2e-6))).toEqual([`cell 2 ${spec} data values 0 y: 1.000002 instead of 1`]);
  });

  it("see a member or a cell more, and are blind to cells tagged measured", () => {
    expect(differences(shown({ [spec]: { a: 1 } }), shown({ [spec]: { a: 1, b: 2 } }))).toEqual([
      `cell 2 ${spec} b: is new`,
    ]);
    expect(differences({ cells: [] }, shown({}))).toEqual(["1 code cells instead of 0"]);
    expect(
      differences(shown({ "text/plain": "1 ms" }, ["measured"]), shown({ "text/plain": "2 ms" }, ["measured"])),
    ).toEqual([]);
  });
});

describe("tidyNotebook", () => {
  it("keeps cells and outputs, and drops times, versions and counters of one run; a specification is a line", () => {
    const text = tidyNotebook(shown({ "x+json": { a: [1, 2] }, "text/plain": "a\nb" }));
    expect(JSON.parse(text)).toEqual({
      cells: [
        { cell_type: "markdown", id: "m", metadata: {}, source: ["# a"] },
        {
          ...{ cell_type: "code", id: "c", metadata: { tags: [] }, execution_count: 1, source: ["a;\n", "b;"] },
          outputs: [
            {
              output_type: "display_data",
              data: { "x+json": { a: [1, 2] }, "text/plain": ["a\n", "b"] },
              metadata: {},
            },
          ],
        },
      ],
      metadata: {
        kernelspec: { display_name: "Deno", language: "typescript", name: "deno" },
        language_info: { file_extension: ".ts", mimetype: "text/x.typescript", name: "typescript" },
      },
      ...{ nbformat: 4, nbformat_minor: 5 },
    });
    expect(text).toContain('"x+json": {"a":[1,2]}');
    expect(
      differences(shown({ "text/plain": "a\nb" }), JSON.parse(tidyNotebook(shown({ "text/plain": "a\nb" })))),
    ).toEqual([]);
  });

  it.each(names)("has written %s", (name) => {
    const text = readFileSync(join(folder, name), "utf8");
    expect(tidyNotebook(JSON.parse(text))).toBe(text);
  });
});

describe("notebookModule", () => {
  it("is all code after each other, with the library from where it is said", () => {
    const cell = { cell_type: "code", metadata: {}, source: ['import { a } from "../dist/notebook.js";'] };
    expect(notebookModule({ cells: [cell, { ...cell, source: "a();" }] }, "/lib.js")).toBe(
      '// cell 1\nimport { a } from "/lib.js";\n\n// cell 2\na();\n',
    );
    expect(joined(["a", "b"])).toBe("ab");
  });
});
