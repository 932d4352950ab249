import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fit } from "../../src/cli/commands/fit.ts";
import { fitOutputSchema } from "../../src/cli/schemas/fit-output.ts";
import { numbersOf, runCommand } from "../support/run-command.ts";

const words = (line: string): string[] => line.split(" ").filter(Boolean);

async function printed(line: string): Promise<ReturnType<typeof fitOutputSchema.parse>> {
  const { stdout } = await runCommand(fit, [...words(line), "--json"]);
  const value = JSON.parse(stdout);
  const parsed = fitOutputSchema.parse(value);
  expect(parsed).toEqual(value);
  for (const [path, number] of numbersOf(value)) expect(number === null || Number.isFinite(number), path).toBe(true);
  return parsed;
}

describe("ridgepoint fit", () => {
  it("prints memory by part, largest batches and longest contexts in 80 columns", async () => {
    const line = "--model llama-3.1-70b --tensor-parallel 4 --attention mha,as-is,mqa,mla --kv-cache bf16,fp8,int4";
    const { code, stdout } = await runCommand(fit, words(line), 80);
    expect(code).toBe(0);
    for (const row of stdout.split("\n").slice(1)) {
      if (!row.startsWith("note: ")) expect(row.length, row).toBeLessThanOrEqual(80);
    }
    await expect(stdout).toMatchFileSnapshot("golden/fit.txt");
  });

  it("breaks tables that are wider than the terminal, each part with the rows' names", async () => {
    const line = "--model llama-3.1-8b --kv-cache bf16 --context 1024..131072*2 --batch 1,8,64 --verbose";
    const { stdout } = await runCommand(fit, words(line), 60);
    for (const row of stdout.split("\n").slice(3)) {
      if (!/^(note: |Most requests |85)/.test(row)) expect(row.length, row).toBeLessThanOrEqual(60);
    }
    for (const title of ["1,024", "131,072", "longest of 64", "fragments", "reserve", "room"])
      expect(stdout).toContain(title);
  });

  it("prints what docs/fit.md shows", async () => {
    const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "fit.md"), "utf8");
    const [, line = "", shown] = /```\nridgepoint fit (.*)\n```\n```\n([^`]*)```/.exec(page) ?? [];
    expect((await runCommand(fit, words(line), 80)).stdout).toBe(shown);
  });

  it.each([
    "",
    "--model deepseek-v3 --hardware h200 --devices 8 --batch 1,64",
    "--model gemma-3-27b --hardware h100-sxm,mi300x --attention as-is --engine ideal",
    "--model qwen3.5-27b --attention as-is --kv-cache bf16",
    "--model mistral-7b-v0.1 --attention as-is --engine sglang",
    "--model t5-base",
    "--model llama-3.1-70b",
    "--model llama-3.1-8b --attention as-is,mqa --same-parameters --tensor-parallel 4",
    "--model llama-3.1-8b --hardware apple-m4-max --memory-share 0.5 --window 1024",
  ])("prints JSON that its schema describes: fit %s", async (line) => {
    expect((await printed(line)).rows.length).toBeGreaterThan(0);
  });

  it("takes the usual variants unless told, each that attends like the model itself left out", async () => {
    const attentions = async (model: string): Promise<string[]> => [
      ...new Set((await printed(`--model ${model}`)).rows.map((row) => row.attention)),
    ];
    expect(await attentions("llama-2-7b")).toEqual(["as-is", "mqa"]);
    expect(await attentions("llama-3.1-8b")).toEqual(["mha", "as-is", "mqa"]);
    expect(await attentions("falcon-7b")).toEqual(["mha", "as-is"]);
    expect((await printed("--attention mha,as-is")).rows.map((row) => row.attention)).toHaveLength(4);
  });

  it("gives with --engine ideal the bare capacity: 64 requests of 8192 tokens of Llama 3.1 8B on an H100", async () => {
    const { rows } = await printed(
      "--model llama-3.1-8b --engine ideal --attention as-is --kv-cache bf16 --context 8192",
    );
    expect(rows[0]?.largestBatches[0]?.batch).toBe(64);
    expect(rows[0]?.longestContexts[0]).toEqual({ batch: 1, context: 526_099, usableContext: 131_072 });
  });

  it("marks contexts past the model's own", async () => {
    const { stdout } = await runCommand(
      fit,
      words("--model llama-3.1-8b --kv-cache bf16 --attention as-is --batch 1,64"),
    );
    expect(stdout).toMatch(/as-is +bf16 .* \d{3},\d{3}\* +\d,\d{3}$/m);
    expect(stdout).toContain("* memory allows it; the model was made for 131,072 tokens\n");
  });

  it("prints CSV: a row a context and a row a batch", async () => {
    const { stdout } = await runCommand(fit, words("--kv-cache bf16 --context 2048 --batch 1,8 --csv"));
    const [header, ...lines] = stdout.trimEnd().split("\n");
    expect(header).toMatch(/^model,hardware,engine,attention,heads,weights,kvCache,/);
    expect(header).toMatch(
      /,memory_roomBytes,memory_capacityBytes,.*,question,context,batch,requestBytes,usableContext$/,
    );
    expect(lines).toHaveLength(2 * 3);
    expect(lines[0]).toMatch(/,largest batch,2048,53,1073741824,$/);
    expect(lines[1]).toMatch(/,longest context,\d+,1,,4096$/);
  });

  it("keeps a refused variant in CSV and table with its reason", async () => {
    const line = "--model llama-3.1-8b --attention as-is,mqa --kv-cache bf16 --same-parameters --tensor-parallel 4";
    const reason = /invalid tensorParallel: 4 \(must divide dFf \d+\)/;
    const table = await runCommand(fit, words(line));
    expect(table.code).toBe(0);
    expect(table.stdout).toMatch(new RegExp(`^mqa: ${reason.source}$`, "m"));
    const csv = (await runCommand(fit, [...words(line), "--csv"])).stdout.trimEnd().split("\n");
    const cells = csv.map((row) => row.split(",").length);
    expect(new Set(cells).size).toBe(1);
    expect(csv.at(-1)).toMatch(reason);
  });

  it("exits with 3 where nothing fits, with what is missing and where it would fit, and draws nothing", async () => {
    const { code, stdout, stderr } = await runCommand(fit, words("--model llama-3.1-70b --chart x.svg"));
    expect([code, stderr]).toEqual([3, "no chart drawn: nothing fits\n"]);
    expect(stdout).toMatch(/^as-is, bf16: does not fit: one request of 2,048 tokens lacks 72\.\d GB on a device$/m);
    expect(stdout).toMatch(/^note: as-is, bf16 would fit on 4 × h100-sxm \(TP 4\)/m);
    const both = await runCommand(fit, words("--model llama-3.1-70b --weights fp8 --hardware h100-sxm,mi300x"));
    expect(both.code).toBe(0);
  });

  it("draws both charts", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
    try {
      const [batch, memory] = [join(folder, "a.vl.json"), join(folder, "b.vl.json")];
      const line = `--model gemma-3-27b --hardware h100-sxm,mi300x --attention as-is,mqa --chart ${batch} --memory-chart ${memory}`;
      expect((await runCommand(fit, words(line))).stderr).toBe(`wrote ${batch}\nwrote ${memory}\n`);
      const drawn = [batch, memory].map((path) => JSON.parse(readFileSync(path, "utf8")));
      const series = new Set(drawn[0].data.values.map((row: { series: string }) => row.series));
      // GQA 32/16 with and without windows is too long a name.
      expect(series).toContain("h100-sxm as-is bf16");
      expect(series.size).toBe(8);
      // The formats of the cache share a bar.
      const bars = new Set(drawn[1].data.values.map((row: { label: string }) => row.label));
      expect([...bars]).toEqual(["h100-sxm as-is", "h100-sxm MQA", "mi300x as-is", "mi300x MQA"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ["--attention mha,gqa:3", "invalid attention: gqa:3 (K/V heads must divide heads 32)"],
    ["--tensor-parallel 3", "invalid tensorParallel: 3 (must divide heads 32)"],
    ["--hardware t4 --expert-parallel 2", "invalid expertParallel: 2 (llama-2-7b has no experts to spread)"],
    ["--context 0", "invalid context: 0 (wants a positive whole number up to 1,000,000,000,000)"],
    ["--batch 8..1", "invalid batch: 8..1 (a range runs from the smaller number to the larger)"],
    ["--kv-cache bf16,fp7", "invalid kvCache: fp7"],
    ["--engine pytorch-graph", "invalid engine: pytorch-graph (wants software that serves"],
    ["--engine vlm", "invalid engine: vlm (wants ideal, "],
    ["--memory-share 2", "invalid memoryShare: 2"],
    ["--devices 0", "invalid devices: 0 (wants a positive whole number)"],
    ["--chart a.gif", "invalid chart: a.gif"],
    ["--memory-chart a.gif", "invalid memoryChart: a.gif"],
    ["--attention mha,gqa:8,gqa:4,gqa:2,mqa --chart a.svg", "invalid chart: 10 lines (takes at most 8: leave out"],
    ["--json --csv", "invalid csv: --csv (--json or --csv, not both)"],
  ])("refuses %s", async (line, message) => {
    await expect(runCommand(fit, words(line))).rejects.toThrow(message);
  });
});
