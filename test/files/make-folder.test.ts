import { mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolder } from "../../src/files/make-folder.ts";
import { WorkFailed } from "../../src/files/work-failed.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ridgepoint-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("makeFolder", () => {
  it("makes all that is missing, and accepts what is there", async () => {
    await makeFolder(join(folder, "a", "b", "c"));
    await makeFolder(join(folder, "a", "b", "c"));
    expect(await readdir(join(folder, "a", "b"))).toEqual(["c"]);
    await symlink(join(folder, "a"), join(folder, "link"));
    await makeFolder(join(folder, "link", "d"));
    expect((await readdir(join(folder, "a"))).sort()).toEqual(["b", "d"]);
  });

  it("may be asked twice at once", async () => {
    const path = join(folder, "a", "b");
    await Promise.all([makeFolder(path), makeFolder(path), makeFolder(path)]);
    expect(await readdir(path)).toEqual([]);
  });

  it("fails where a file stands in the way, and where the file system makes no folders, without hanging", async () => {
    await writeFile(join(folder, "file"), "");
    await expect(makeFolder(join(folder, "file"))).rejects.toThrow(
      /^cannot make the folder .+: a file of that name exists$/,
    );
    await expect(makeFolder(join(folder, "file", "x"))).rejects.toThrow(WorkFailed);
    await expect(makeFolder("/proc/ridgepoint")).rejects.toThrow(
      "cannot make the folder /proc/ridgepoint: no such file",
    );
  });
});
