import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadMeasurementTables } from "../../src/files/load-measurement-table.ts";

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
