/**
 * Writes a sweep's rows as Parquet, a row group as soon as it is full, so that memory stays flat however many rows there are.
 * What grows is the footer alone, a few kB a row group. Every column may be null; whole numbers are INT64, other numbers
 * DOUBLE, flags BOOLEAN, texts UTF-8; pages are compressed with Snappy.
 */
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { SweepBlock } from "../analysis/sweep-block.ts";
import {
  type SweepColumn,
  type SweepColumnKind,
  sweepColumns,
  sweepNumberColumns,
  sweepTextColumns,
} from "../analysis/sweep-columns.ts";

/** Rows of a group: large enough for dictionaries and compression to pay, small enough for some 100 MB of memory. */
export const parquetGroupRows = 32_768;

export interface ParquetRowWriter {
  /** Settles when the rows are kept or written. */
  write(block: SweepBlock): Promise<void>;
  /** Writes the last group and the footer. */
  finish(): Promise<void>;
}

/** @param writeOut takes bytes in their order; the next are handed over only when it has settled */
export function parquetRowWriter(writeOut: (bytes: Uint8Array) => Promise<void>): ParquetRowWriter {
  const bytes = new ByteWriter(1 << 20);
  const writer = new ParquetWriter({ writer: bytes, schema: schema(), codec: "SNAPPY", createdBy: "ridgepoint" });
  const columns = sweepColumns.map(() => new Array<ParquetCell>(parquetGroupRows).fill(null));
  let filled = 0;

  const flush = async (): Promise<void> => {
    const { buffer, index } = bytes;
    await writeOut(new Uint8Array(buffer, 0, index));
    // `offset`, which the footer's addresses are made of, goes on counting.
    bytes.index = 0;
  };
  const writeGroup = async (): Promise<void> => {
    const columnData = sweepColumns.map(({ name }, i) => ({
      name,
      data: (columns[i] as ParquetCell[]).slice(0, filled),
    }));
    await writer.write({ columnData, rowGroupSize: parquetGroupRows });
    filled = 0;
    await flush();
  };

  return {
    async write(block): Promise<void> {
      for (let from = 0; from < block.rows; ) {
        const to = Math.min(block.rows, from + parquetGroupRows - filled);
        sweepColumns.forEach((column, i) => {
          fill(column, block, from, to, columns[i] as ParquetCell[], filled);
        });
        filled += to - from;
        from = to;
        if (filled === parquetGroupRows) await writeGroup();
      }
    },
    async finish(): Promise<void> {
      if (filled > 0) await writeGroup();
      await writer.finish();
      await flush();
    },
  };
}

type ParquetCell = string | number | bigint | boolean | null;

function fill(
  { kind, slot }: SweepColumn,
  block: SweepBlock,
  from: number,
  to: number,
  into: ParquetCell[],
  at: number,
): void {
  if (kind === "text") {
    for (let row = from; row < to; row++) {
      const code = block.codes[row * sweepTextColumns + slot] as number;
      into[at++] = code < 0 ? null : (block.words[code] as string);
    }
    return;
  }
  for (let row = from; row < to; row++) {
    const value = block.numbers[row * sweepNumberColumns + slot] as number;
    into[at++] = Number.isNaN(value)
      ? null
      : kind === "number"
        ? value
        : kind === "whole"
          ? BigInt(value)
          : value === 1;
  }
}

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]["schema"][number];

function schema(): SchemaElement[] {
  return [
    { name: "root", num_children: sweepColumns.length },
    ...sweepColumns.map(({ name, kind }): SchemaElement => ({ name, repetition_type: "OPTIONAL", ...physical[kind] })),
  ];
}

const physical: Readonly<Record<SweepColumnKind, Pick<SchemaElement, "type" | "converted_type">>> = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  whole: { type: "INT64" },
  number: { type: "DOUBLE" },
  flag: { type: "BOOLEAN" },
};
