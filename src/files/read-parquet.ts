/**
 * A Parquet file's columns. hyparquet and its decompressors (ZSTD above all) are loaded only when one is read.
 * The choice: docs/decisions/006-hyparquet.md.
 */
import { columnarTable, type ForeignTable } from "../measurement/import/foreign-file.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";

/** "PAR1", with which such a file begins and ends. */
const magic = [0x50, 0x41, 0x52, 0x31] as const;

/** As many as a CSV of 200 MB holds, and some. */
const mostRows = 5_000_000;

export function isParquet(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && magic.every((byte, i) => bytes[i] === byte);
}

/**
 * @param name the file's name, for the messages
 * @throws InvalidInput for bytes that are no Parquet file, or one that is damaged or nested
 */
export async function readParquet(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<ForeignTable> {
  const [{ parquetMetadataAsync, parquetRead }, { compressors }] = await Promise.all([
    import("hyparquet"),
    import("hyparquet-compressors"),
  ]);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const file = { byteLength: buffer.byteLength, slice: (start: number, end?: number) => buffer.slice(start, end) };
  try {
    const metadata = await parquetMetadataAsync(file);
    const rowCount = Number(metadata.num_rows);
    if (!(rowCount <= mostRows))
      throw new InvalidInput("table", name, `has ${rowCount} rows, at most ${mostRows} are read`);
    const columns = new Map<string, unknown[]>();
    const filled = new Map<string, number>();
    for (const { name: column, num_children } of metadata.schema.slice(1)) {
      if (num_children !== undefined) throw new InvalidInput("table", name, `its column ${column} is nested`);
      columns.set(column, new Array(rowCount));
    }
    await parquetRead({
      file,
      metadata,
      compressors,
      onChunk({ columnName, columnData, rowStart }) {
        const column = columns.get(columnName);
        filled.set(columnName, (filled.get(columnName) ?? 0) + columnData.length);
        if (column !== undefined) for (let i = 0; i < columnData.length; i++) column[rowStart + i] = columnData[i];
      },
    });
    for (const [column, values] of columns) {
      if (filled.get(column) !== rowCount)
        throw new Error(`column ${column} has ${filled.get(column) ?? 0} of ${rowCount} rows`);
      if (values.length !== rowCount) throw new Error(`column ${column} has too many rows`);
    }
    return columnarTable(name, columns);
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new InvalidInput("table", name, `no Parquet file that can be read (${reason})`);
  }
}
