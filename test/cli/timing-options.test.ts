import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compare } from "../../src/cli/commands/compare.ts";
import { generate } from "../../src/cli/commands/generate.ts";
import { step } from "../../src/cli/commands/step.ts";
import { sweep } from "../../src/cli/commands/sweep.ts";
import { timingChoiceOf } from "../../src/cli/timing-options.ts";
import { shippedCalibrations } from "../../src/files/load-calibration.ts";
import { jsonFit } from "../fixtures/fit-json.ts";
import { runCommand } from "../support/run-command.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fitFile(name = "fit.json", text = jsonFit()): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("timingChoiceOf", () => {
  it("leaves the timing open unless it, a software or a fit is asked for", async () => {
    const shipped = shippedCalibrations();
    expect(await timingChoiceOf({})).toEqual({ timing: null, engine: null, calibrations: shipped });
    expect(await timingChoiceOf({ engine: "ideal" })).toMatchObject({ timing: null, engine: "ideal" });
    expect(await timingChoiceOf({ engine: "vllm" })).toMatchObject({ timing: "calibrated", engine: "vllm" });
    expect(await timingChoiceOf({ timing: "roofline" })).toEqual({
      timing: "roofline",
      engine: null,
      calibrations: [],
    });
    const fitted = await timingChoiceOf({ fit: fitFile() });
    expect(fitted).toMatchObject({ timing: "calibrated", calibrations: [{ id: "made-up" }], notes: [] });
  });

  it("refuses names that nobody knows, and what does not go with the roofline", async () => {
    await expect(timingChoiceOf({ timing: "magic" })).rejects.toThrow("invalid timing: magic");
    await expect(timingChoiceOf({ engine: "magic" })).rejects.toThrow("invalid engine: magic");
    await expect(timingChoiceOf({ timing: "roofline", engine: "vllm" })).rejects.toThrow(
      /the roofline knows no software/,
    );
    await expect(timingChoiceOf({ timing: "roofline", fit: fitFile() })).rejects.toThrow(
      /goes with --timing calibrated/,
    );
  });
});

describe("commands", () => {
  const json = async (...words: string[]) => JSON.parse((await runCommand(step, [...words, "--json"])).stdout);

  it("are calibrated where a fit of the machine ships, and say by what in text and JSON", async () => {
    const printed = await json("--batch", "8");
    expect(printed).toMatchObject({ timing: "calibrated", engine: "pytorch-graph", interval: { level: 0.9 } });
    expect(printed.interval.low).toBeLessThan(printed.seconds);
    expect(printed.interval.high).toBeGreaterThan(printed.seconds);
    const { stdout } = await runCommand(step, ["--batch", "8"]);
    expect(stdout).toMatch(
      /\ntime {10}[\d.]+ ms, 90 %: [\d.]+ ms to [\d.]+ ms \(calibrated on \S+: PyTorch with CUDA graphs, .*\)\n/,
    );
    const roofline = await json("--batch", "8", "--timing", "roofline");
    expect(roofline).toMatchObject({ timing: "roofline", engine: null, calibration: null, interval: null });
    expect(roofline.seconds).toBeLessThan(printed.seconds);
  });

  it("differ by the software: eager launches take longer than graphs, an ideal engine less", async () => {
    const seconds = async (engine: string) => (await json("--engine", engine, "--timing", "calibrated")).seconds;
    expect(await seconds("ideal")).toBeLessThan(await seconds("pytorch-graph"));
    expect(await seconds("pytorch-eager")).toBeGreaterThan(await seconds("pytorch-graph"));
  });

  it("compare machines by the roofline unless each has a fit, and say so", async () => {
    const words = ["--hardware", "h100-sxm,mi300x", "--batch", "1", "--context", "1024"];
    const { stdout } = await runCommand(compare, words);
    expect(stdout).toContain("note: roofline for all machines: no fit of mi300x");
    expect(stdout).not.toContain("±");
    const { rows } = JSON.parse((await runCommand(compare, [...words, "--json"])).stdout);
    expect(new Set(rows.map(({ timing }: { timing: string }) => timing))).toEqual(new Set(["roofline"]));
    const alone = await runCommand(compare, ["--hardware", "h100-sxm", "--batch", "1", "--context", "1024"]);
    expect(alone.stdout).toMatch(/\(h100-sxm\), calibrated on .*; ± half of the 90 % interval\n/);
    expect(alone.stdout).toMatch(/ ms ± [\d.]+ %/);
    const asked = JSON.parse((await runCommand(compare, [...words, "--timing", "calibrated", "--json"])).stdout);
    expect(asked.rows.every(({ timing }: { timing: string }) => timing === "calibrated")).toBe(true);
  });

  it("sweep alike, with the note beside the rows and not among them", async () => {
    const words = ["--hardware", "h100-sxm,mi300x", "--batch", "1", "--context", "1024", "--json", "--threads", "1"];
    const { stdout, stderr } = await runCommand(sweep, words);
    expect(stderr).toMatch(/^note: roofline for all machines: no fit of mi300x/);
    for (const line of stdout.trimEnd().split("\n")) expect(JSON.parse(line).timing).toBe("roofline");
    expect((await runCommand(sweep, [...words, "--quiet"])).stderr).toBe("");
  });

  it("give a request's times their intervals", async () => {
    const words = ["--input", "100", "--output", "5"];
    const printed = JSON.parse((await runCommand(generate, [...words, "--json"])).stdout);
    for (const name of ["ttftSeconds", "tpotSeconds", "endToEndSeconds"]) {
      const { low, high, level } = printed.intervals[name];
      expect(level).toBe(0.9);
      expect(low).toBeLessThan(printed[name]);
      expect(high).toBeGreaterThan(printed[name]);
    }
    const sum = printed.intervals.ttftSeconds.high + 4 * printed.intervals.tpotSeconds.high;
    expect(printed.intervals.endToEndSeconds.high).toBeCloseTo(sum, 12);
    expect((await runCommand(generate, words)).stdout).toMatch(/\ntiming +calibrated on /);
    const roofline = await runCommand(generate, [...words, "--timing", "roofline", "--json"]);
    expect(JSON.parse(roofline.stdout)).toMatchObject({ intervals: null, engine: null });
  });

  it("take a fit of a user's own, and say where its tables changed", async () => {
    const tables = [{ name: "mine.csv", sha256: "0".repeat(64), rows: 1 }];
    const path = fitFile("own.json", jsonFit({ tables }));
    expect(await json("--fit", path)).toMatchObject({ timing: "calibrated", calibration: "made-up" });
    writeFileSync(join(folder, "mine.csv"), "a\n");
    expect((await json("--fit", path)).notes).toContain(
      "mine.csv changed since the fit: run `ridgepoint calibrate` again",
    );
    const { stdout } = await runCommand(step, ["--fit", path]);
    expect(stdout).toContain("note: mine.csv changed since the fit");
  });

  it("refuse a broken fit", async () => {
    const broken = fitFile("broken.json", jsonFit({ layout: "ridgepoint-fit-0" }));
    await expect(runCommand(step, ["--fit", broken])).rejects.toThrow(
      "invalid layout: ridgepoint-fit-0 (wants ridgepoint-fit-1: run `ridgepoint calibrate` again)",
    );
  });
});
