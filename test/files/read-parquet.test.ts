import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { isParquet, readParquet } from "../../src/files/read-parquet.ts";
import { InvalidInput } from "../../src/quantity/invalid-input.ts";

/** Two rows of a made-up matmul table, compressed with ZSTD as aiconfigurator's are; written with pyarrow. */
const zstd =
  "UEFSMRUEFRAVIkwVAhUAEgAAKLUv/SAIQQAABAAAAFZMTE0VABUSFSQsFQQVEBUGFQYcAAAAKLUv/SAJSQAAAgAAAAQBAQQAFQQVDhUgTBUCFQASAAAotS/9IAc5AAADAAAAMS4wFQAVEhUkLBUEFRAVBhUGHAAAACi1L/0gCUkAAAIAAAAEAQEEABUEFTIVREwVAhUAEgAAKLUv/SAZyQAAFQAAAE5WSURJQSBIMTAwIDgwR0IgSEJNMxUAFRIVJCwVBBUQFQYVBhwAAAAotS/9IAlJAAACAAAABAEBBAAVBBUmFThMFQQVABIAACi1L/0gE5kAAAgAAABiZmxvYXQxNgMAAABmcDgVABUSFSQsFQQVEBUGFQYcAAAAKLUv/SAJSQAAAgAAAAQBAQMCFQQVIBUyTBUEFQASAAAotS/9IBCBAAABAAAAAAAAAAIAAAAAAAAAFQAVEhUkLBUEFRAVBhUGHAAAACi1L/0gCUkAAAIAAAAEAQEDAhUEFSAVMkwVBBUAEgAAKLUv/SAQgQAAgAAAAAAAAAAAAQAAAAAAABUAFRIVJCwVBBUQFQYVBhwAAAAotS/9IAlJAAACAAAABAEBAwIVBBUgFTJMFQQVABIAACi1L/0gEIEAAAACAAAAAAAAAAQAAAAAAAAVABUSFSQsFQQVEBUGFQYcAAAAKLUv/SAJSQAAAgAAAAQBAQMCFQQVIBUyTBUEFQASAAAotS/9IBCBAAAAAAAAAADgPwAAAAAAANA/FQAVEhUkLBUEFRAVBhUGHAAAACi1L/0gCUkAAAIAAAAEAQEDAhUEGZw1ABgGc2NoZW1hFRAAFQwlAhgJZnJhbWV3b3JrJQBMHAAAABUMJQIYB3ZlcnNpb24lAEwcAAAAFQwlAhgGZGV2aWNlJQBMHAAAABUMJQIYCmdlbW1fZHR5cGUlAEwcAAAAFQQlAhgBbQAVBCUCGAFuABUEJQIYAWsAFQolAhgHbGF0ZW5jeQAWBBkcGYwmABwVDBk1AAYQGRgJZnJhbWV3b3JrFQwWBBZkFogBJkYmCCksFQQVABUCABUAFRAVAgA8FhAZBhkmAAQAAAAmABwVDBk1AAYQGRgHdmVyc2lvbhUMFgQWYhaGASbMASaQASksFQQVABUCABUAFRAVAgA8FgwZBhkmAAQAAAAmABwVDBk1AAYQGRgGZGV2aWNlFQwWBBaGARaqASb2AiaWAiksFQQVABUCABUAFRAVAgA8FlQZBhkmAAQAAAAmABwVDBk1AAYQGRgKZ2VtbV9kdHlwZRUMFgQWehaeASaUBCbAAyksFQQVABUCABUAFRAVAgA8FhYZBhkmAAQAAAAmABwVBBk1AAYQGRgBbRUMFgQWdBaYASasBSbeBCksFQQVABUCABUAFRAVAgA8KQYZJgAEAAAAJgAcFQQZNQAGEBkYAW4VDBYEFnQWmAEmxAYm9gUpLBUEFQAVAgAVABUQFQIAPCkGGSYABAAAACYAHBUEGTUABhAZGAFrFQwWBBZ0FpgBJtwHJo4HKSwVBBUAFQIAFQAVEBUCADwpBhkmAAQAAAAmABwVChk1AAYQGRgHbGF0ZW5jeRUMFgQWdBaYASb0CCamCCksFQQVABUCABUAFRAVAgA8KQYZJgAEAAAAFpYHFgQmCBa2CQAoIHBhcnF1ZXQtY3BwLWFycm93IHZlcnNpb24gMjYuMC4xGYwcAAAcAAAcAAAcAAAcAAAcAAAcAAAcAAAAugIAAFBBUjE=";

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(base64, "base64"));
const written = (): Uint8Array<ArrayBuffer> =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: "op", data: ["a", "b", "c"], type: "STRING" },
        { name: "count", data: [1, 2, 3], type: "INT32" },
        { name: "latency", data: [0.5, 1.5, 2.5], type: "DOUBLE" },
      ],
    }),
  );

