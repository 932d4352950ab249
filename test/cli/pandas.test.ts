/** What the README tells people who work in Python: each command's output loads in one line, with the same numbers. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { notBuilt, program } from "../support/run-program.ts";

const python = ["python3", "/usr/bin/python3"].find(
  (name) => spawnSync(name, ["-c", "import pandas"], { stdio: "ignore" }).status === 0,
);
const missing = notBuilt ?? (python === undefined ? "pandas is missing: apt-get install python3-pandas" : null);
// In CI pandas is there, and a skip would hide that it is not.
const isRequired = process.env["RIDGEPOINT_REQUIRE_PANDAS"] === "1";
if (missing !== null && !isRequired) console.warn(`skipped: ${missing}`);

const readme = readFileSync(join(import.meta.dirname, "..", "..", "README.md"), "utf8");
const lines = [...readme.matchAll(/^ridgepoint (.+?) +# (pandas\..+)$/gm)].map(([, words, load]) => ({
  words: words ?? "",
  load: load ?? "",
}));

const folder = mkdtempSync(join(tmpdir(), "ridgepoint-pandas-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function shell(line: string): string {
  const { status, stdout, stderr } = spawnSync("sh", ["-c", line], { cwd: folder, encoding: "utf8" });
  expect([status, stderr.match(/^ridgepoint: .*$/m)]).toEqual([0, null]);
  return stdout;
}

/** Rows, the type of the seconds' column, and their sum, as pandas has them. */
function loaded(load: string): { rows: number; type: string; seconds: number } {
  const code = `import json, pandas; t = ${load}; print(json.dumps([len(t), str(t["seconds"].dtype), float(t["seconds"].sum())]))`;
  const { status, stdout, stderr } = spawnSync(python ?? "", ["-c", code], { cwd: folder, encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  const [rows, type, seconds] = JSON.parse(stdout);
  return { rows, type, seconds };
}

/** The same of the file, read here. */
function expected(load: string): { rows: number; seconds: number } {
  const text = readFileSync(join(folder, /"([^"]+\.\w+)"/.exec(load)?.[1] ?? ""), "utf8");
  const sum = (all: readonly (number | null)[]) => ({
    rows: all.length,
    seconds: all.reduce((total: number, each) => total + (each ?? 0), 0),
  });
  if (load.includes("read_csv")) {
    const [titles = "", ...rows] = text.trim().split("\n");
    const at = titles.split(",").indexOf("seconds");
    return sum(rows.map((row) => Number(row.split(",")[at])));
  }
  if (load.includes("lines=True"))
    return sum(
      text
        .trim()
        .split("\n")
        .map((row) => JSON.parse(row).seconds),
    );
  return sum(JSON.parse(text).operations.map((each: { seconds: number }) => each.seconds));
}

describe("the README's lines for pandas", () => {
  it("are one for CSV, one for lines of JSON and one for a document", () => {
    expect(lines.map(({ load }) => /read_csv|lines=True|typ="series"/.exec(load)?.[0])).toEqual([
      "read_csv",
      "lines=True",
      'typ="series"',
    ]);
  });

  it.skipIf(missing !== null && !isRequired).each(lines)(
    "load $words by $load, every row and number",
    ({ words, load }) => {
      expect(missing).toBeNull();
      shell(`'${process.execPath}' '${program}' ${words}`);
      const { rows, type, seconds } = loaded(load);
      const file = expected(load);
      expect([rows, type]).toEqual([file.rows, "float64"]);
      expect(rows).toBeGreaterThan(5);
      expect(Math.abs(seconds / file.seconds - 1)).toBeLessThan(1e-9);
    },
  );
});
