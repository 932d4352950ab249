/** The built program, interrupted and killed while it measures with the wasm backend: no row is lost but the one under way. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { storedRowKey } from "../../src/measurement/measured-cells.ts";
import { parseCsv } from "../../src/measurement/parse-csv.ts";
import { notBuilt, program, runProgram } from "../support/run-program.ts";

if (notBuilt !== null) console.warn(`skipped: ${notBuilt}`);

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const kinds = ["linear", "elementwise"] as const;
const words = [
  ...["measure", "--kinds", kinds.join(","), "--threads", "1", "--rows", "1..8", "--linear", "64x64,96x64"],
  ...["--per-row", "20ms", "--budget", "none"],
];
/** 8 numbers of rows × (2 linear layers in 3 formats + 6 small kernels). */
const rowsInAll = 8 * (2 * 3 + 6);

/** The keys of all rows that are whole, in the tables' order. */
function keys(): string[] {
  return kinds.flatMap((kind) => {
    const path = join(folder, `${kind}.csv`);
    if (!existsSync(path)) return [];
    const text = readFileSync(path, "utf8");
    const [header, ...records] = [...parseCsv(text.slice(0, text.lastIndexOf("\n") + 1), path)];
    return records.map(({ cells }) =>
      storedRowKey(kind, Object.fromEntries((header?.cells ?? []).map((column, i) => [column, cells[i] ?? ""]))),
    );
  });
}

/** Starts the program and waits until so many rows are there. */
async function started(rows: number): Promise<{ child: ChildProcess; ended: Promise<number | null> }> {
  const child = spawn(process.execPath, [program, ...words, "--out", folder], { stdio: "ignore" });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  while (keys().length < rows && child.exitCode === null) await pause(10);
  return { child, ended };
}

function resumed(): string[] {
  const run = runProgram([...words, "--out", folder, "--json", "--quiet"]);
  expect([run.code, run.stderr]).toEqual([0, ""]);
  expect(JSON.parse(run.stdout)).toMatchObject({ rowsLeft: 0, failed: 0, skipped: 0 });
  return keys();
}

describe.skipIf(notBuilt !== null)("ridgepoint measure, stopped", () => {
  it("by kill -9 twice, then run to its end, has each of its rows once", { timeout: 60_000 }, async () => {
    for (const rows of [5, 20]) {
      const { child, ended } = await started(rows);
      child.kill("SIGKILL");
      expect(await ended).toBeNull();
      expect(keys().length).toBeLessThan(rowsInAll);
    }
    const before = keys();
    const all = resumed();
    expect(all).toHaveLength(rowsInAll);
    expect(new Set(all).size).toBe(rowsInAll);
    for (const key of before) expect(all).toContain(key);
  });

  it("by Ctrl-C, exits with 130, and the same command goes on", { timeout: 60_000 }, async () => {
    const { child, ended } = await started(5);
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    const before = keys();
    expect(before.length).toBeGreaterThanOrEqual(5);
    expect(before.length).toBeLessThan(rowsInAll);
    const all = resumed();
    expect(new Set(all).size).toBe(rowsInAll);
    expect(all.slice(0, 1)).toEqual(before.slice(0, 1));
    const again = runProgram([...words, "--out", folder, "--json"]);
    expect(JSON.parse(again.stdout)).toMatchObject({ rowsBefore: rowsInAll, measured: 0 });
  });
});

describe.skipIf(notBuilt !== null)("ridgepoint measure, started twice", () => {
  it("refuses the second with one line and exit code 1, and the first has each row once", {
    timeout: 60_000,
  }, async () => {
    const { ended } = await started(2);
    const second = runProgram([...words, "--out", folder]);
    expect(second).toMatchObject({ code: 1, stdout: "" });
    expect(second.stderr).toMatch(
      /^ridgepoint: cannot measure into .*: process \d+ does so already; .*measure\.lock\n$/,
    );
    expect(await ended).toBe(0);
    expect(keys()).toHaveLength(rowsInAll);
    expect(existsSync(join(folder, "measure.lock"))).toBe(false);
  });
});