describe("readParquet", () => {
  it("reads the columns of a file that was written here", async () => {
    const table = await readParquet(written(), "t.parquet");
    expect([table.columns, table.rowCount]).toEqual([["op", "count", "latency"], 3]);
    expect([table.cell("op", 1), table.cell("count", 2), table.cell("latency", 0), table.cell("none", 0)]).toEqual([
      "b",
      3,
      0.5,
      undefined,
    ]);
    expect([table.line(0), table.line(2)]).toEqual([1, 3]);
  });

  it("reads ZSTD", async () => {
    const table = await readParquet(bytesOf(zstd), "t.parquet");
    expect(table.columns).toEqual(["framework", "version", "device", "gemm_dtype", "m", "n", "k", "latency"]);
    expect([...table.records()].map(({ cells }) => cells.slice(3).join())).toEqual([
      "bfloat16,1,128,512,0.5",
      "fp8,2,256,1024,0.25",
    ]);
  });

  it("fails in one error, whatever is damaged: others left behind would end the program", async () => {
    const left: unknown[] = [];
    const note = (reason: unknown) => left.push(reason);
    process.on("unhandledRejection", note);
    const whole = bytesOf(zstd);
    for (let at = 4; at < whole.length - 8; at += 3) {
      const damaged = whole.slice();
      damaged.fill(0xff, at, at + 40);
      await readParquet(damaged, "t.parquet").catch((error) => expect(error).toBeInstanceOf(InvalidInput));
    }
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", note);
    expect(left).toEqual([]);
  });

  it("refuses nested columns, and reads groups of rows one after the other", async () => {
    const rows = Array.from({ length: 25 }, (_, i) => i);
    const column = (data: readonly unknown[]) => ({ columnData: [{ name: "x", data: [...data] }], rowGroupSize: 10 });
    const grouped = await readParquet(new Uint8Array(parquetWriteBuffer(column(rows))), "t.parquet");
    expect(rows.map((row) => grouped.cell("x", row))).toEqual(rows);
    const lists = new Uint8Array(
      parquetWriteBuffer({
        columnData: [{ name: "x", data: [[1], [2]] }],
        schema: [
          { name: "root", num_children: 1 },
          { name: "x", repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST" },
          { name: "list", repetition_type: "REPEATED", num_children: 1 },
          { name: "element", repetition_type: "OPTIONAL", type: "INT32" },
        ],
      }),
    );
    await expect(readParquet(lists, "t.parquet")).rejects.toThrow("its column x is nested");
  });

  it("knows a Parquet file by how it begins, and says so where it is cut off or damaged", async () => {
    expect([isParquet(written()), isParquet(bytesOf(zstd)), isParquet(new Uint8Array(3))]).toEqual([true, true, false]);
    expect(isParquet(new TextEncoder().encode("m,k,n,dtype"))).toBe(false);
    for (const cut of [12, 100, written().length - 1]) {
      const damaged = written().slice(0, cut);
      await expect(readParquet(damaged, "t.parquet")).rejects.toThrow(
        /^invalid table: t\.parquet \(no Parquet file that can be read/,
      );
    }
    const flipped = bytesOf(zstd);
    flipped.fill(0x5a, 8, 60);
    await expect(readParquet(flipped, "t.parquet")).rejects.toThrow(/^invalid table: t\.parquet/);
  });
});
