import { describe, expect, it } from "vitest";
import { compare } from "../../src/cli/commands/compare.ts";
import { runCommand } from "../support/run-command.ts";

const small = ["--timing", "roofline", "--hardware", "h100-sxm", "--batch", "1,64", "--context", "512,8192"];

describe("ridgepoint compare", () => {
  it("prints a line a batch, context and variant where the terminal is narrow", async () => {
    const { code, stdout } = await runCommand(compare, small);
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot("golden/compare-narrow.txt");
  });

  it("prints the variants side by side where the terminal is wide", async () => {
    const { stdout } = await runCommand(compare, small, 200);
    await expect(stdout).toMatchFileSnapshot("golden/compare-wide.txt");
  });

  it("takes lists and ranges, and prints a JSON row each", async () => {
    const { stdout } = await runCommand(compare, [
      "-a",
      "mha,mqa",
      "-H",
      "h100-sxm,mi300x",
      "-b",
      "1..4*2",
      "-c",
      "512..1024+512",
      "--json",
    ]);
    const { rows } = JSON.parse(stdout);
    expect(rows).toHaveLength(2 * 2 * 3 * 2);
    expect(rows[0]).toMatchObject({
      model: "llama-2-7b",
      hardware: "h100-sxm",
      attention: "mha",
      batch: 1,
      context: 512,
      speedup: 1,
    });
    expect(rows[0]).not.toHaveProperty("operations");
  });

  it("marks what does not fit in JSON, and exits with 0", async () => {
    const { code, stdout } = await runCommand(compare, [
      "-a",
      "mha",
      "-H",
      "h100-sxm",
      "-b",
      "64",
      "-c",
      "8192",
      "--json",
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).rows[0]).toMatchObject({ fits: false, seconds: null, speedup: null, bound: null });
  });

  it("prints CSV with the contract's names, dots as underscores", async () => {
    const { stdout } = await runCommand(compare, [...small, "--csv"]);
    const [header = "", ...lines] = stdout.trimEnd().split("\n");
    expect(header.split(",")).toEqual(
      expect.arrayContaining(["totals_kvBytes", "footprint_bytes", "attention", "speedup"]),
    );
    expect(lines).toHaveLength(12);
  });

  it("keeps the parameters with --same-parameters", async () => {
    const { stdout } = await runCommand(compare, [
      "-a",
      "mha,mqa",
      "-H",
      "h100-sxm",
      "-b",
      "1",
      "-c",
      "1",
      "--same-parameters",
      "--json",
    ]);
    const [mha, mqa] = JSON.parse(stdout).rows;
    expect(mqa.footprint.weightBytes / mha.footprint.weightBytes).toBeCloseTo(1, 3);
  });

  it("prints the rules that mattered with --verbose", async () => {
    const { stdout } = await runCommand(compare, [...small, "--verbose"]);
    expect(stdout).toContain("counting rules that mattered");
  });

  it.each([
    [["--attention", "mha,,mqa"], "invalid attention: mha,,mqa (wants words with commas between them)"],
    [["--attention", "gqa:5"], "invalid attention: gqa:5 (K/V heads must divide heads 32)"],
    [["--batch", "8..1"], "invalid batch: 8..1 (a range runs from the smaller number to the larger)"],
    [["--hardware", "h100-sxm,h10"], "invalid hardware: h10"],
    [["--json", "--csv"], "invalid csv: --csv (--json or --csv, not both)"],
  ])("refuses %j", async (words, message) => {
    await expect(runCommand(compare, words)).rejects.toThrow(message);
  });
});
