import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { explain } from "../../src/cli/commands/explain.ts";
import {
  explainDerivativeOutputSchema,
  explainOutputSchema,
  explainRatioOutputSchema,
} from "../../src/cli/schemas/explain-output.ts";
import { numbersOf, runCommand } from "../support/run-command.ts";

describe("ridgepoint explain", () => {
  it("prints an operation's formulas, symbols and numbers", async () => {
    const { code, stdout } = await runCommand(explain, [
      "--operation",
      "attention",
      "--batch",
      "8",
      "--context",
      "4096",
    ]);
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot("golden/explain-attention.txt");
  });

  it("prints all operations and the totals by default", async () => {
    const { stdout } = await runCommand(explain, ["--weights", "q4_k_m"]);
    expect(stdout).toContain("\ntotals\n  matmul FLOPs ");
    expect(stdout).toMatch(/in the context {2}524288 \* S \+/);
    expect(stdout).toContain("rotary embedding, 32 times (Su et al. 2021, equation 34)");
  });

  it("derives the paper's ratios", async () => {
    const { stdout } = await runCommand(explain, ["--ratio"]);
    await expect(stdout).toMatchFileSnapshot("golden/explain-ratio.txt");
  });

  it("prints a derivative with the side that binds", async () => {
    const { stdout } = await runCommand(explain, ["--derivative", "kv-heads"]);
    await expect(stdout).toMatchFileSnapshot("golden/explain-derivative.txt");
  });

  it("prints both sides at a tie, and says where nothing depends on the parameter", async () => {
    const tie = await runCommand(explain, ["--derivative", "context", "--model", "gemma-2-9b", "--context", "4096"]);
    expect(tie.stdout).toMatch(/attention \(right\) .*\n.*attention \(left\) /);
    expect(tie.stdout).toContain("two sides tie here");
    const words = ["--derivative", "context", "--model", "llama-4-scout", "--context", "16385"];
    expect((await runCommand(explain, words)).stdout).toContain("the time jumps here, where a chunk begins");
    const nothing = await runCommand(explain, ["--derivative", "link"]);
    expect(nothing.stdout).toContain("no operation's binding side depends on it");
  });

  it.each<[z.ZodType, string[]]>([
    [explainOutputSchema, []],
    [explainOutputSchema, ["--model", "deepseek-v3", "--operation", "latent-attention"]],
    [explainRatioOutputSchema, ["--ratio"]],
    [explainDerivativeOutputSchema, ["--derivative", "context"]],
    [explainDerivativeOutputSchema, ["--derivative", "context", "--model", "gemma-2-9b", "--context", "4096"]],
  ])("prints JSON that its schema describes: %#", async (schema, words) => {
    const printed = JSON.parse((await runCommand(explain, [...words, "--json"])).stdout);
    expect(schema.parse(printed)).toEqual(printed);
    for (const [path, value] of numbersOf(printed)) expect(value === null || Number.isFinite(value), path).toBe(true);
  });

  it.each([
    [[], "operation,count,figure,formula,withNumbers,simplified,value,total"],
    [["--ratio"], "case,text,coefficient,powers,boundedBy"],
    [
      ["--derivative", "batch"],
      "parameter,name,count,seconds,right_binds,right_seconds,right_formula,right_value,left_binds,left_seconds,left_formula,left_value,tie,jump,fits",
    ],
  ])("prints CSV: %j", async (words, header) => {
    const { stdout } = await runCommand(explain, [...(words as string[]), "--csv"]);
    expect(stdout.split("\n")[0]).toBe(header);
  });

  it.each([
    [["--operation", "atention"], /invalid operation: atention \(did you mean attention\?\)/],
    [["--operation", "toaster oven"], /invalid operation: toaster oven \(wants one of embedding lookup, /],
    [["--operation", ""], /invalid operation: nothing/],
    [["--derivative", "import"], /invalid derivative: import \(wants bandwidth, /],
    [["--derivative", "batch * 2"], /invalid derivative/],
    [["--ratio", "--derivative", "batch"], /invalid derivative: --derivative \(not together with --ratio\)/],
  ])("refuses %j", async (words, message) => {
    await expect(runCommand(explain, words as string[])).rejects.toThrow(message as RegExp);
  });
});
