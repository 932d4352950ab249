import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { validate } from "../../src/cli/commands/validate.ts";
import { runCommand } from "../support/run-command.ts";

const measured = join(import.meta.dirname, "..", "..", "measurements", "H100");
const tables = ["attention", "linear", "steps"].map((kind) => join(measured, `${kind}.csv`));
const run = (...words: string[]) => runCommand(validate, ["--timing", "roofline", "--hardware", "h100-sxm", ...words]);
const runCalibrated = (...words: string[]) => runCommand(validate, ["--hardware", "h100-sxm", ...words]);

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("ridgepoint validate", () => {
  it("prints statistics by kind, variant, kernel and size, and the worst rows", async () => {
    const { code, stdout } = await run(...tables);
    expect(code).toBe(0);
    const text = stdout.replaceAll(`${measured}/`, "measurements/H100/");
    await expect(text).toMatchFileSnapshot("golden/validate.txt");
  });

  it("prints the contract's fields as JSON, in per cent", async () => {
    const { stdout } = await run(...tables, "--json", "--worst", "2");
    const printed = JSON.parse(stdout);
    expect(printed).toMatchObject({ hardware: "h100-sxm", timing: "roofline", basis: "datasheet", gate: null });
    expect(printed.kinds.steps).toMatchObject({ rows: 13, within10Percent: 0 });
    expect(printed.kinds.steps.medianAbsolutePercentageError).toBeCloseTo(28.5, 1);
    expect(printed.kinds.steps.bias).toBeCloseTo(-28.5, 1);
    expect(printed.kinds.attention.worst).toHaveLength(2);
    expect(printed.tables[2]).toEqual({ table: tables[2], kind: "steps", rows: 13, leftOut: 0 });
  });

  it("prints every row beside its prediction as CSV", async () => {
    const lines = (await run(tables[2]!, "--csv")).stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(14);
    expect(lines[0]).toMatch(/^table,line,kind,what,variant,kernel,measuredSeconds,predictedSeconds,errorPercent,/);
    expect(lines[1]).toContain(',2,steps,"7b-mha MHA 32/32, batch 1, context 512",MHA,,');
  });

  it("is a gate: exit code 1 where a median is above it, 0 below, and which kind missed it", async () => {
    const passed = await run(tables[2]!, "--max-median", "28.51");
    expect([passed.code, passed.stderr]).toEqual([0, ""]);
    const missed = await run(tables[2]!, "--max-median", "28.49");
    expect(missed.code).toBe(1);
    expect(missed.stderr).toBe("gate missed: steps has a median error of 28.50 %, more than 28.49 %\n");
    const json = JSON.parse((await run(...tables, "--max-median", "26", "--json")).stdout);
    expect(json.gate).toEqual({ maxMedianPercent: 26, missed: ["attention", "steps"] });
  });

  it("takes measured ceilings", async () => {
    const { stdout } = await run(tables[2]!, "--ceilings", join(measured, "ceilings.json"), "--json");
    const printed = JSON.parse(stdout);
    expect(printed.basis).toBe("measured");
    expect(printed.kinds.steps.medianAbsolutePercentageError).toBeCloseTo(22.4, 1);
  });

  it("is calibrated where a fit of the machine ships, with coverage, and says which tables were fitted", async () => {
    for (const more of [[], ["--ceilings", join(measured, "ceilings.json")]]) {
      const printed = JSON.parse((await runCalibrated(...tables, ...more, "--json")).stdout);
      expect(printed).toMatchObject({ timing: "calibrated", engine: "pytorch-graph" });
      expect(printed.kinds.steps.medianAbsolutePercentageError).toBeLessThan(5);
      expect(printed.kinds.steps.medianIntervalHalfWidth).toBeLessThan(10);
      expect(printed.kinds.attention.coverage90).toBeGreaterThan(80);
      expect(printed.kinds.attention.reasons).toMatchObject({ "above-ceiling": 0, "cache-resident": 0 });
      expect(printed.notes.join("\n")).toMatch(
        /attention\.csv, linear\.csv, steps\.csv: these very rows were fitted by \S+; on rows that it did not see it was off by/,
      );
    }
    const { stdout } = await runCalibrated(tables[2]!);
    expect(stdout).toMatch(/^H100 SXM5 80GB, calibrated on \S+: PyTorch with CUDA graphs/);
    expect(stdout).toMatch(/within 10 % +coverage +half-width\n/);
  });

  it("takes another engine, and has no fit of its own for another machine", async () => {
    const eager = JSON.parse((await runCalibrated(tables[2]!, "--engine", "pytorch-eager", "--json")).stdout);
    expect(eager).toMatchObject({ timing: "calibrated", engine: "pytorch-eager" });
    const words = [tables[2]!, "--hardware", "mi300x", "--json"];
    expect(JSON.parse((await runCommand(validate, words)).stdout).timing).toBe("roofline");
  });

  it("prints what docs/accuracy.md says", async () => {
    const text = readFileSync(join(measured, "..", "..", "docs", "accuracy.md"), "utf8");
    for (const more of [[], ["--ceilings", join(measured, "ceilings.json")]]) {
      const { kinds } = JSON.parse((await run(...tables, ...more, "--json")).stdout);
      for (const kind of ["attention", "linear", "steps"]) {
        const s = kinds[kind];
        const errors = [s.medianAbsolutePercentageError, s.meanAbsolutePercentageError, s.maxAbsolutePercentageError];
        const cells = [...errors, s.bias].map((each: number) => each.toFixed(1).replace("-", "−"));
        const rows = String(s.rows).replace("1008", "1,008");
        expect(text).toContain(`| ${rows} | ${cells.join(" | ")} | ${s.within10Percent.toFixed(1)} % |`);
      }
    }
  });

  it("writes a page with charts and data, the same bytes twice", async () => {
    const [first, second] = [join(folder, "a"), join(folder, "b")];
    const { stderr } = await run(...tables, "--out", first);
    await run(...tables, "--out", second);
    const names = readdirSync(first).sort();
    expect(stderr).toBe(`wrote ${names.length} files to ${first}\n`);
    for (const kind of ["attention", "linear", "steps"]) {
      for (const chart of ["predicted-against-measured", "prediction-error"]) {
        for (const ending of [".light.svg", ".dark.svg", ".csv", ".vl.json"]) {
          expect(names).toContain(`${kind}-${chart}${ending}`);
        }
      }
    }
    for (const name of names) {
      expect(readFileSync(join(second, name), "utf8"), name).toBe(readFileSync(join(first, name), "utf8"));
    }
    const page = readFileSync(join(first, "validation.md"), "utf8");
    await expect(page).toMatchFileSnapshot("golden/validate-page.md");
    for (const [, file] of page.matchAll(/(?:srcset|src)="([^"]+)"|\]\(([^)]+)\)/g)) {
      if (file !== undefined) expect(names).toContain(file);
    }
    expect(readFileSync(join(first, "rows.csv"), "utf8").trimEnd().split("\n")).toHaveLength(1 + 1153);
  });

  it("keeps what a table says from being Markdown, HTML or a formula", async () => {
    const path = join(folder, "hostile.csv");
    const label = '"<img src=x onerror=alert(1)>|[a](b)"';
    writeFileSync(path, `what,dtype,m,k,n,time_us,kernel\n${label},bf16,1,64,64,5,=1+1\n`);
    const out = join(folder, "hostile");
    const { stdout } = await run(path, "--out", out, "--csv");
    expect(stdout).toContain("'=1+1");
    const page = readFileSync(join(out, "validation.md"), "utf8");
    expect(page).not.toContain("<img src=x");
    expect(page).not.toMatch(/[^\\]\[a\]/);
  });

  it("refuses bad input with its place", async () => {
    const path = join(folder, "bad.csv");
    writeFileSync(path, "dtype,m,k,n,time_us\nbf16,1,64,64,5\nbf16,1,x,64,5\n");
    await expect(run(path)).rejects.toThrow(/bad\.csv line 3, column k: x \(wants a positive whole number\)$/);
    await expect(run(join(folder, "none.csv"))).rejects.toThrow(/^invalid table: .*no such file/);
    await expect(run(tables[2]!, "--max-median", "-1")).rejects.toThrow("invalid maxMedian: -1");
    await expect(run(tables[2]!, "--timing", "magic")).rejects.toThrow("invalid timing: magic");
    await expect(run(tables[2]!, "--json", "--csv")).rejects.toThrow("--json or --csv, not both");
    await expect(runCommand(validate, [tables[2]!])).rejects.toThrow(/--hardware/);
    await expect(run()).rejects.toThrow(/missing required argument 'table'/);
  });
});
