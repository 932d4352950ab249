import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { audit } from "../../src/cli/commands/audit.ts";
import { importCommand } from "../../src/cli/commands/import.ts";
import { validate } from "../../src/cli/commands/validate.ts";
import { importOutputSchema } from "../../src/cli/schemas/import-output.ts";
import { runCommand } from "../support/run-command.ts";

let folder = "";
let out = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
});
beforeEach(() => {
  out = mkdtempSync(join(folder, "out-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...words: string[]) => runCommand(importCommand, words);
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const origin = "framework,version,device,op_name,kernel_source";
const gemm = (...latencies: string[]): string =>
  [
    `${origin},gemm_dtype,m,n,k,latency`,
    ...latencies.map((ms) => `VLLM,0.9,NVIDIA H100 80GB HBM3,gemm,torch,bfloat16,16,12288,4096,${ms}`),
    "",
  ].join("\n");

describe("ridgepoint import", () => {
  it("writes a table a kind, and says what it could not convert", async () => {
    const path = file("gemm.csv", gemm("0.04", "", "0.05"));
    const { code, stdout } = await run("aiconfigurator", path, "--out", out);
    expect(code).toBe(0);
    expect(stdout).toBe(
      `${path} (aiconfigurator): 2 rows of linear\n` +
        "  not converted: 1 row: latency is empty or no number (first at line 3)\n" +
        `wrote ${join(out, "linear.csv")}: 2 rows\n`,
    );
    expect(readFileSync(join(out, "linear.csv"), "utf8").split("\n").slice(0, 2)).toEqual([
      "gpu,engine,engine_version,source,kernel,dtype,activations,m,k,n,time_us",
      "NVIDIA H100 80GB HBM3,vllm,0.9,aiconfigurator gemm.csv,torch,bf16,,16,4096,12288,40",
    ]);
  });

  it("its tables are audited and validated like the file itself", async () => {
    // 101 MB of weights: 30.0 µs at the peak.
    const path = file("fast.csv", gemm("0.04", "0.029"));
    await run("auto", path, "--out", out);
    for (const table of [path, join(out, "linear.csv")]) {
      const audited = await runCommand(audit, [table, "--hardware", "h100-sxm"]);
      expect([audited.code, audited.stdout.split("\n").at(-2)]).toEqual([1, "2 rows: 1 error, 0 warnings"]);
      const validated = await runCommand(validate, [table, "--hardware", "h100-sxm", "--json"]);
      expect(JSON.parse(validated.stdout).kinds.linear.rows).toBe(2);
    }
  });

  it("joins files of one kind, whatever columns each has", async () => {
    const first = file("a.csv", gemm("0.04"));
    const second = file("b.csv", gemm("0.05").replace(",latency", ",latency,power").replace(",0.05", ",0.05,500"));
    const { stdout } = await run("auto", first, second, "--out", out, "--json");
    const printed = importOutputSchema.parse(JSON.parse(stdout));
    expect(printed.written).toEqual([{ kind: "linear", path: join(out, "linear.csv"), rows: 2 }]);
    expect(printed.files.map(({ tables }) => tables[0]?.rows)).toEqual([1, 1]);
    const lines = readFileSync(join(out, "linear.csv"), "utf8").trimEnd().split("\n");
    expect(lines.map((line) => line.split(",").slice(-2).join())).toEqual(["time_us,power", "40,", "50,500"]);
  });

  it("takes what a run was of from options, where its file leaves it open", async () => {
    const path = file("latency.json", JSON.stringify({ avg_latency: 1.5, percentiles: { 50: 1.4 } }));
    const words = [
      "--model",
      "Qwen/Qwen3-8B",
      "--hardware",
      "h100-sxm",
      "--precision",
      "fp8",
      "--tensor-parallel",
      "2",
    ];
    await run("vllm-bench", path, "--out", out, ...words, "--concurrency", "8", "--isl", "32", "--osl", "128");
    expect(readFileSync(join(out, "engine.csv"), "utf8").split("\n")[1]).toBe(
      "vllm-bench latency.json,vllm,,Qwen/Qwen3-8B,fp8,,h100-sxm,2,2,1,,8,32,128,latency_s,1.5,mean,",
    );
    await expect(run("aiconfigurator", file("c.csv", gemm("1")), "-o", out, "--osl", "4")).rejects.toThrow(
      "invalid osl: 4 (aiconfigurator files say it themselves)",
    );
    await expect(run("vllm-bench", path, "-o", out, "--precision", "odd")).rejects.toThrow("invalid precision: odd");
    await expect(run("vllm-bench", path, "-o", out, "--isl", "-1")).rejects.toThrow("invalid isl: -1");
  });

  it("does not write over a table unless told", async () => {
    const path = file("again.csv", gemm("0.04"));
    await run("auto", path, "--out", out);
    await expect(run("auto", path, "--out", out)).rejects.toThrow(/linear\.csv \(stands there already/);
    expect((await run("auto", path, "--out", out, "--overwrite")).code).toBe(0);
  });

  it.each([
    ["a format that is none", "aiconfigurato", gemm("1"), "did you mean aiconfigurator?"],
    ["another format's file", "llama-bench", gemm("1"), "it looks like aiconfigurator"],
    ["a file of none", "auto", "a,b\n1,2\n", "none of the formats known (aiconfigurator, engine-results"],
    ["a file without a row", "aiconfigurator", gemm(), "holds no row"],
    ["a file without a row that can be used", "aiconfigurator", gemm(""), "no row can be converted: latency is empty"],
    ["an empty file", "auto", "", "the file is empty"],
    ["JSON that breaks off", "vllm-bench", '{"avg_latency": ', "JSON syntax error"],
  ])("refuses %s in one line, and writes nothing", async (_, format, text, message) => {
    const path = file("bad.csv", text);
    const error: Error = await run(format, path, "--out", out).then(
      () => new Error("nothing thrown"),
      (reason) => reason,
    );
    expect(error.message).toContain(message);
    expect(error.message).not.toContain("\n");
    expect(existsSync(join(out, "linear.csv"))).toBe(false);
  });

  it("wants files and a folder", async () => {
    await expect(run("auto", "--out", out)).rejects.toThrow(/missing required argument 'file'/);
    await expect(run("auto", file("d.csv", gemm("1")), "--out", "")).rejects.toThrow("wants a folder's name");
  });
});

describe("audit of many findings", () => {
  it("counts them by table, severity and rule, with the worst of each", async () => {
    const path = file("many.csv", gemm(...Array.from({ length: 30 }, (_, i) => `${(i + 1) / 1000}`), "0.04"));
    const { code, stdout } = await runCommand(audit, [path, "--hardware", "h100-sxm"]);
    expect(code).toBe(1);
    expect(stdout.split("\n")).toEqual([
      `error    ${path}  bandwidth: 30 rows, the worst:`,
      expect.stringMatching(/^ {11}line 2: reads 101 MB: 101 TB\/s, 30 times the peak of 3\.35 TB\/s$/),
      expect.stringMatching(/^ {11}line 3: /),
      expect.stringMatching(/^ {11}line 4: /),
      expect.stringMatching(/^error {4}\S+many\.csv:2 {2}compute: multiplies 1\.61 PFLOP\/s, 63 % over/),
      "31 rows: 31 errors, 0 warnings",
      "",
    ]);
  });

  it("wants a machine of kernels, and none of engines, which name theirs", async () => {
    const path = file("kernels.csv", gemm("0.04"));
    await expect(runCommand(audit, [path])).rejects.toThrow("wants the machine that was measured: --hardware ID");
    const header = "engine,model,hardware,precision,metric,value";
    const runs = file("engine.csv", `${header}\nvllm,Llama 3.1 8B,H100-SXM-80GB,bf16,tpot_ms,1\n`);
    const { code, stdout } = await runCommand(audit, [runs, "--json"]);
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { hardware: null, rows: 1, errors: 1 }]);
  });
});
