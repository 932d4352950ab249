import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit } from "../../src/cli/commands/audit.ts";
import { runCommand } from "../support/run-command.ts";

const measured = join(import.meta.dirname, "..", "..", "measurements", "H100");
const tables = ["attention", "linear", "steps"].map((kind) => join(measured, `${kind}.csv`));
const ceilings = join(measured, "ceilings.json");
const run = (...words: string[]) => runCommand(audit, [...words, "--hardware", "h100-sxm"]);

let folder = "";
let bad = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
  bad = join(folder, "bad.csv");
  const lines = readFileSync(tables[2]!, "utf8").trimEnd().split("\n");
  // Five times as fast as its weights can be read; then a time of zero.
  lines[1] = lines[1]!.replace("5.9883,5.9846,5.9992,167.0", "1.2,1.1,1.3,833");
  lines[2] = lines[2]!.replace("6.335,6.3212", "0,0");
  writeFileSync(bad, `${lines.join("\n")}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("ridgepoint audit", () => {
  it("finds nothing in the measured H100", async () => {
    const { code, stdout } = await run(...tables, "--ceilings", ceilings);
    expect([code, stdout]).toEqual([0, "1153 rows: 0 errors, 0 warnings\n"]);
  });

  it("warns, with exit code 0, of what passes a measured ceiling by more than the margin", async () => {
    const { code, stdout } = await run(...tables, "--ceilings", ceilings, "--margin", "1.5");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^warning {2}\S+linear\.csv:73 {2}compute: multiplies 816 TFLOP\/s, 1\.6 % over/);
    expect(stdout).toMatch(/\n1153 rows: 0 errors, 1 warning\n$/);
  });

  it("lists errors with exit code 1, as text, JSON and CSV", async () => {
    const { code, stdout } = await run(bad);
    expect(code).toBe(1);
    expect(stdout).toContain("error    ");
    expect(stdout).toMatch(
      /bad\.csv:2 {2}bandwidth: reads 13\.5 GB: 11\.2 TB\/s, 3\.35 times the peak of 3\.35 TB\/s\n/,
    );
    expect(stdout).toMatch(/bad\.csv:3 {2}time: the time is 0 s\n/);
    const json = await run(bad, "--json");
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ hardware: "h100-sxm", rows: 13, errors: 3, warnings: 0 });
    const csv = (await run(bad, "--csv")).stdout.trimEnd().split("\n");
    expect(csv[0]).toBe("table,line,kind,severity,rule,message,value,limit");
    expect(csv).toHaveLength(4);
    expect((await run(tables[2]!, "--csv")).stdout).toBe("table,line,kind,severity,rule,message,value,limit\n");
  });

  it("refuses bad input", async () => {
    await expect(run(bad, "--margin", "none")).rejects.toThrow("invalid margin: none");
    await expect(run(ceilings)).rejects.toThrow(/ceilings\.json/);
    await expect(runCommand(audit, [bad])).rejects.toThrow(/--hardware/);
  });
});
