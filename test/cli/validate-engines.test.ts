import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { calibrateCommand } from "../../src/cli/commands/calibrate.ts";
import { step } from "../../src/cli/commands/step.ts";
import { validate } from "../../src/cli/commands/validate.ts";
import { validateOutputSchema } from "../../src/cli/schemas/validate-output.ts";
import { runCommand } from "../support/run-command.ts";

/** Apple's chips by their bandwidths in GB/s: an engine that reads 13.5 GB of weights a token at 80 % of them. */
const chips = { "M1 Pro": 200, "M1 Max": 400, "M2 Pro": 200, "M2 Max": 400, "M1 Ultra": 800, "M2 Ultra": 800 };
const share = 0.8;
/** Bytes of Llama-2-7B's 6.6 G weights that a step reads, by format. */
const weightBytes = { fp16: 13.2e9, q8_0: 7.0e9, q4_0: 3.7e9 };

const header = "engine,engine_version,model,precision,hardware,concurrency,isl,osl,metric,value,stat";
const lines = Object.entries(chips).flatMap(([chip, gigabytes]) =>
  Object.entries(weightBytes).map(([format, bytes]) => {
    const tokens = ((share * gigabytes * 1e9) / bytes).toFixed(2);
    return `llama.cpp,2025-08,Llama-2-7B,${format},Apple ${chip},1,0,128,tokens_per_s_total,${tokens},decode`;
  }),
);

let folder = "";
let table = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
  table = join(folder, "runs.csv");
  writeFileSync(table, `${[header, ...lines, lines[0]!.replace("llama.cpp", "homemade")].join("\n")}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("ridgepoint validate with results of engines", () => {
  it("needs no --hardware, and says what is not predicted", async () => {
    const { code, stdout } = await runCommand(validate, [table]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^the rows' machines, calibrated by constants of the engines:/);
    expect(stdout).toMatch(/^engine +18 /m);
    expect(stdout).toMatch(/^ {2}apple-m2-ultra +3 /m);
    expect(stdout).toContain(
      "note: 1 row of an engine is not predicted: an engine without constants on such a machine",
    );
  });

  it("prints statistics by engine, machine, metric and model as JSON, by the schema", async () => {
    const printed = JSON.parse((await runCommand(validate, [table, "--json"])).stdout);
    expect(validateOutputSchema.parse(printed)).toBeDefined();
    expect(printed).toMatchObject({ hardware: null, timing: "calibrated", basis: null });
    expect(printed.kinds.engine).toMatchObject({ rows: 18 });
    expect(printed.kinds.engine.coverage90).toBeGreaterThan(50);
    const by = new Set(printed.kinds.engine.groups.map((group: { by: string }) => group.by));
    expect([...by]).toEqual(["engine", "machine", "metric", "model"]);
  });

  it("prints every row as CSV and writes a page with charts", async () => {
    const csv = (await runCommand(validate, [table, "--csv"])).stdout.trimEnd().split("\n");
    expect(csv).toHaveLength(19);
    const out = join(folder, "page");
    await runCommand(validate, [table, "--out", out]);
    expect(readdirSync(out)).toContain("engine-predicted-against-measured.light.svg");
    expect(readFileSync(join(out, "validation.md"), "utf8")).toContain("machine: apple-m2-ultra");
  });

  it("wants the machine where kernels are among the tables, and for ceilings", async () => {
    const attention = join(import.meta.dirname, "..", "..", "measurements", "H100", "attention.csv");
    for (const words of [
      [table, attention],
      [table, "--ceilings", "ceilings.json"],
    ])
      await expect(runCommand(validate, words)).rejects.toThrow("wants the machine that was measured: --hardware ID");
  });
});

describe("ridgepoint calibrate with results of engines", () => {
  const fitted = (...words: string[]) => runCommand(calibrateCommand, [table, "--out", join(folder, "fit"), ...words]);

  it("fits the engine's constants, not kernels, on the machines that the rows name", async () => {
    const { code, stdout } = await fitted();
    expect(code).toBe(0);
    expect(stdout).toContain("llama.cpp-metal, runs");
    expect(stdout).toContain("note: rows of whole engines fit constants of the engines, not kernels");
    const fit = JSON.parse(readFileSync(join(folder, "fit", "fit.json"), "utf8"));
    expect(fit).toMatchObject({ layout: "ridgepoint-fit-1", engine: "llama.cpp", kernels: [] });
    expect(fit.engines).toHaveLength(1);
    expect(fit.engines[0]).toMatchObject({ form: "runs", id: "llama.cpp-metal", rows: 18, heldOutBy: "machine" });
    expect(readdirSync(join(folder, "fit", "fit"))).toContain("engines-prediction-error.light.svg");
  });

  it("serves validate and step through --fit", async () => {
    await fitted();
    const fit = join(folder, "fit", "fit.json");
    const medianOf = async (...words: string[]): Promise<number> =>
      JSON.parse((await runCommand(validate, [table, "--json", ...words])).stdout).kinds.engine
        .medianAbsolutePercentageError;
    expect(await medianOf("--fit", fit)).toBeLessThan(await medianOf());
    const words = ["--model", "llama-2-7b", "--weights", "fp16", "--hardware", "apple-m2-max", "--context", "64"];
    const predicted = JSON.parse((await runCommand(step, [...words, "--json", "--fit", fit])).stdout);
    // 13.2 GB at 80 % of 400 GB/s.
    expect(predicted.seconds).toBeGreaterThan(0.85 * 0.0413);
    expect(predicted.seconds).toBeLessThan(1.15 * 0.0413);
    expect(predicted).toMatchObject({ engine: "llama.cpp", calibration: "llama.cpp-metal" });
  });

  it("wants the machine where kernels are among the tables", async () => {
    const attention = join(import.meta.dirname, "..", "..", "measurements", "H100", "attention.csv");
    await expect(runCommand(calibrateCommand, [attention, table])).rejects.toThrow("--hardware ID");
  });
});
