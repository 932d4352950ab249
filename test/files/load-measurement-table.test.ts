import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadMeasurementTables } from "../../src/files/load-measurement-table.ts";
import { InvalidInput } from "../../src/quantity/invalid-input.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("loadMeasurementTables", () => {
  it("reads tables in order, byte order marks or not", async () => {
    const paths = ["a.csv", "b.csv"].map((name) => join(folder, name));
    writeFileSync(paths[0]!, "\uFEFFm,k,n,dtype,time_us\n1,2,3,bf16,4\n");
    writeFileSync(paths[1]!, "m,k,n,dtype,time_us\n5,2,3,bf16,4\n6,2,3,bf16,4\n");
    const tables = await loadMeasurementTables(paths);
    expect(tables.map((table) => [table.name, table.rows.length])).toEqual([
      [paths[0], 1],
      [paths[1], 2],
    ]);
  });

  it("refuses a missing file, a folder and one above 200 MB", async () => {
    await expect(loadMeasurementTables([join(folder, "none.csv")])).rejects.toThrow(/^invalid table: .*no such file/);
    await expect(loadMeasurementTables([folder])).rejects.toThrow(/is a directory/);
    const large = join(folder, "large.csv");
    closeSync(openSync(large, "w"));
    truncateSync(large, 200_000_001);
    await expect(loadMeasurementTables([large])).rejects.toThrow(/at most 191 MiB are read/);
  });
});

describe("foreign files", () => {
  const parquet = () => {
    const text = (name: string, value: string) => ({ name, data: [value], type: "STRING" as const });
    const number = (name: string, value: number) => ({ name, data: [value], type: "INT32" as const });
    return new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          ...[text("framework", "VLLM"), text("version", "0.9"), text("device", "NVIDIA H100 80GB HBM3")],
          ...[text("gemm_dtype", "bfloat16"), number("m", 16), number("n", 12288), number("k", 4096)],
          { name: "latency", data: [0.04], type: "DOUBLE" },
        ],
      }),
    );
  };

  it("are read without a step between, by their columns", async () => {
    const path = join(folder, "gemm_perf.parquet");
    writeFileSync(path, parquet());
    const [table] = await loadMeasurementTables([path]);
    expect(table).toMatchObject({ name: path, kind: "linear", leftOut: 0 });
    expect(table?.rows[0]).toMatchObject({ m: 16, k: 4096, n: 12288, dtype: "bf16", engine: "vllm" });
  });

  it("may be JSON, or JSON a line", async () => {
    const run = { model_type: "llama 7B F16", n_prompt: 0, n_gen: 128, avg_ts: 40, gpu_info: "A", backends: "CUDA" };
    const paths = ["a.json", "a.jsonl"].map((name) => join(folder, name));
    writeFileSync(paths[0]!, JSON.stringify([run, run]));
    writeFileSync(paths[1]!, `${JSON.stringify(run)}\n${JSON.stringify(run)}\n`);
    const tables = await loadMeasurementTables(paths);
    expect(tables.map((table) => [table.kind, table.rows.map((row) => row.line)])).toEqual([
      ["engine", [1, 2]],
      ["engine", [1, 2]],
    ]);
  });

  it.each([
    ["empty.csv", "", "the file is empty"],
    ["spaces.json", " \n ", "the file is empty"],
    ["broken.json", '{"avg_latency": 1,', "JSON syntax error at line 1"],
    ["other.json", '{"a": 1}', "JSON without the fields of a result that is known (aiconfigurator, engine-results"],
    ["list.json", "[1, 2]", "JSON without the fields"],
    ["other.csv", "a,b\n1,2\n", "wants the columns of a table of attention"],
    ["twice.csv", "a,a\n1,2\n", "the column stands there twice"],
    ["short.csv", "m,k,n,dtype,time_us\n1,2\n", "2 cells (the header has 5 cells)"],
    ["fake.parquet", "PAR1 this is none PAR1", "no Parquet file that can be read"],
    ["none.csv", "model_type,n_prompt,n_gen,avg_ts\nllama 7B F16,0,0,1\n", "none of its 1 rows can be used: neither"],
    ["rowless.csv", "model_type,n_prompt,n_gen,avg_ts\n", "holds no row"],
  ])("%s is refused in a line that names it", async (name, text, message) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    const error = await loadMeasurementTables([path]).catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(InvalidInput);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).toContain(name);
    expect((error as Error).message).not.toContain("\n");
  });
});
