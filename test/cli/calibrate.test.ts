import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { calibrateCommand } from "../../src/cli/commands/calibrate.ts";
import { step } from "../../src/cli/commands/step.ts";
import { validate } from "../../src/cli/commands/validate.ts";
import { publishedSchemas } from "../../src/cli/published-schemas.ts";
import { hardwareProfile } from "../fixtures/profiles.ts";
import { calibrationOf, fittedKernel, normalNoise, syntheticCsv } from "../fixtures/synthetic-fit.ts";
import { runCommand } from "../support/run-command.ts";

const l40s = hardwareProfile("l40s");
const fit = calibrationOf(
  [
    fittedKernel("linear", { parameters: { startSeconds: 4e-6, readEfficiency: 0.85 } }),
    fittedKernel("decode-attention", { kernel: "triton" }),
    fittedKernel("small-kernel", { parameters: { startSeconds: 3e-6 } }),
  ],
  l40s,
);
const gpu = "my own machine";

let folder = "";
let linear = "";
let steps = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
  const options = { hardware: l40s, fit, gpu, noise: normalNoise(0.02) };
  linear = join(folder, "linear.csv");
  steps = join(folder, "steps.csv");
  writeFileSync(linear, syntheticCsv("linear", options));
  writeFileSync(steps, syntheticCsv("steps", options));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...words: string[]) => runCommand(calibrateCommand, [...words, "--hardware", "l40s"]);

describe("ridgepoint calibrate", () => {
  it("writes a fit with its page, charts and residuals, and prints errors of rows that no fit saw", async () => {
    const out = join(folder, "fit");
    const { code, stdout, stderr } = await run(linear, steps, "--out", out, "--id", "mine", "--source", "made up");
    expect(code).toBe(0);
    const names = readdirSync(join(out, "fit"));
    expect(stderr).toBe(`wrote ${names.length + 1} files to ${out}\n`);
    expect(readdirSync(out).sort()).toEqual(["fit", "fit.json"]);
    expect(names).toEqual(expect.arrayContaining(["README.md", "residuals.csv"]));
    expect(stdout).toMatch(/^mine: errors in per cent of the measured time\n\nheld out +rows +groups +median/);
    expect(stdout).toMatch(/\nlinear, unnamed, bf16 +42 +6 /);
    expect(stdout).toMatch(/\nsteps of models left out +8 +2 /);
    expect(stdout).toContain("startSeconds");
    const page = readFileSync(join(out, "fit", "README.md"), "utf8");
    expect(page).toContain("# Fit mine: l40s");
    expect(page).toContain("made up");
    for (const [, file] of page.matchAll(/(?:srcset|src)="([^"]+)"/g)) expect(names).toContain(file);
    const residuals = readFileSync(join(out, "fit", "residuals.csv"), "utf8")
      .trimEnd()
      .split("\n");
    expect(residuals).toHaveLength(1 + 42);
    expect(residuals[0]).toBe("kind,kernel,format,table,line,what,group,measuredSeconds,predictedSeconds");
  }, 60_000);

  it("prints the fit as its schema says, and writes no row with --without-rows", async () => {
    const out = join(folder, "bare");
    const { stdout } = await run(linear, "--out", out, "--without-rows", "--json");
    const parsed = publishedSchemas["calibrate"]!.parse(JSON.parse(stdout)) as { id: string; tables: object[] };
    expect(parsed.id).toBe("l40s-pytorch-graph");
    expect(parsed.tables).toEqual([{ name: "linear.csv", sha256: expect.stringMatching(/^[0-9a-f]{64}$/), rows: 42 }]);
    expect(readdirSync(out)).toEqual(["fit.json"]);
    expect(readFileSync(join(out, "fit.json"), "utf8")).toBe(stdout);
  });

  it("makes a fit that steps are timed by and validate knows, and is the same twice", async () => {
    const [one, two] = [join(folder, "one"), join(folder, "two")];
    await run(linear, steps, "--out", one, "--without-rows");
    await run(linear, steps, "--out", two, "--without-rows");
    const path = join(one, "fit.json");
    expect(readFileSync(join(two, "fit.json"), "utf8")).toBe(readFileSync(path, "utf8"));
    const printed = JSON.parse((await runCommand(step, ["--hardware", "l40s", "--fit", path, "--json"])).stdout);
    expect(printed).toMatchObject({ timing: "calibrated", calibration: "l40s-pytorch-graph" });
    const words = [linear, "--hardware", "l40s", "--fit", path];
    const { kinds, notes } = JSON.parse((await runCommand(validate, [...words, "--json"])).stdout);
    expect(kinds.linear.medianAbsolutePercentageError).toBeLessThan(4);
    expect(kinds.linear.coverage90).toBeGreaterThan(80);
    expect(notes).toContainEqual(
      expect.stringMatching(/^linear\.csv: these very rows were fitted by l40s-pytorch-graph/),
    );
    // Rows that the fit did not see: no such note.
    const other = join(folder, "other.csv");
    writeFileSync(other, syntheticCsv("linear", { hardware: l40s, fit, gpu, noise: normalNoise(0.02, 9) }));
    const unseen = JSON.parse((await runCommand(validate, [other, ...words.slice(1), "--json"])).stdout);
    expect(unseen.notes.join("\n")).not.toContain("these very rows");
    expect(unseen.kinds.linear.medianAbsolutePercentageError).toBeLessThan(5);
  }, 60_000);

  it("refuses bad input in one line", async () => {
    const wrong = join(folder, "wrong.csv");
    const write = (text: string) => writeFileSync(wrong, text);
    const lines = readFileSync(linear, "utf8").split("\n");
    write(`${lines[0]}\n`);
    await expect(run(wrong)).rejects.toThrow(/no row to fit/);
    write(lines.slice(0, 5).join("\n"));
    await expect(run(wrong)).rejects.toThrow(/no kernel to fit: .*4 rows are too few for 9 parameters, wants 18/);
    write(lines.map((line, i) => (i === 0 ? line : line.replace(gpu, "NVIDIA-H100-80GB-HBM3"))).join("\n"));
    await expect(run(wrong)).rejects.toThrow(/rows of NVIDIA-H100-80GB-HBM3 are of h100-sxm, not of l40s/);
    write(lines.map((line) => line.replace(/,(\d+)\.\d+$/, ",0.0$1")).join("\n"));
    await expect(run(wrong)).rejects.toThrow(/another unit\?/);
    await expect(run(linear, "--engine", "magic")).rejects.toThrow("invalid engine: magic");
    await expect(run(linear, "--out", "")).rejects.toThrow("invalid out");
    await expect(run(linear, "--id", "No Name!", "--out", join(folder, "named"))).rejects.toThrow(
      /^invalid id: No Name!/,
    );
    await expect(run(join(folder, "none.csv"))).rejects.toThrow(/no such file/);
  });
});
