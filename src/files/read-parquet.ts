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
    for (const { name: column, num_children } of metadata.schema.slice(1)) {
      if (num_children !== undefined) throw new InvalidInput("table", name, `its column ${column} is nested`);
      const values: unknown[] = [];
      // A column at a time: where several of a damaged file failed together, one would end the program.
      for (const [rowStart, rowEnd] of rowGroups(metadata.row_groups)) {
        const onChunk = ({ columnData }: { readonly columnData: ArrayLike<unknown> }): void => {
          for (let i = 0; i < columnData.length; i++) values.push(columnData[i]);
        };
        await parquetRead({ file, metadata, compressors, columns: [column], rowStart, rowEnd, onChunk });
      }
      if (values.length !== rowCount) throw new Error(`column ${column} has ${values.length} of ${rowCount} rows`);
      columns.set(column, values);
    }
    return columnarTable(name, columns);
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new InvalidInput("table", name, `no Parquet file that can be read (${reason})`);
  }
}

/** First row of each group, and the one after its last. */
function rowGroups(groups: readonly { readonly num_rows: bigint }[]): [start: number, end: number][] {
  let start = 0;
  return groups.map(({ num_rows }) => {
    const from = start;
    start += Number(num_rows);
    return [from, start];
  });
}
