import { describe, expect, it } from "vitest";
import { crossover } from "../../src/cli/commands/crossover.ts";
import { crossoverOutputSchema } from "../../src/cli/schemas/crossover-output.ts";
import { numbersOf, runCommand } from "../support/run-command.ts";

describe("ridgepoint crossover", () => {
  it("prints a line a question", async () => {
    const { code, stdout } = await runCommand(crossover, [
      "--model",
      "llama-3.1-8b",
      "--context",
      "8192",
      "--same-parameters",
      "--timing",
      "roofline",
    ]);
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot("golden/crossover.txt");
  });

  it("gives every reason with --verbose, and marks what does not fit", async () => {
    const { stdout } = await runCommand(crossover, [
      "--model",
      "qwen3-30b-a3b",
      "--batch",
      "8",
      "--context",
      "4096",
      "--verbose",
      "--timing",
      "roofline",
    ]);
    await expect(stdout).toMatchFileSnapshot("golden/crossover-verbose.txt");
    expect(stdout).toContain("(bisection)");
    expect(stdout).toMatch(/151 \*/);
  });

  it.each([
    [],
    ["--model", "deepseek-v3", "--hardware", "h200", "--tensor-parallel", "8"],
    ["--model", "qwen3.5-35b-a3b", "--batch", "4"],
    ["--phase", "prefill", "--groups", "4", "--threshold", "2"],
  ])("prints JSON that its schema describes: %#", async (...words: string[]) => {
    const printed = JSON.parse((await runCommand(crossover, [...words, "--json"])).stdout);
    expect(crossoverOutputSchema.parse(printed)).toEqual(printed);
    for (const [path, value] of numbersOf(printed)) expect(value === null || Number.isFinite(value), path).toBe(true);
  });

  it("prints CSV: a row an answer", async () => {
    const { stdout } = await runCommand(crossover, ["--csv"]);
    const [header, first] = stdout.split("\n");
    expect(header).toBe(
      "model,hardware,batch,context,question,operation,axis,value,until,method,reason,fits,largestThatFits",
    );
    expect(first).toMatch(/^llama-2-7b,h100-sxm,1,2048,weightToCache,,batch,13,,closed form,/);
    expect(stdout).toContain(",operations,feed-forward up,batch,");
  });

  it("exits with 3 where nothing fits, and notes what stands in for a missing peak", async () => {
    expect((await runCommand(crossover, ["--model", "llama-3.1-70b"])).code).toBe(3);
    expect((await runCommand(crossover, ["--hardware", "v100-sxm-32g"])).stdout).toContain("note: ");
  });

  it.each([
    [["--threshold", "0"], /invalid threshold: 0/],
    [["--threshold", "0.5"], /invalid threshold: 0.5 \(wants a speed-up of 1 or more\)/],
    [["--groups", "5"], /invalid groups: 5/],
    [["--batch", "0"], /invalid batch: 0/],
    [["--json", "--csv"], /not both/],
  ])("refuses %j", async (words, message) => {
    await expect(runCommand(crossover, words as string[])).rejects.toThrow(message as RegExp);
  });
});
