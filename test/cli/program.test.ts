/** The built program as a whole: exit codes, help, pipes, and JSON that holds nothing but finite numbers. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/registry.ts";
import { deviceCopy } from "../support/device-copy.ts";
import { numbersOf } from "../support/run-command.ts";
import { notBuilt, runProgram, runShell } from "../support/run-program.ts";

if (notBuilt !== null) console.warn(`skipped: ${notBuilt}`);

/** Where null has a meaning of its own; everywhere else a number stands. */
const mayBeNull =
  /^\/((rows|steps)\/\d+\/)?(engine|calibration|seconds|secondsIfItFitted|interval|tokensPerSecond|bound|largestBatch|speedup)$|^\/(ttftSeconds|tpotSeconds|tpotLastSeconds|endToEndSeconds|endToEndSecondsIfItFitted|intervals|intervals\/tpotSeconds|outOfMemory)$|^\/models\/\d+\/(maxContext|source|family)$|^\/hardware\/\d+\/(peakFlopsPerSecond\/\w+|linkBytesPerSecond|powerWatts|pricePerHourUsd|source)$/;

describe.skipIf(notBuilt !== null)("the program", () => {
  it("prints its version", async () => {
    expect(runProgram(["--version"])).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: "",
    });
  });

  it("prints its help and exits with 2 where no command is given, 0 where it is asked for", () => {
    const bare = runProgram([]);
    const asked = runProgram(["--help"]);
    expect([bare.code, asked.code]).toEqual([2, 0]);
    for (const text of [bare.stdout, asked.stdout]) {
      for (const { name } of commands) expect(text).toContain(`\n  ${name}`);
      for (const code of ["0", "1", "2", "3", "130"]) expect(text).toMatch(new RegExp(`\\n +${code} {2}`));
    }
  });

  const names = commands.flatMap(({ name, subcommands = [] }) => [
    name,
    ...subcommands.map((each) => `${name} ${each.name}`),
  ]);

  it.each(names)("%s --help holds its options and an example", async (name) => {
    const { code, stdout, stderr } = runProgram([...name.split(" "), "--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("Examples:\n");
    expect(stdout).toContain(`  ridgepoint ${name}`);
    await expect(stdout).toMatchFileSnapshot(`golden/help-${name.replaceAll(" ", "-")}.txt`);
  });

  it("refuses a second word that is no command, with the nearest one, and keeps the options of two words apart", () => {
    expect(runProgram(["measure", "ceiling"])).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "ridgepoint: invalid command: measure ceiling (wants measure alone or measure ceilings; did you mean measure ceilings?)\n",
    });
    expect(runProgram(["measure", "ceilings", "--kinds", "linear"]).stderr).toContain("unknown option '--kinds'");
    expect(runProgram(["measure", "--theme", "dark"]).stderr).toContain("unknown option '--theme'");
    expect(runProgram(["help", "measure"]).stdout).toContain("ceilings");
  });

  it("answers Llama 3.1 70B in bf16 on one H100 with what it needs, what there is and what would fit", () => {
    const { code, stdout } = runProgram([
      "step",
      "--model",
      "llama-3.1-70b",
      "--hardware",
      "h100-sxm",
      "--weights",
      "bf16",
    ]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/does not fit: needs 14\d GB, has 85\.0 GB/);
    expect(stdout).toMatch(/fits with --tensor-parallel 2 /);
    expect(stdout).toMatch(/fits with --weights fp8 /);
    expect(stdout).not.toMatch(/tokens\/s/);
    const json = runProgram(["step", "--model", "llama-3.1-70b", "--hardware", "h100-sxm", "--json"]);
    expect(json.code).toBe(3);
    const printed = JSON.parse(json.stdout);
    expect(printed).toMatchObject({ fits: false, seconds: null, tokensPerSecond: null, bound: null });
    expect(printed.secondsIfItFitted).toBeGreaterThan(0.04);
    expect(printed.capacityBytes).toBe(85_017_493_504);
    // 70,553,706,496 parameters of 2 bytes, and 2048 rows of 327,680 bytes.
    expect(printed.footprint.weightBytes).toBe(141_107_412_992);
    expect(printed.footprint.cacheBytes).toBe(2048 * 327_680);
  });

  it("fits Llama 3.1 70B where it is told to", () => {
    const { code } = runProgram(["step", "--model", "llama-3.1-70b", "--tensor-parallel", "4"]);
    expect(code).toBe(0);
  });

  it.each([
    "step --model llama-3.1-8b --batch 64 --context 8192",
    "step --model deepseek-v3 --hardware h200 --tensor-parallel 8",
    "step --phase prefill --context 1",
    "step --batch 9007199254740991 --context 9007199254740991",
    "step --model t5-11b --beams 4",
    "compare --batch 1,64 --context 8192",
    "compare --batch 1000000 --context 1000000 --hardware h100-sxm",
    "generate --input 1 --output 1",
    "generate --input 100000 --output 10 --batch 512",
    "models",
    "hardware",
  ])("%s --json holds finite numbers, and null only where it has a meaning", (line) => {
    const { stdout, stderr } = runProgram([...line.split(" "), "--json"]);
    if (stdout === "") expect(stderr).toMatch(/^ridgepoint: invalid /);
    else {
      for (const [path, value] of numbersOf(JSON.parse(stdout))) {
        if (value === null) expect(path).toMatch(mayBeNull);
        else expect(Number.isFinite(value), path).toBe(true);
      }
    }
    expect(stdout).not.toMatch(/NaN|Infinity|undefined/);
  });

  it.each([
    "compare --batch 1,64 --context 8192",
    "generate --output 5",
    "models",
    "hardware",
    "step --model llama-3.1-70b",
  ])("%s prints no NaN, Infinity or undefined as a table or CSV", (line) => {
    for (const form of [[], ["--csv"]]) {
      expect(runProgram([...line.split(" "), ...form]).stdout).not.toMatch(/NaN|Infinity|undefined|unknown$|\[object/);
    }
  });

  it("says in words why its output can't be written", ({ skip }) => {
    const folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
    try {
      const full = deviceCopy(folder, "full") ?? skip("no device can be made here");
      for (const line of ["models --csv", "step", "sweep --batch 1..1000 --threads 1"]) {
        const { code, stderr } = runShell(`ridgepoint ${line} > '${full}'`);
        expect([code, stderr]).toEqual([1, "ridgepoint: cannot write the output: no space left on device\n"]);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("ends quietly where its reader has had enough", () => {
    const { code, stdout, stderr } = runShell("ridgepoint models --csv | head -n 1");
    expect(code).toBe(0);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).toBe("");
  });
});
