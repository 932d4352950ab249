import { describe, expect, it } from "vitest";
import { explain } from "../../src/cli/commands/explain.ts";
import { generate } from "../../src/cli/commands/generate.ts";
import { step } from "../../src/cli/commands/step.ts";
import { runCommand } from "../support/run-command.ts";

const tooLarge = ["--model", "llama-3.1-70b"];

describe("what does not fit is given no speed", () => {
  it("by step: no seconds in its table or its CSV, what it needs, and what would help", async () => {
    const table = await runCommand(step, tooLarge);
    expect(table.code).toBe(3);
    expect(table.stdout).toContain("does not fit: needs 142 GB, has 85.0 GB");
    expect(table.stdout).toContain("fits with --tensor-parallel 2");
    expect(table.stdout).not.toMatch(/\d (ms|µs|ns)\b/);
    const csv = await runCommand(step, [...tooLarge, "--csv"]);
    const [header, ...rows] = csv.stdout
      .trim()
      .split("\n")
      .map((line) => line.split(","));
    for (const row of rows) {
      expect(row[header!.indexOf("seconds")]).toBe("");
      expect(row[header!.indexOf("bound")]).toBe("");
      expect(Number(row[header!.indexOf("secondsIfItFitted")])).toBeGreaterThan(0);
      expect(row[header!.indexOf("fits")]).toBe("false");
    }
  });

  it("by generate: steps beyond the memory have what they would take apart", async () => {
    const { code, stdout } = await runCommand(generate, [...tooLarge, "--output", "3", "--json"]);
    expect(code).toBe(3);
    for (const each of JSON.parse(stdout).steps) {
      expect(each).toMatchObject({ seconds: null, bound: null, fits: false });
      expect(each.secondsIfItFitted).toBeGreaterThan(0);
    }
  });

  it("by explain: the derivative says first that it does not", async () => {
    const { code, stdout } = await runCommand(explain, [...tooLarge, "--derivative", "batch"]);
    expect(code).toBe(3);
    expect(stdout).toContain("does not fit: needs 142 GB, has 85.0 GB; all times are what they would be if it did");
    expect((await runCommand(explain, ["--derivative", "batch"])).code).toBe(0);
  });
});
