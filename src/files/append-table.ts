/**
 * A CSV table that rows are appended to whole: one write and one sync a row, so that a process that dies loses at most the row
 * it was at. A last line that was cut off by a dying process is cut away when the table is opened again. A file is changed only
 * once its header has shown that it is such a table.
 */
import { access, type FileHandle, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { parseCsv } from "../measurement/parse-csv.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { csvLine } from "../reporting/csv-text.ts";
import { makeFolder } from "./make-folder.ts";
import { systemErrorReason } from "./system-error-reason.ts";
import { WorkFailed } from "./work-failed.ts";

export interface AppendedTable {
  /** Rows that stood there, as cells by column. */
  readonly stored: readonly Readonly<Record<string, string>>[];
  /** Whether a torn last line was cut away. */
  readonly cut: boolean;
  /** Settles when the row is on the disk. @throws WorkFailed; the table then ends with the row before */
  append(cells: readonly (string | number | null)[]): Promise<void>;
  close(): Promise<void>;
}

/** What is used of an open file; tests hand in a disk that is full. */
export type TableFile = Pick<FileHandle, "write" | "truncate" | "datasync" | "close" | "readFile">;

/**
 * Opens the table, made with its header where missing; its folder too.
 * @throws InvalidInput where the file has other columns or can't be read as a table, WorkFailed where it can't be written
 */
export async function openTable(
  path: string,
  columns: readonly string[],
  openFile: (path: string) => Promise<TableFile> = (name) => open(name, "a+"),
): Promise<AppendedTable> {
  await makeFolder(dirname(path));
  const isNew = await access(path).then(
    () => false,
    () => true,
  );
  const file = await openFile(path).catch((error: unknown) => {
    throw new WorkFailed(`write ${path}`, systemErrorReason(error));
  });
  try {
    return await openedTable(path, columns, file);
  } catch (error) {
    await file.close().catch(() => undefined);
    // A table without its header, as a full disk leaves it, is none.
    if (isNew) await rm(path, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function openedTable(path: string, columns: readonly string[], file: TableFile): Promise<AppendedTable> {
  const found = (await reading(path, () => file.readFile())) as Buffer;
  // A row ends with its line break: what follows the last one was not written to its end.
  let bytes = found.lastIndexOf(0x0a) + 1;
  const cut = bytes < found.length;
  const text = found.toString("utf8").replace(/^\ufeff/, "");
  // Without a line break nothing but a part of the header can have been written.
  if (bytes === 0 && !columns.join(",").startsWith(text)) throw otherColumns(path, columns);
  const stored = storedRows(text.slice(0, text.lastIndexOf("\n") + 1), path, columns);
  if (cut) await writing(path, () => file.truncate(bytes));
  const write = async (cells: readonly (string | number | null)[]): Promise<void> => {
    const line = Buffer.from(csvLine(cells));
    try {
      await writing(path, async () => {
        for (let at = 0; at < line.length; ) at += (await file.write(line, at, line.length - at)).bytesWritten;
        await file.datasync();
      });
    } catch (error) {
      await file.truncate(bytes).catch(() => undefined);
      throw error;
    }
    bytes += line.length;
  };
  if (bytes === 0) await write(columns);
  return { stored, cut, append: write, close: () => file.close() };
}

function storedRows(text: string, path: string, columns: readonly string[]): Record<string, string>[] {
  const records = parseCsv(text, path);
  const header = records.next();
  if (header.done === true) {
    // Empty lines are no header.
    if (text !== "") throw otherColumns(path, columns);
    return [];
  }
  if (header.value.cells.join(",") !== columns.join(",")) {
    throw otherColumns(path, columns);
  }
  const rows: Record<string, string>[] = [];
  for (const { line, cells } of records) {
    if (cells.length !== columns.length) {
      throw new InvalidInput(`${path} line ${line}`, `${cells.length} cells`, `the header has ${columns.length} cells`);
    }
    rows.push(Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? ""])));
  }
  return rows;
}

function otherColumns(path: string, columns: readonly string[]): InvalidInput {
  return new InvalidInput("table", path, `has other columns than those that would be written: ${columns.join(",")}`);
}

async function writing<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new WorkFailed(`write ${path}`, systemErrorReason(error));
  }
}

async function reading<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new WorkFailed(`read ${path}`, systemErrorReason(error));
  }
}
