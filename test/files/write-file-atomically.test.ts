import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WorkFailed } from "../../src/files/work-failed.ts";
import { writeFileAtomically } from "../../src/files/write-file-atomically.ts";
import { deviceCopy, namedPipe } from "../support/device-copy.ts";

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

  it.skipIf(process.platform === "win32")("keeps a link and the old file's permissions", async () => {
    const target = join(folder, "target.svg");
    await writeFile(target, "old", { mode: 0o640 });
    await symlink("target.svg", join(folder, "link.svg"));
    await writeFileAtomically(join(folder, "link.svg"), "new");
    expect((await lstat(join(folder, "link.svg"))).isSymbolicLink()).toBe(true);
    expect(await readFile(target, "utf8")).toBe("new");
    expect((await stat(target)).mode & 0o777).toBe(0o640);
  });

  it("writes into a named pipe, which stays one", async ({ skip }) => {
    const pipe = namedPipe(folder, "pipe") ?? skip("no named pipe can be made here");
    const content = "x".repeat(300_000);
    const [read] = await Promise.all([readFile(pipe, "utf8"), writeFileAtomically(pipe, content)]);
    expect(read).toBe(content);
    expect((await lstat(pipe)).isFIFO()).toBe(true);
    expect(await readdir(folder)).toEqual(["pipe"]);
  });

  it("fails on a full device, through a link as well, and replaces neither", async ({ skip }) => {
    const device = deviceCopy(folder, "full") ?? skip("no device can be made here");
    await symlink("full", join(folder, "link"));
    for (const path of [device, join(folder, "link")]) {
      const error = await writeFileAtomically(path, "x").catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(WorkFailed);
      expect((error as WorkFailed).message).toBe(`cannot write ${path}: no space left on device`);
    }
    expect((await lstat(device)).isCharacterDevice()).toBe(true);
    expect((await lstat(join(folder, "link"))).isSymbolicLink()).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(["full", "link"]);
  });
});
