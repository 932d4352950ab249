import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { streamFile } from "../../src/files/stream-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("streamFile", () => {
  it("gives the file its name only when it is whole, and makes its folder", async () => {
    const path = join(folder, "new", "rows.csv");
    const file = await streamFile(path);
    await file.write(bytes("a,b\n"));
    expect(readdirSync(join(folder, "new"))).toEqual([expect.stringMatching(/^\.rows\.csv\..*\.tmp$/)]);
    await file.write(bytes("1,2\n"));
    await file.commit();
    await file.discard();
    expect(readdirSync(join(folder, "new"))).toEqual(["rows.csv"]);
    expect(readFileSync(path, "utf8")).toBe("a,b\n1,2\n");
  });

  it("leaves nothing behind, and the old file as it was, where it is discarded", async () => {
    const path = join(folder, "rows.csv");
    writeFileSync(path, "old");
    const file = await streamFile(path);
    await file.write(bytes("new"));
    await file.discard();
    await file.discard();
    expect(readdirSync(folder)).toEqual(["rows.csv"]);
    expect(readFileSync(path, "utf8")).toBe("old");
  });

  it("writes through a link, which stays one", async () => {
    writeFileSync(join(folder, "target.csv"), "old");
    symlinkSync("target.csv", join(folder, "link.csv"));
    const file = await streamFile(join(folder, "link.csv"));
    await file.write(bytes("new"));
    await file.commit();
    expect(lstatSync(join(folder, "link.csv")).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, "target.csv"), "utf8")).toBe("new");
  });

  it.skipIf(process.platform === "win32")("writes to a device itself and leaves it one", async () => {
    const file = await streamFile("/dev/null");
    await file.write(bytes("gone"));
    await file.commit();
    expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  it("throws WorkFailed for a folder's name and a folder that can't be made", async () => {
    mkdirSync(join(folder, "sub.csv"));
    await expect(streamFile(join(folder, "sub.csv"))).rejects.toThrow(/cannot write .*sub\.csv: is a directory/);
    writeFileSync(join(folder, "file"), "");
    await expect(streamFile(join(folder, "file", "rows.csv"))).rejects.toMatchObject({ code: "WORK_FAILED" });
  });

  it.skipIf(process.platform !== "linux")("throws WorkFailed for a full disk", async () => {
    const full = await streamFile("/dev/full");
    await expect(full.write(bytes("x"))).rejects.toThrow("cannot write /dev/full: no space left on the disk");
  });
});
