import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeMachine } from "../../src/files/describe-machine.ts";
import { openMeasurementFolder, setMeasurementsAside } from "../../src/files/measurement-folder.ts";
import { type RowResult, rowKey } from "../../src/measurement/measured-cells.ts";
import { attentionShape, linearShape } from "../measurement/shapes.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const machine = await describeMachine();
const resultOf = (shape: RowResult["row"]["shape"]): RowResult => ({
  row: { shape, backend: "wasm", threads: 1, cold: false },
  status: "skipped",
  reason: "for a test",
  time: null,
});

describe("openMeasurementFolder", () => {
  it("keeps a table a kind and the machine beside them, and knows its rows when opened again", async () => {
    const path = join(folder, "new");
    const first = await openMeasurementFolder(path, machine, ["attention", "linear"]);
    expect(first.keys.size).toBe(0);
    await first.record(resultOf(attentionShape));
    await first.record(resultOf(linearShape));
    await first.close();
    expect(JSON.parse(readFileSync(join(path, "machine.json"), "utf8"))).toEqual(machine);
    const again = await openMeasurementFolder(path, { ...machine, date: "2030-01-01" }, ["attention", "linear"]);
    expect(again.keys).toEqual(
      new Set([resultOf(attentionShape), resultOf(linearShape)].map(({ row }) => rowKey(row))),
    );
    expect(again.cut).toEqual([]);
    await again.close();
    expect(existsSync(join(path, "steps.csv"))).toBe(false);
  });

  it("says which table had a torn line, and takes its row for not measured", async () => {
    const first = await openMeasurementFolder(folder, machine, ["linear"]);
    await first.record(resultOf(linearShape));
    await first.close();
    const path = first.tablePath("linear");
    writeFileSync(path, readFileSync(path, "utf8").slice(0, -4));
    const again = await openMeasurementFolder(folder, machine, ["linear"]);
    expect(again).toMatchObject({ cut: [path], keys: new Set() });
    await again.close();
  });

  it("refuses another machine's folder, another Node's, and one whose description can't be read", async () => {
    await (await openMeasurementFolder(folder, machine, ["linear"])).close();
    const other = openMeasurementFolder(folder, { ...machine, processor: "Another" }, ["linear"]);
    await expect(other).rejects.toThrow(
      /another machine, Node or version: there processor is .*, here Another; .*--fresh/,
    );
    await expect(openMeasurementFolder(folder, { ...machine, node: "99.0.0" }, ["linear"])).rejects.toThrow("node");
    await expect(openMeasurementFolder(folder, { ...machine, version: "9" }, ["linear"])).rejects.toThrow("version");
    writeFileSync(join(folder, "machine.json"), "[]");
    await expect(openMeasurementFolder(folder, machine, ["linear"])).rejects.toThrow("there processor is missing");
    writeFileSync(join(folder, "machine.json"), "{");
    await expect(openMeasurementFolder(folder, machine, ["linear"])).rejects.toThrow("machine.json");
  });

  it("takes a GPU's rows beside the processor's, and notes its adapter; another adapter's it refuses", async () => {
    for (const adapter of [null, "one GPU", null, "one GPU"]) {
      await (await openMeasurementFolder(folder, { ...machine, adapter }, ["linear"])).close();
    }
    expect(JSON.parse(readFileSync(join(folder, "machine.json"), "utf8")).adapter).toBe("one GPU");
    const other = openMeasurementFolder(folder, { ...machine, adapter: "another GPU" }, ["linear"]);
    await expect(other).rejects.toThrow("there adapter is one GPU, here another GPU");
  });

  it("refuses a table that it did not write, and a row of a kind that was not opened", async () => {
    writeFileSync(join(folder, "linear.csv"), "dtype,m,k,n,time_us\nbf16,1,2,3,4\n");
    await expect(openMeasurementFolder(folder, machine, ["attention", "linear"])).rejects.toThrow("other columns");
    const opened = await openMeasurementFolder(folder, machine, ["attention"]);
    await expect(opened.record(resultOf(linearShape))).rejects.toThrow(RangeError);
    await opened.close();
  });

  it("lets no second process in, nor sets aside what the first writes, and leaves no lock behind", async () => {
    const first = await openMeasurementFolder(folder, machine, ["linear"]);
    await expect(openMeasurementFolder(folder, machine, ["attention"])).rejects.toThrow(/process \d+ does so already/);
    await expect(setMeasurementsAside(folder)).rejects.toThrow(/process \d+ does so already/);
    await first.close();
    expect(readdirSync(folder).sort()).toEqual(["linear.csv", "machine.json"]);
    await expect(openMeasurementFolder(folder, { ...machine, node: "1" }, ["linear"])).rejects.toThrow("node");
    expect(readdirSync(folder).sort()).toEqual(["linear.csv", "machine.json"]);
  });

  it("shows what stands in a machine.json that is none", async () => {
    writeFileSync(join(folder, "machine.json"), '{"processor":{"name":"x"}}');
    await expect(openMeasurementFolder(folder, machine, ["linear"])).rejects.toThrow(
      'there processor is {"name":"x"}, here',
    );
  });
});

describe("setMeasurementsAside", () => {
  it("moves tables and machine.json into before-1, then before-2, and nothing else", async () => {
    expect(await setMeasurementsAside(join(folder, "missing"))).toBeNull();
    writeFileSync(join(folder, "notes.txt"), "mine");
    expect(await setMeasurementsAside(folder)).toBeNull();
    for (const number of [1, 2]) {
      await (await openMeasurementFolder(folder, machine, ["linear"])).close();
      const aside = join(folder, `before-${number}`);
      expect(await setMeasurementsAside(folder)).toBe(aside);
      expect(existsSync(join(aside, "linear.csv"))).toBe(true);
      expect(existsSync(join(aside, "machine.json"))).toBe(true);
      expect(existsSync(join(folder, "linear.csv"))).toBe(false);
    }
    expect(existsSync(join(folder, "notes.txt"))).toBe(true);
  });
});
