import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sensitivity } from "../../src/cli/commands/sensitivity.ts";
import { sensitivityOutputSchema } from "../../src/cli/schemas/sensitivity-output.ts";
import { numbersOf, runCommand } from "../support/run-command.ts";

describe("ridgepoint sensitivity", () => {
  it("prints the largest gain first", async () => {
    const words = [
      "--model",
      "llama-3.1-8b",
      "--batch",
      "64",
      "--context",
      "8192",
      "--change",
      "bandwidth=+25%",
      "--change",
      "kv-bytes=x0.25,weight-bytes=-50%",
      "--timing",
      "roofline",
    ];
    const { code, stdout } = await runCommand(sensitivity, words);
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot("golden/sensitivity.txt");
  });

  it("says what would make it fit, with exit code 3", async () => {
    const { code, stdout } = await runCommand(sensitivity, [
      "--model",
      "llama-3.1-70b",
      "--hardware",
      "v100-sxm-32g",
      "--weights",
      "int4",
    ]);
    expect(code).toBe(3);
    expect(stdout).toContain("does not fit: needs ");
    expect(stdout).toContain("(if it fitted)");
    expect(stdout).toMatch(/^half the weight bytes +[\d.]+ ms/m);
    expect(stdout).toContain("note: ");
  });

  it.each([
    [],
    ["--model", "llama-3.1-70b"],
    ["--model", "llama-3.1-70b", "--tensor-parallel", "8", "--change", "link=x2"],
    ["--phase", "prefill"],
  ])("prints JSON that its schema describes: %#", async (...words: string[]) => {
    const printed = JSON.parse((await runCommand(sensitivity, [...words, "--json"])).stdout);
    expect(sensitivityOutputSchema.parse(printed)).toEqual(printed);
    for (const [path, value] of numbersOf(printed)) expect(value === null || Number.isFinite(value), path).toBe(true);
  });

  it("prints CSV: a row a change", async () => {
    const { stdout } = await runCommand(sensitivity, ["--csv", "--change", "bandwidth=x2"]);
    expect(stdout.split("\n")[0]).toBe(
      "change,option,seconds,secondsIfItFitted,tokensPerSecond,tokensPerSecondPerRequest,footprint_bytes,footprint_weightBytes,footprint_cacheBytes,fits,savedSeconds,savedPercent,throughputGainPercent",
    );
    expect(stdout).toMatch(/^bandwidth=x2,,0\.00/m);
  });

  it.each([
    [["--change", "bandwith=x2"], /invalid change: bandwith \(did you mean bandwidth\?\)/],
    [["--change", "bandwidth"], /invalid change: bandwidth \(wants amount=/],
    [["--context", "1.5"], /invalid context/],
  ])("refuses %j", async (words, message) => {
    await expect(runCommand(sensitivity, words as string[])).rejects.toThrow(message as RegExp);
  });

  it("draws what each change saves, and draws nothing of a step that does not fit", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ridgepoint-sensitivity-"));
    const path = join(folder, "saved.vl.json");
    const words = ["--model", "llama-2-7b", "--batch", "4", "--context", "2048", "--timing", "roofline"];
    const { code, stdout, stderr } = await runCommand(sensitivity, [...words, "--json", "--chart", path]);
    expect(code).toBe(0);
    expect(stderr).toBe(`wrote ${path}\n`);
    const spec = JSON.parse(readFileSync(path, "utf8"));
    const { changes } = JSON.parse(stdout);
    const fitting = changes.filter((each: { seconds: number | null }) => each.seconds !== null);
    expect(spec.data.values).toHaveLength(fitting.length);
    expect(spec.data.values[0].stepSeconds).toBeCloseTo(fitting[0].seconds, 12);
    const misfit = join(folder, "none.svg");
    const none = await runCommand(sensitivity, ["--model", "llama-3.1-405b", "--chart", misfit]);
    expect(none.code).toBe(3);
    expect(none.stderr).toContain("no chart drawn: the step does not fit");
    expect(existsSync(misfit)).toBe(false);
    await expect(runCommand(sensitivity, ["--chart", "saved.gif"])).rejects.toThrow(/invalid chart: saved.gif/);
  });
});
