import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { describeMachine } from "../../src/files/describe-machine.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder as Linux has it. */
function processors(caches: Record<string, Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
  folders.push(folder);
  for (const [path, fields] of Object.entries(caches)) {
    mkdirSync(join(folder, path), { recursive: true });
    for (const [name, text] of Object.entries(fields)) writeFileSync(join(folder, path, name), `${text}\n`);
  }
  return folder;
}

const level3 = { level: "3", type: "Unified", size: "32768K", shared_cpu_list: "0-1" };
const level1 = (cpu: number) => ({ level: "1", type: "Data", size: "32K", shared_cpu_list: String(cpu) });

describe("describeMachine", () => {
  it("finds this process's Node, memory and threads on every system", async () => {
    const machine = await describeMachine({ version: "1.2.3" });
    expect(machine).toMatchObject({
      node: process.versions.node,
      v8: process.versions.v8,
      version: "1.2.3",
      adapter: null,
    });
    expect(machine.memoryBytes).toBeGreaterThan(2 ** 28);
    expect(machine.usableThreads).toBeGreaterThan(0);
    expect(machine.cores).toBeGreaterThan(0);
    expect(machine.label).toMatch(/^[a-z0-9-]+$/);
    expect(machine.date).toMatch(/^\d{4}-\d\d-\d\d$/);
  });

  it("counts each cache once, however many processors share it", async () => {
    const processorsFolder = processors({
      "cpu0/cache/index0": level1(0),
      "cpu1/cache/index0": level1(1),
      "cpu0/cache/index3": level3,
      "cpu1/cache/index3": level3,
      cpufreq: {},
    });
    expect((await describeMachine({ processorsFolder })).caches).toEqual([
      { level: 1, type: "data", bytes: 32 * 1024, sharedBy: 1, instances: 2 },
      { level: 3, type: "unified", bytes: 32 * 1024 * 1024, sharedBy: 2, instances: 1 },
    ]);
  });

  it("leaves out what can't be read, and takes a cache without a list of sharers for its processor's own", async () => {
    const processorsFolder = processors({
      "cpu0/cache/index0": { level: "1", type: "Data", size: "48K" },
      "cpu1/cache/index0": { level: "1", type: "Data", size: "48K" },
      "cpu0/cache/index1": { level: "1", type: "Strange", size: "48K", shared_cpu_list: "0" },
      "cpu0/cache/index2": { level: "2", type: "Unified", size: "much", shared_cpu_list: "0,2-3" },
      "cpu0/cache/index3": { type: "Unified" },
    });
    expect((await describeMachine({ processorsFolder })).caches).toEqual([
      { level: 1, type: "data", bytes: 48 * 1024, sharedBy: 1, instances: 2 },
    ]);
    expect((await describeMachine({ processorsFolder: join(processorsFolder, "missing") })).caches).toEqual(
      expect.any(Array),
    );
  });

  it("asks macOS for the performance cores' caches, else for the plain ones, and leaves out what it does not know", async () => {
    const known: Readonly<Record<string, string>> = {
      "hw.perflevel0.l1dcachesize": "131072",
      "hw.l1dcachesize": "65536",
      "hw.l2cachesize": "4194304",
      "hw.l3cachesize": "0",
    };
    const systemControl = async (name: string): Promise<string> => {
      const value = known[name];
      if (value === undefined) throw new Error(`unknown oid '${name}'`);
      return value;
    };
    const processorsFolder = join(processors({}), "missing");
    expect((await describeMachine({ processorsFolder, systemControl })).caches).toEqual([
      { level: 1, type: "data", bytes: 131_072, sharedBy: 1, instances: null },
      { level: 2, type: "unified", bytes: 4_194_304, sharedBy: 1, instances: null },
    ]);
    const none = (): Promise<string> => Promise.reject(new Error("no such program"));
    expect((await describeMachine({ processorsFolder, systemControl: none })).caches).toEqual([]);
  });
});
