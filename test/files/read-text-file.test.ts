import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTextFile } from "../../src/files/read-text-file.ts";
import { InvalidInput } from "../../src/quantity/invalid-input.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ridgepoint-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The message of what reading throws, with the folder left out. */
async function messageOf(path: string, maximumBytes?: number): Promise<string> {
  const error = await readTextFile(path, "--config", maximumBytes).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InvalidInput);
  return (error as InvalidInput).message;
}

describe("readTextFile", () => {
  it("returns the text without its byte order mark", async () => {
    const path = join(folder, "a.json");
    await writeFile(path, "\uFEFF{} é");
    expect(await readTextFile(path, "--config")).toBe("{} é");
  });

  it("names the option and the file that is missing", async () => {
    expect(await messageOf("x.json")).toBe("invalid --config: x.json (no such file)");
    expect(await messageOf("")).toBe("invalid --config: nothing (no such file)");
    expect(await messageOf("a\0b")).toMatch(/^invalid --config: /);
  });

  it("refuses a folder, a device and a path through a file", async () => {
    await writeFile(join(folder, "file"), "");
    expect(await messageOf("/")).toBe("invalid --config: / (is a directory, wants a file)");
    expect(await messageOf("/dev/null")).toBe("invalid --config: /dev/null (is no regular file)");
    expect(await messageOf(join(folder, "file", "x"))).toContain("a part of the path is no directory");
  });

  it("holds the size on both sides of the limit", async () => {
    const path = join(folder, "sized");
    await writeFile(path, "1234");
    expect(await readTextFile(path, "--config", 4)).toBe("1234");
    expect(await messageOf(path, 3)).toContain("at most");
  });

  it("refuses 100 MB by its size alone", async () => {
    const path = join(folder, "large.json");
    await writeFile(path, "");
    await truncate(path, 100e6);
    expect(await messageOf(path)).toContain("the file has 95.4 MiB, at most 16.0 MiB are read");
  });

  it("refuses bytes that are no UTF-8", async () => {
    const path = join(folder, "binary");
    await writeFile(path, new Uint8Array([0x50, 0x41, 0x52, 0x31, 0xff, 0xfe]));
    expect(await messageOf(path)).toContain("not a text file in UTF-8");
  });
});
