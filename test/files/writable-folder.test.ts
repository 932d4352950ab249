import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writableFolder } from "../../src/files/writable-folder.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("writableFolder", () => {
  it("makes the folder and leaves nothing in it; left, it is gone with those made for it, and no other", async () => {
    const path = join(folder, "there", "below");
    mkdirSync(join(folder, "there"));
    const made = await writableFolder(path);
    expect(readdirSync(path)).toEqual([]);
    await made.leave();
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(folder)).toEqual(["there"]);
    const deep = await writableFolder(join(folder, "a", "b"));
    await deep.leave();
    expect(readdirSync(folder)).toEqual(["there"]);
  });

  it("keeps a folder that something was written into meanwhile, and one that was there", async () => {
    const made = await writableFolder(join(folder, "a", "b"));
    writeFileSync(join(folder, "a", "b", "kept"), "");
    await made.leave();
    expect(readdirSync(join(folder, "a", "b"))).toEqual(["kept"]);
    await (await writableFolder(folder)).leave();
    expect(readdirSync(folder)).toEqual(["a"]);
  });

  it("refuses what has a file's name in its path", async () => {
    writeFileSync(join(folder, "file"), "");
    await expect(writableFolder(join(folder, "file", "x"))).rejects.toThrow(/cannot make the folder/);
  });

  // An administrator may write anywhere.
  it.skipIf(process.getuid?.() === 0)("refuses a folder that may only be read", async () => {
    chmodSync(folder, 0o500);
    await expect(writableFolder(folder)).rejects.toThrow(`cannot write into ${folder}: no permission`);
    chmodSync(folder, 0o700);
  });

  it.skipIf(!existsSync("/proc/self/fd"))("refuses a folder that takes no file", async () => {
    await expect(writableFolder("/proc/self")).rejects.toThrow("cannot write into /proc/self: no such file");
  });
});
