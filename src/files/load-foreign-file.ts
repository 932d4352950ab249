/** A result file of another program, by its content: Parquet, JSON, JSON Lines or CSV. */
import { parseJson } from "../architecture/parse-json.ts";
import { columnarTable, type ForeignFile } from "../measurement/import/foreign-file.ts";
import { parseCsv } from "../measurement/parse-csv.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { isParquet, readParquet } from "./read-parquet.ts";
import { readFileBytes, readTextBytes } from "./read-text-file.ts";

/** Some 2 million rows; a whole engine's table has some thousand. */
export const maximumTableBytes: number = 200 * 1000 * 1000;

/**
 * @throws InvalidInput for a file that can't be read, is larger than 200 MB or empty, or is none of Parquet, JSON and CSV
 */
export async function loadForeignFile(path: string): Promise<ForeignFile> {
  const bytes = await readFileBytes(path, "table", maximumTableBytes);
  if (bytes.length === 0) throw new InvalidInput("table", path, "the file is empty");
  if (isParquet(bytes)) return await readParquet(bytes, path);
  const text = readTextBytes(bytes, path, "table");
  if (text.trim() === "") throw new InvalidInput("table", path, "the file is empty");
  return /^\s*[[{]/.test(text) ? { name: path, documents: documentsOf(text, path) } : csvTable(text, path);
}

/** One document, or one of each line; runs that list each of their tokens fill many megabytes. */
function documentsOf(text: string, path: string): unknown[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length > 1 && lines.every((line) => /^\s*\{.*\}\s*$/.test(line))) {
    return lines.map((line) => parseJson(line, path, "refuse", maximumTableBytes));
  }
  return [parseJson(text, path, "refuse", maximumTableBytes)];
}

function csvTable(text: string, path: string): ForeignFile {
  const records = parseCsv(text, path);
  const header = records.next();
  if (header.done === true) throw new InvalidInput("table", path, "the file is empty");
  const names = header.value.cells.map((column) => column.trim());
  const twice = names.find((column, index) => names.indexOf(column) !== index);
  if (twice !== undefined) throw new InvalidInput(`${path} header`, twice, "the column stands there twice");
  const columns = new Map<string, string[]>(names.map((column) => [column, []]));
  const each = [...columns.values()];
  const lines: number[] = [];
  for (const { line, cells } of records) {
    if (cells.length !== each.length) {
      throw new InvalidInput(`${path} line ${line}`, `${cells.length} cells`, `the header has ${each.length} cells`);
    }
    for (let index = 0; index < each.length; index++) each[index]?.push(cells[index] ?? "");
    lines.push(line);
  }
  return columnarTable(path, columns, lines);
}
