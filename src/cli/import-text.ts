/** What an import found, wrote and left out, for reading. */
import type { ImportedFile, WrittenTable } from "./write-imported.ts";

export function importText(files: readonly ImportedFile[], written: readonly WrittenTable[]): string {
  const lines = files.flatMap(({ file, format, tables }) =>
    tables.flatMap(({ kind, records, notConverted }) => [
      `${file} (${format}): ${counted(records.length)} of ${kind}`,
      ...notConverted.map(
        ({ rows, reason, line }) => `  not converted: ${counted(rows)}: ${reason} (first at line ${line})`,
      ),
    ]),
  );
  return `${[...lines, ...written.map(({ path, rows }) => `wrote ${path}: ${counted(rows)}`)].join("\n")}\n`;
}

function counted(rows: number): string {
  return `${rows.toLocaleString("en-US")} row${rows === 1 ? "" : "s"}`;
}
