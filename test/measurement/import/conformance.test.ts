/** What every foreign format owes: a name of its own, files that it alone takes, rows that the tables' reader takes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { foreignFormat, foreignFormats, formatOfFile } from "../../../src/measurement/import/foreign-formats.ts";
import { convertForeignFile, importedTable } from "../../../src/measurement/import/import-tables.ts";
import { foreignCsv, samples } from "./foreign-tables.ts";

const folder = join(import.meta.dirname, "..", "..", "..", "src", "measurement", "import");
const labels = { model: "m" };

describe("the registry", () => {
  it("holds every file of the folder that defines a format", () => {
    const defining = readdirSync(folder).filter((name) =>
      /^export const \w+: ForeignFormat =/m.test(readFileSync(join(folder, name), "utf8")),
    );
    expect(defining.map((name) => name.replace(".ts", "")).sort()).toEqual(foreignFormats.map(({ id }) => id).sort());
  });

  it("has a sample of every format, and finds each by its columns alone", () => {
    expect(new Set(samples.map(([id]) => id))).toEqual(new Set(foreignFormats.map(({ id }) => id)));
    for (const [id, file] of samples) {
      expect(foreignFormats.filter((format) => format.accepts(file)).map((format) => format.id)).toEqual([id]);
    }
  });

  it("names the nearest format, and what a file lacks", () => {
    expect(() => foreignFormat("llamabench")).toThrow("invalid format: llamabench (did you mean llama-bench?)");
    expect(() => foreignFormat("x")).toThrow("wants aiconfigurator, engine-results, llama-bench, vllm-bench");
    const other = foreignCsv("o.csv", "a,b", "1,2");
    expect(formatOfFile(other)).toBeNull();
    for (const format of foreignFormats) {
      expect(() => convertForeignFile(other, format)).toThrow(
        `has the columns a, b; ${format.id} wants ${format.wants}`,
      );
    }
    expect(() => convertForeignFile(samples[0]![1], foreignFormat("vllm-bench"))).toThrow(
      "it looks like aiconfigurator",
    );
  });
});

describe.each(samples)("%s: %o", (id, file) => {
  it("gives rows that the reader takes, with source, engine and times of their own", () => {
    for (const table of convertForeignFile(file, foreignFormat(id), labels)) {
      const read = importedTable(table, file.name);
      expect(read.kind).toBe(table.kind);
      expect(read.rows.length).toBeGreaterThan(0);
      expect(table.columns).toEqual(expect.arrayContaining(["source", "engine", "engine_version"]));
      for (const row of read.rows) {
        expect(row.source).toBeTruthy();
        expect(row.engine).toBeTruthy();
        expect(row.seconds).toBeGreaterThan(0);
      }
      for (const record of table.records) expect(record.cells).toHaveLength(table.columns.length);
    }
  });

  it("refuses a file of its columns without rows", () => {
    const empty = "columns" in file ? foreignCsv(file.name, file.columns.join(",")) : null;
    if (empty !== null) expect(() => convertForeignFile(empty, foreignFormat(id))).toThrow("holds no row");
  });
});
