import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { streamFile } from "../../src/files/stream-file.ts";
import { deviceCopy } from "../support/device-copy.ts";

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

  it("makes the target of a link to nothing, and refuses links in a circle", async () => {
    mkdirSync(join(folder, "sub"));
    symlinkSync("sub/second.csv", join(folder, "first.csv"));
    symlinkSync("target.csv", join(folder, "sub", "second.csv"));
    const file = await streamFile(join(folder, "first.csv"));
    await file.write(bytes("new"));
    await file.commit();
    expect(lstatSync(join(folder, "first.csv")).isSymbolicLink()).toBe(true);
    expect(lstatSync(join(folder, "sub", "target.csv")).isFile()).toBe(true);
    expect(readdirSync(join(folder, "sub")).sort()).toEqual(["second.csv", "target.csv"]);
    symlinkSync("b", join(folder, "a"));
    symlinkSync("a", join(folder, "b"));
    await expect(streamFile(join(folder, "a"))).rejects.toThrow(/^cannot write .*: too many symbolic links$/);
  });

  it.skipIf(process.platform === "win32")("keeps the permissions of a file that it writes over", async () => {
    for (const mode of [0o640, 0o666, 0o600]) {
      const path = join(folder, "rows.csv");
      writeFileSync(path, "old");
      chmodSync(path, mode);
      const file = await streamFile(path);
      await file.write(bytes("new"));
      await file.commit();
      expect(statSync(path).mode & 0o777).toBe(mode);
      expect(readFileSync(path, "utf8")).toBe("new");
    }
  });

  it("writes to a device itself and leaves it one", async ({ skip }) => {
    const device = deviceCopy(folder, "null") ?? skip("no device can be made here");
    const file = await streamFile(device);
    await file.write(bytes("gone"));
    await file.commit();
    expect(lstatSync(device).isCharacterDevice()).toBe(true);
    expect(readdirSync(folder)).toEqual(["null"]);
  });

  it("throws WorkFailed for a folder's name and a folder that can't be made", async () => {
    mkdirSync(join(folder, "sub.csv"));
    await expect(streamFile(join(folder, "sub.csv"))).rejects.toThrow(/cannot write .*sub\.csv: is a directory/);
    writeFileSync(join(folder, "file"), "");
    await expect(streamFile(join(folder, "file", "rows.csv"))).rejects.toMatchObject({ code: "WORK_FAILED" });
  });

  it("throws WorkFailed for a full disk", async ({ skip }) => {
    const device = deviceCopy(folder, "full") ?? skip("no device can be made here");
    const full = await streamFile(device);
    await expect(full.write(bytes("x"))).rejects.toThrow(`cannot write ${device}: no space left on device`);
    expect(lstatSync(device).isCharacterDevice()).toBe(true);
  });
});
