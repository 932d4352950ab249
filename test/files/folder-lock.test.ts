import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockFolder, lockName } from "../../src/files/folder-lock.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = (): string => join(folder, lockName);
const leave = (owner: unknown): void => writeFileSync(path(), `${JSON.stringify(owner)}\n`);
const deadPid = (): number => spawnSync(process.execPath, ["-e", ""]).pid;

describe("lockFolder", () => {
  it("lets one in, names the process to the next, and lets it in once the first has gone", async () => {
    const unlock = await lockFolder(folder);
    expect(JSON.parse(readFileSync(path(), "utf8"))).toEqual({ pid: process.pid, host: hostname() });
    await expect(lockFolder(folder)).rejects.toThrow(
      `cannot measure into ${folder}: process ${process.pid} does so already; if it does not, remove ${path()}`,
    );
    await unlock();
    expect(existsSync(path())).toBe(false);
    const again = await lockFolder(folder);
    await unlock();
    expect(existsSync(path())).toBe(true);
    await again();
  });

  it("lets one of many in that come at once", async () => {
    leave({ pid: deadPid(), host: hostname() });
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
    const inside = all.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    expect(inside).toHaveLength(1);
    await inside[0]?.();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each<[string, () => void]>([
    ["a dead process left", () => leave({ pid: deadPid(), host: hostname() })],
    ["an earlier process of this number left", () => leave({ pid: process.pid, host: hostname() })],
    ["is empty", () => writeFileSync(path(), "")],
    ["is cut off", () => writeFileSync(path(), '{"pid":1')],
    ["names no process", () => leave({ pid: -1 })],
  ])("takes over a lock that %s", async (_, before) => {
    before();
    const unlock = await lockFolder(folder);
    expect(JSON.parse(readFileSync(path(), "utf8")).pid).toBe(process.pid);
    await unlock();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("leaves that of a living process and of another machine", async () => {
    leave({ pid: process.ppid, host: hostname() });
    await expect(lockFolder(folder)).rejects.toThrow(`process ${process.ppid} does so already`);
    leave({ pid: deadPid(), host: "elsewhere" });
    await expect(lockFolder(folder)).rejects.toThrow("on elsewhere does so already");
    expect(existsSync(path())).toBe(true);
  });

  it("says so where nothing can be written", async () => {
    const missing = join(folder, "missing");
    await expect(lockFolder(missing)).rejects.toThrow(`cannot write ${join(missing, lockName)}: no such file`);
  });
});
