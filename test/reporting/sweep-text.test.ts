import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptySweepArrays, type SweepBlock } from "../../src/analysis/sweep-block.ts";
import { sweepEvaluator } from "../../src/analysis/sweep-chunk.ts";
import { sweepColumns, sweepNumberColumns, sweepSlot } from "../../src/analysis/sweep-columns.ts";
import { sweepRows } from "../../src/analysis/sweep-grid.ts";
import { sweepHeader, sweepTextWriter } from "../../src/reporting/sweep-text.ts";
import { rowsOf, rowsOfCsv, smallGrid } from "../support/small-sweep.ts";

const grid = smallGrid({ attentions: ["as-is", "mqa", "gqa:4"], batches: [1, 300], contexts: [512, 8192] });
const block = sweepEvaluator(grid)(0, sweepRows(grid));
const text = (format: "csv" | "ndjson", of: SweepBlock = block): string =>
  new TextDecoder().decode(sweepTextWriter(format)(of));

describe("sweepTextWriter", () => {
  it("writes CSV that holds the rows' values exactly", () => {
    expect(rowsOfCsv(sweepHeader("csv") + text("csv"))).toEqual(rowsOf(block));
  });

  it("writes NDJSON that holds the rows' values exactly, columns in their order", () => {
    const lines = text("ndjson").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(rowsOf(block));
    expect(Object.keys(JSON.parse(lines[0] ?? ""))).toEqual(sweepColumns.map(({ name }) => name));
    expect(sweepHeader("ndjson")).toBe("");
  });

  it("writes any number as JSON would", () => {
    const slot = sweepSlot("totals_flops");
    const write = sweepTextWriter("ndjson");
    const written = (value: number): string => {
      const { codes, numbers } = emptySweepArrays(1);
      numbers[slot] = value;
      const line = new TextDecoder().decode(write({ ...block, rows: 1, codes, numbers }));
      return /"totals_flops":([^,]*)/.exec(line)?.[1] ?? "";
    };
    for (const value of [
      0,
      9,
      10,
      999_999_999,
      1e9,
      1e9 + 1,
      1e18,
      2 ** 53 - 1,
      2 ** 53,
      1e21,
      1e-7,
      0.1,
      -1,
      5e-324,
    ]) {
      expect(written(value)).toBe(JSON.stringify(value));
    }
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeNat(), fc.double({ noNaN: true, noDefaultInfinity: true })), (value) => {
        expect(written(value)).toBe(JSON.stringify(value));
      }),
    );
  });

  it("quotes texts that need it, and keeps a formula a text", () => {
    const { codes, numbers } = emptySweepArrays(1);
    codes.fill(0);
    numbers.fill(1);
    const line = (word: string) => text("csv", { ...block, rows: 1, words: [word], codes, numbers });
    expect(line('a "b", c')).toMatch(/^"a ""b"", c",/);
    expect(line("=1+1")).toMatch(/^'=1\+1,/);
    expect(line("naïve")).toMatch(/^naïve,/);
    expect(numbers).toHaveLength(sweepNumberColumns);
  });

  it("hands out bytes that the next block leaves alone", () => {
    const write = sweepTextWriter("csv");
    const first = write(block);
    const before = new TextDecoder().decode(first);
    write({ ...block, rows: 1 });
    expect(new TextDecoder().decode(first)).toBe(before);
  });
});
