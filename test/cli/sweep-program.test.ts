/** The built program's sweep: worker threads, an interruption, a full disk, a pipe that closes. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deviceCopy } from "../support/device-copy.ts";
import { notBuilt, runProgram, runShell } from "../support/run-program.ts";

if (notBuilt !== null) console.warn(`skipped: ${notBuilt}`);

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = join(import.meta.dirname, "..", "..", "dist", "cli", "ridgepoint.js");
/** 24,000 rows, six chunks: as-is rows that fit and that don't, and invalid ones. */
const grid = "sweep --attention as-is,mqa,gqa:5 --batch 1..80 --context 100..10000+100";

describe.skipIf(notBuilt !== null)("the built program's sweep", () => {
  it.each(["csv", "ndjson", "parquet"])("writes the same bytes with 1, 2 and 3 threads: %s", (format) => {
    const files = [1, 2, 3].map((threads) => {
      const path = join(folder, `${threads}.${format}`);
      const { code, stderr } = runProgram([...grid.split(" "), "--threads", `${threads}`, "--out", path]);
      expect([code, stderr]).toEqual([0, expect.stringMatching(/: 24000 rows, \d+ do not fit, 8000 invalid\n$/)]);
      return readFileSync(path);
    });
    expect(files[0]?.length).toBeGreaterThan(500_000);
    for (const file of files) expect(file.equals(files[0] as Buffer)).toBe(true);
  });

  it("writes the same to stdout", () => {
    const { stdout } = runProgram([...grid.split(" "), "--threads", "2"]);
    const { stdout: one } = runProgram([...grid.split(" "), "--threads", "1"]);
    expect(stdout).toBe(one);
    expect(stdout.trimEnd().split("\n")).toHaveLength(24_001);
  });

  it.each([
    ["SIGINT", "1"],
    ["SIGINT", "2"],
    ["SIGTERM", "1"],
    ["SIGTERM", "2"],
    ["SIGHUP", "2"],
  ] as const)("leaves nothing behind after %s and exits with 130: %s threads", async (signal, threads) => {
    const inside = mkdtempSync(join(folder, "interrupted-"));
    const large = ["--batch", "1..100000", "--context", "1..1000", "--threads", threads];
    const child = spawn(process.execPath, [program, "sweep", ...large, "--out", join(inside, "rows.csv")]);
    while (readdirSync(inside).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill(signal);
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(code).toBe(130);
    expect(readdirSync(inside)).toEqual([]);
  });

  it("exits with 1 where the disk is full, in one line", ({ skip }) => {
    const full = deviceCopy(folder, "full") ?? skip("no device can be made here");
    for (const format of ["csv", "parquet"]) {
      const { code, stderr } = runProgram([...grid.split(" "), "--out", full, "--format", format]);
      expect([code, stderr]).toEqual([1, `ridgepoint: cannot write ${full}: no space left on device\n`]);
    }
  });

  it("ends quietly where its reader has had enough", () => {
    const { code, stdout, stderr } = runShell(`ridgepoint ${grid} | head -n 2`);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.trimEnd().split("\n")).toHaveLength(2);
  });
});
