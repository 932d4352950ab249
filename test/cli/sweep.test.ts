/** The command in this process, which takes one thread; the built program's threads are tested in sweep-program.test.ts. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { step } from "../../src/cli/commands/step.ts";
import { sweep } from "../../src/cli/commands/sweep.ts";
import { flatten } from "../../src/cli/output.ts";
import { publishedSchemas } from "../../src/cli/published-schemas.ts";
import { runCommand } from "../support/run-command.ts";
import { rowsOfCsv, type SweepRow } from "../support/small-sweep.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
});
beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (line: string) => runCommand(sweep, line.split(" ").filter(Boolean));
const rowsOfNdjson = (text: string): SweepRow[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("ridgepoint sweep", () => {
  it("says of which machine's fit the times are, once for all rows", async () => {
    const { stderr } = await run("--hardware h200,b200 --timing calibrated --batch 1,4 --context 512");
    expect(stderr.match(/note: no fit of h200: that of h100-sxm .* is carried over/g)).toHaveLength(1);
    expect(stderr.match(/note: no fit of b200: /g)).toHaveLength(1);
    const quiet = await run("--hardware h200 --timing calibrated --batch 1 --context 512 --quiet");
    expect(quiet.stderr).toBe("");
    // Of which no row can be timed: its rows say so.
    const { code, stdout } = await run("--hardware mi300x --engine llama.cpp --batch 1 --context 512");
    expect([code, stdout]).toEqual([0, expect.stringContaining("invalid: ")]);
  });

  it("writes a row a point as CSV to stdout, contexts fastest", async () => {
    const { code, stdout, stderr } = await run("--batch 1,4 --context 512..2048*2");
    expect([code, stderr]).toEqual([0, ""]);
    expect(rowsOfCsv(stdout).map((row) => [row["batch"], row["context"]])).toEqual([
      [1, 512],
      [1, 1024],
      [1, 2048],
      [4, 512],
      [4, 1024],
      [4, 2048],
    ]);
  });

  it.each([
    "--model llama-2-7b --attention mqa --batch 16 --context 4096",
    "--model llama-3.1-70b --hardware mi300x --weights fp8 --kv-cache fp8",
    "--model llama-3.1-70b --hardware a100-80g-sxm",
    "--model llama-3.1-70b --tensor-parallel 4 --pipeline-parallel 2 --batch 64",
    "--model deepseek-v3 --hardware h200 --tensor-parallel 8 --expert-parallel 8 --batch 32",
    "--model mixtral-8x7b --touched-experts all --memory-share 0.9 --query-tokens 4",
    "--model flan-t5-xl --beams 4 --source-context 100 --cache-update concat --attention-kernel materialized",
    "--model llama-2-7b --phase prefill --context 1000 --window 100 --same-parameters --attention gqa:8",
  ])("gives the row of `step %s --json`", async (line) => {
    // Of an option given twice the last counts.
    const [row] = rowsOfNdjson((await run(`--batch 1 --context 2048 ${line} --json`)).stdout);
    const printed = JSON.parse((await runCommand(step, [...line.split(" "), "--json"])).stdout);
    const { interval: _, ...expected } = flatten(printed);
    expect(Object.keys(row ?? {})).toEqual(expect.arrayContaining(Object.keys(expected)));
    expect(row).toMatchObject({ status: "ok", ...expected });
  });

  it("writes the same rows as CSV, NDJSON and Parquet, each held by its schema", async () => {
    const grid = "--model llama-2-7b,llama-3.1-70b --attention as-is,gqa:5 --weights published,int4 --batch 1,300";
    // On 85.0 GB: 7B in bf16 none of the three batches of 300, in int4 not two (300 × 512 rows are 80.5 GB, weights 3.6 GB);
    // 70B in bf16 none of six, in int4 no batch of 300 (50.3 GB and 37.5 GB): 3 + 2 + 6 + 3. gqa:5 divides no heads.
    for (const ending of ["csv", "ndjson", "parquet"]) {
      const { code, stdout, stderr } = await run(`${grid} --out ${folder}/rows.${ending}`);
      expect([code, stdout]).toEqual([0, ""]);
      expect(stderr).toBe(`wrote ${folder}/rows.${ending}: 48 rows, 14 do not fit, 24 invalid\n`);
    }
    expect(readdirSync(folder).sort()).toEqual(["rows.csv", "rows.ndjson", "rows.parquet"]);
    const lines = rowsOfNdjson(readFileSync(join(folder, "rows.ndjson"), "utf8"));
    expect(rowsOfCsv(readFileSync(join(folder, "rows.csv"), "utf8"))).toEqual(lines);
    const file = readFileSync(join(folder, "rows.parquet"));
    const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.length) as ArrayBuffer;
    const read = await parquetReadObjects({ file: buffer });
    expect(
      read.map((row) =>
        Object.fromEntries(Object.entries(row).map(([k, v]) => [k, typeof v === "bigint" ? Number(v) : v])),
      ),
    ).toEqual(lines);
    for (const row of lines) expect(publishedSchemas["sweep"]?.parse(row)).toEqual(row);
  });

  it("takes a sweep file, whose keys options override", async () => {
    const path = join(folder, "sweep.yaml");
    writeFileSync(path, "model: [llama-2-7b, llama-3.1-8b]\nattention: [mha, mqa]\nbatch: [1, 2..4*2]\ncontext: 512\n");
    const whole = rowsOfCsv((await run(`--file ${path}`)).stdout);
    expect(whole).toHaveLength(2 * 2 * 3);
    const part = rowsOfCsv((await run(`--file ${path} --model llama-2-7b --batch 4`)).stdout);
    expect(part).toEqual(whole.filter((row) => row["model"] === "llama-2-7b" && row["batch"] === 4));
  });

  it("reads config.json files beside profiles", async () => {
    const config = {
      architectures: ["LlamaForCausalLM"],
      model_type: "llama",
      hidden_size: 4096,
      intermediate_size: 11_008,
      num_attention_heads: 32,
      num_hidden_layers: 32,
      vocab_size: 32_000,
      tie_word_embeddings: false,
      torch_dtype: "float16",
    };
    writeFileSync(join(folder, "config.json"), JSON.stringify(config));
    writeFileSync(join(folder, "sweep.yaml"), "model: llama-2-7b\nconfig: config.json\nbatch: 1\ncontext: 512\n");
    const [profile, own] = rowsOfCsv((await run(`--file ${folder}/sweep.yaml`)).stdout);
    expect(own?.["totals_bytes"]).toBe(profile?.["totals_bytes"]);
    const alone = rowsOfCsv((await run(`--config ${folder}/config.json --batch 1 --context 512`)).stdout);
    expect(alone).toEqual([own]);
  });

  it("counts the rows and prints the first three in a dry run", async () => {
    const { stdout } = await run(`--batch 1..1000 --context 1..1000 --dry-run --out ${folder}/x.csv`);
    const [first, ...rest] = stdout.split("\n");
    expect(first).toBe("rows: 1000000 (batch 1000 x context 1000)");
    expect(rowsOfCsv(rest.join("\n")).map((row) => row["context"])).toEqual([1, 2, 3]);
    expect(existsSync(join(folder, "x.csv"))).toBe(false);
  });

  it.each([
    ["--model lama-2-7b", "invalid model: lama-2-7b (did you mean llama-2-7b?"],
    ["--hardware h100xsm", "invalid hardware: h100xsm (did you mean h100-sxm?"],
    ["--weights bf16,fp9", "invalid weights: fp9 (wants fp32"],
    ["--kv-cache fp9", "invalid kvCache: fp9"],
    ["--activations q8_0", "invalid activations: q8_0"],
    ["--attention mha,gqa:0", "invalid attention: gqa:0 (wants mha, gqa:G, mqa, mla or as-is"],
    ["--phase decode,prefil", "invalid phase: prefil (wants decode or prefill)"],
    ["--batch 8..1", "invalid batch: 8..1 (a range runs"],
    ["--batch 0", "invalid batch: 0"],
    ["--tensor-parallel 1.5", "invalid tensorParallel: 1.5"],
    ["--beams 1,2", "invalid beams: 1,2 (wants a positive whole number up to 1,000,000,000,000)"],
    ["--window 0", "invalid window: 0"],
    ["--memory-share 2", "invalid memoryShare: 2"],
    ["--batch 1..100000 --context 1..100000", "invalid sweep: 10000000000 rows (at most 1000000000"],
    ["--threads 0", "invalid threads: 0"],
    ["--threads 1000", "invalid threads: 1000 (at most 256)"],
    ["--format xml", "invalid format: xml (wants csv, ndjson or parquet)"],
    ["--format csv --json", "invalid format: csv and ndjson (wants one format)"],
  ])("refuses %s before anything is written", async (line, message) => {
    const out = join(folder, "rows.csv");
    await expect(run(`${line} --out ${out}`)).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("refuses Parquet to stdout, and an ending that says no format", async () => {
    await expect(run("--format parquet")).rejects.toThrow("invalid format: parquet (wants --out FILE)");
    await expect(run(`--json --out ${folder}/rows.csv`)).rejects.toThrow(
      /^invalid format: ndjson \(.*rows\.csv ends as csv\)$/,
    );
    await expect(run(`--format parquet --out ${folder}/rows.jsonl`)).rejects.toThrow(
      /^invalid format: parquet \(.* ends as ndjson\)$/,
    );
    await expect(run(`--out ${folder}/rows.txt`)).rejects.toThrow("wants an ending .csv, .ndjson, .jsonl or .parquet");
  });

  it("is WorkFailed where the folder can't be written", async () => {
    writeFileSync(join(folder, "file"), "");
    await expect(run(`--out ${folder}/file/rows.csv`)).rejects.toMatchObject({ code: "WORK_FAILED" });
  });

  it.each(["csv", "ndjson", "parquet"])(
    "leaves nothing behind where it is interrupted, and exits with 130: %s",
    async (format) => {
      const abort = new AbortController();
      const parser = new Command("sweep").exitOverride();
      sweep.configure(parser);
      const out = join(folder, `rows.${format}`);
      parser.parse(["--batch", "1..1000", "--context", "1..1000", "--out", out], { from: "user" });
      const silent = () => undefined;
      const io = { write: silent, writeError: silent, isTerminal: false, columns: 100, interrupted: abort.signal };
      const running = sweep.run(parser.opts(), [], io);
      setTimeout(() => abort.abort(), 50);
      expect(await running).toBe(130);
      expect(readdirSync(folder)).toEqual([]);
    },
  );
});
