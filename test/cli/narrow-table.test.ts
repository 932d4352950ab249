import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leftOutText, narrowTable, type RankedColumn } from "../../src/cli/narrow-table.ts";

const columns: readonly RankedColumn[] = [
  { title: "name", align: "left", rank: 1 },
  { title: "why", align: "left", rank: 3 },
  { title: "n", rank: 2 },
];
const rows = [
  ["a", "because", "1"],
  ["bcde", "so", "20"],
];

describe("narrowTable", () => {
  it("prints everything where 17 columns of the terminal are enough, which is what it takes", () => {
    const { text, leftOut } = narrowTable(columns, rows, 17);
    expect(text).toBe("name  why       n\na     because   1\nbcde  so       20\n");
    expect(leftOut).toEqual([]);
  });

  it("leaves out the column that matters least where there are 16, and says which", () => {
    const { text, leftOut } = narrowTable(columns, rows, 16);
    expect(text).toBe("name   n\na      1\nbcde  20\n");
    expect(leftOut).toEqual(["why"]);
    expect(leftOutText(leftOut)).toBe("no room for why (--json has them)\n");
    expect(leftOutText([])).toBe("");
  });

  it("takes a narrower column in the place of one that is too wide, and keeps those of rank 1 however narrow", () => {
    const [name, why, n] = columns as [RankedColumn, RankedColumn, RankedColumn];
    expect(narrowTable([name, { ...why, rank: 2 }, { ...n, rank: 3 }], rows, 9).leftOut).toEqual(["why"]);
    expect(narrowTable(columns, rows, 1).text).toBe("name\na\nbcde\n");
  });

  it("is never wider than the terminal where the columns of rank 1 are not", () => {
    const cell = fc.string({ maxLength: 12, unit: "grapheme-ascii" }).map((text) => text.replace(/\s/g, "."));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }),
        fc.integer({ min: 12, max: 60 }),
        (cells, width) => {
          const { text, leftOut } = narrowTable(columns, cells, width);
          for (const line of text.trimEnd().split("\n")) expect(line.length).toBeLessThanOrEqual(width);
          expect(leftOut).not.toContain("name");
        },
      ),
    );
  });
});
