import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "../../src/cli/commands/main.ts";
import { report } from "../../src/cli/commands/report.ts";
import { runCommand } from "../support/run-command.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ridgepoint-main-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("ridgepoint main", () => {
  it("prints the operations of a step, then three attentions on four machines", async () => {
    const { code, stdout } = await runCommand(main, ["--out", folder], 200);
    expect(code).toBe(0);
    const text = stdout.replaceAll(folder, "reports");
    for (const word of [
      "q/k/v projection",
      "MHA",
      "GQA-8",
      "MQA",
      "H100",
      "A100",
      "MI300X",
      "RTX 4090",
      "does not fit",
    ]) {
      expect(text).toContain(word);
    }
    await expect(text).toMatchFileSnapshot("golden/main.txt");
  }, 60_000);

  it("writes what report writes", async () => {
    await runCommand(report, ["--out", join(folder, "report")]);
    const [own, other] = await Promise.all(
      [folder, join(folder, "report")].map((each) => readFile(join(each, "README.md"), "utf8")),
    );
    expect(own).toBe(other);
  }, 60_000);

  it("prints its totals for programs, with the paths on stderr", async () => {
    const { stdout, stderr } = await runCommand(main, ["--out", folder, "--json"]);
    const { rows } = JSON.parse(stdout);
    expect(rows).toHaveLength(4 * 3 * 2 * 3);
    // Llama-2-7B: 6,607,343,616 parameters read, and one row of the embedding.
    expect(rows[0].totals.weightBytes).toBe(2 * (6_607_343_616 + 4096));
    expect(stderr).toContain("README.md");
  }, 60_000);

  it("refuses both formats at once", async () => {
    await expect(runCommand(main, ["--json", "--csv"])).rejects.toThrow(/^invalid csv/);
  });
});
