import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import { sweepEvaluator } from "../../src/analysis/sweep-chunk.ts";
import { sweepColumns } from "../../src/analysis/sweep-columns.ts";
import { sweepRows } from "../../src/analysis/sweep-grid.ts";
import { parquetGroupRows, parquetRowWriter } from "../../src/files/parquet-row-writer.ts";
import { rowsOf, smallGrid } from "../support/small-sweep.ts";

/** Some rows that fit, some that don't, some invalid, and more than one row group. */
const grid = smallGrid({
  attentions: ["as-is", "gqa:5"],
  batches: Array.from({ length: 300 }, (_, i) => i + 1),
  contexts: Array.from({ length: 64 }, (_, i) => 64 * (i + 1)),
});
const rows = sweepRows(grid);

describe("parquetRowWriter", () => {
  it("writes rows that a reader finds again, group by group", async () => {
    expect(rows).toBeGreaterThan(parquetGroupRows);
    const evaluate = sweepEvaluator(grid);
    const parts: Uint8Array[] = [];
    const writer = parquetRowWriter(async (bytes) => {
      parts.push(bytes.slice());
    });
    const expected: unknown[] = [];
    for (let from = 0; from < rows; from += 5000) {
      const block = evaluate(from, Math.min(rows, from + 5000));
      await writer.write(block);
      expected.push(...rowsOf(block));
    }
    expect(parts).toHaveLength(1);
    await writer.finish();
    const file = Buffer.concat(parts);
    const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.length) as ArrayBuffer;

    const metadata = parquetMetadata(buffer);
    expect(Number(metadata.num_rows)).toBe(rows);
    expect(metadata.row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([
      parquetGroupRows,
      rows - parquetGroupRows,
    ]);
    expect(metadata.schema.slice(1).map(({ name }) => name)).toEqual(sweepColumns.map(({ name }) => name));
    const read = await parquetReadObjects({ file: buffer });
    const plain = read.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value]),
      ),
    );
    expect(plain).toEqual(expected);
  });
});
