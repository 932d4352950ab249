import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accuracyInputs } from "../../src/cli/accuracy-lines.ts";
import { report } from "../../src/cli/commands/report.ts";
import { missingInputs } from "../../src/cli/write-accuracy.ts";
import { runCommand } from "../support/run-command.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ridgepoint-accuracy-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const shared = join(import.meta.dirname, "..", "..", "..", "shared");
const measured = "measurements/H100";

describe("ridgepoint report --accuracy", () => {
  it("says which input is missing and leaves the report as it is", async () => {
    const out = join(folder, "accuracy");
    const { code, stdout } = await runCommand(report, ["--accuracy", "--shared", join(folder, "none"), "--out", out]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^skipped: .*generation_attention_perf\.parquet and \d+ more not there/);
    expect(await readdir(folder)).toEqual([]);
  });

  it("misses only what is not in the repository", async () => {
    const missing = await missingInputs({ measured, shared: join(folder, "none") });
    const all = accuracyInputs({ measured, shared: "none" });
    expect(all).toHaveLength(missing.length + 4);
    expect(new Set(all).size).toBe(all.length);
  });

  it.skipIf(!existsSync(shared))("finds all of it where others' tables lie beside the project", async () => {
    expect(await missingInputs({ measured, shared })).toEqual([]);
  });
});
