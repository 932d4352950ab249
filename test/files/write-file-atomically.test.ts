import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WorkFailed } from "../../src/files/work-failed.ts";
import { writeFileAtomically } from "../../src/files/write-file-atomically.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ridgepoint-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("writeFileAtomically", () => {
  it("writes text and bytes, over an old file and into a new folder, and leaves nothing else", async () => {
    const path = join(folder, "new", "a.md");
    await writeFileAtomically(path, "old");
    await writeFileAtomically(path, "new é");
    expect(await readFile(path, "utf8")).toBe("new é");
    await writeFileAtomically(path, new Uint8Array([1, 2]));
    expect([...(await readFile(path))]).toEqual([1, 2]);
    expect(await readdir(join(folder, "new"))).toEqual(["a.md"]);
  });

  it("keeps one of the contents whole when several write at once", async () => {
    const path = join(folder, "a");
    const contents = ["a", "b", "c", "d"].map((letter) => letter.repeat(100_000));
    await Promise.all(contents.map((content) => writeFileAtomically(path, content)));
    expect(contents).toContain(await readFile(path, "utf8"));
    expect(await readdir(folder)).toEqual(["a"]);
  });

  it("fails in one line where the path is a folder or leads through a file, and leaves nothing behind", async () => {
    await mkdir(join(folder, "taken", "inner"), { recursive: true });
    await writeFile(join(folder, "file"), "kept");
    for (const path of [join(folder, "taken"), join(folder, "file", "x")]) {
      const error = await writeFileAtomically(path, "x").catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(WorkFailed);
      expect((error as WorkFailed).message).toMatch(/^cannot (write|make the folder) \S+: .+$/);
      expect((error as WorkFailed).message).not.toContain("\n");
    }
    expect((await readdir(folder)).sort()).toEqual(["file", "taken"]);
    expect(await readFile(join(folder, "file"), "utf8")).toBe("kept");
  });

  it("fails where the disk takes nothing", async () => {
    const error = await writeFileAtomically("/proc/ridgepoint/a.md", "x").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WorkFailed);
    expect((error as WorkFailed).message).toBe("cannot make the folder /proc/ridgepoint: no such file");
  });
});
