import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openTable, type TableFile } from "../../src/files/append-table.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const columns = ["name", "time_us", "status"];
const path = (): string => join(folder, "below", "t.csv");
const content = (): string => readFileSync(path(), "utf8");

describe("openTable", () => {
  it("makes the folder and the header, and appends rows whole, with quotes where they must be", async () => {
    const table = await openTable(path(), columns);
    expect(table).toMatchObject({ stored: [], cut: false });
    await table.append(["a", 1.5, "ok"]);
    expect(content()).toBe("name,time_us,status\na,1.5,ok\n");
    await table.append(["b", null, 'failed:no "x", y']);
    await table.close();
    expect(content()).toBe('name,time_us,status\na,1.5,ok\nb,,"failed:no ""x"", y"\n');
  });

  it("opened again, knows the rows that stand there and goes on behind them", async () => {
    const first = await openTable(path(), columns);
    await first.append(["a", 1, "skipped:a, b"]);
    await first.close();
    const second = await openTable(path(), columns);
    expect(second.stored).toEqual([{ name: "a", time_us: "1", status: "skipped:a, b" }]);
    await second.append(["b", 2, "ok"]);
    await second.close();
    expect(content()).toBe('name,time_us,status\na,1,"skipped:a, b"\nb,2,ok\n');
  });

  it("cuts a torn last line away, wherever it was torn, and loses no other", async () => {
    const first = await openTable(path(), columns);
    await first.append(["a", 1, "ok"]);
    await first.close();
    const whole = content();
    const torn = "b,22,ok";
    for (let length = 1; length <= torn.length; length++) {
      appendFileSync(path(), torn.slice(0, length));
      const again = await openTable(path(), columns);
      expect(again.cut).toBe(true);
      expect(again.stored).toHaveLength(1);
      await again.close();
      expect(content()).toBe(whole);
    }
    writeFileSync(path(), "name,time");
    const anew = await openTable(path(), columns);
    expect(anew).toMatchObject({ stored: [], cut: true });
    await anew.close();
    expect(content()).toBe("name,time_us,status\n");
  });

  it("refuses a table of other columns and one with a line of other length, and leaves both as they are", async () => {
    const first = await openTable(path(), columns);
    await first.close();
    await expect(openTable(path(), [...columns, "more"])).rejects.toThrow("has other columns");
    appendFileSync(path(), "a,b\n");
    await expect(openTable(path(), columns)).rejects.toThrow("the header has 3 cells");
    expect(content()).toBe("name,time_us,status\na,b\n");
  });

  it.each([
    "h1\nmy notes",
    "my notes, one line",
    "\n\n",
    "name\n",
    "name,time_us,status,x",
    '"name\n',
    "\ufeffmine\nx",
  ])("leaves a file that is no table of ours as it is: %j", async (text) => {
    mkdirSync(join(folder, "below"));
    writeFileSync(path(), text);
    await expect(openTable(path(), columns)).rejects.toThrow(/has other columns|never closed/);
    expect(content()).toBe(text);
  });

  it("leaves the torn end of a table that it refuses", async () => {
    mkdirSync(join(folder, "below"));
    writeFileSync(path(), "name,time_us,status\na,b\nc");
    await expect(openTable(path(), columns)).rejects.toThrow("the header has 3 cells");
    expect(content()).toBe("name,time_us,status\na,b\nc");
  });

  it("goes on with a table that an editor has put a byte order mark before", async () => {
    mkdirSync(join(folder, "below"));
    writeFileSync(path(), "\ufeffname,time_us,status\na,1,ok\nb,");
    const table = await openTable(path(), columns);
    expect(table).toMatchObject({ stored: [{ name: "a", time_us: "1", status: "ok" }], cut: true });
    await table.append(["b", 2, "ok"]);
    await table.close();
    expect(content()).toBe("\ufeffname,time_us,status\na,1,ok\nb,2,ok\n");
  });

  it("on a disk that has no room for the header leaves no file behind, and one that was there", async () => {
    const full = async (name: string): Promise<TableFile> => {
      const write = () => Promise.reject(Object.assign(new Error("ENOSPC"), { code: "ENOSPC" }));
      return shaped(await open(name, "a+"), { write: write as TableFile["write"] });
    };
    await expect(openTable(path(), columns, full)).rejects.toThrow("no space left on device");
    expect(existsSync(path())).toBe(false);
    writeFileSync(path(), "");
    await expect(openTable(path(), columns, full)).rejects.toThrow("no space left on device");
    expect(existsSync(path())).toBe(true);
  });

  it("says so where it can't be opened or read", async () => {
    await expect(openTable(folder, columns)).rejects.toThrow(`cannot write ${folder}: is a directory`);
    const unreadable = async (name: string): Promise<TableFile> => {
      const file = await open(name, "a+");
      return shaped(file, { readFile: () => Promise.reject(new Error("input/output error")) });
    };
    await expect(openTable(path(), columns, unreadable)).rejects.toThrow("cannot read");
  });

  it("on a full disk throws and leaves the table at the row before, whether none or half of the row was written", async () => {
    for (const written of [0, 3]) {
      let full = false;
      const filling = async (name: string): Promise<TableFile> => {
        const file = await open(name, "a+");
        let part = written;
        const write = async (bytes: Uint8Array, at: number, length: number): Promise<{ bytesWritten: number }> => {
          if (!full) return await file.write(bytes, at, length);
          if (part === 0) throw Object.assign(new Error("ENOSPC: no space"), { code: "ENOSPC" });
          const some = part;
          part = 0;
          return await file.write(bytes, at, some);
        };
        return shaped(file, { write: write as TableFile["write"] });
      };
      const table = await openTable(path(), columns, filling);
      const before = content();
      full = true;
      await expect(table.append(["x", 1, "ok"])).rejects.toThrow(`cannot write ${path()}: no space left on device`);
      expect(content()).toBe(before);
      full = false;
      await table.append(["y", 2, "ok"]);
      expect(content()).toBe(`${before}y,2,ok\n`);
      await table.close();
    }
  });
});

/** The file with some of its methods replaced. */
function shaped(file: TableFile, replaced: Partial<TableFile>): TableFile {
  const own: TableFile = {
    write: ((bytes: Uint8Array, at: number, length: number) => file.write(bytes, at, length)) as TableFile["write"],
    truncate: (length) => file.truncate(length),
    datasync: () => file.datasync(),
    close: () => file.close(),
    readFile: (() => file.readFile()) as TableFile["readFile"],
  };
  return { ...own, ...replaced };
}
