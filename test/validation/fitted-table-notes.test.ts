import { describe, expect, it } from "vitest";
import { fittedTableNotes } from "../../src/validation/fitted-table-notes.ts";
import { roundFit } from "../fixtures/synthetic-fit.ts";

const origin = {
  tables: [{ name: "linear.csv", sha256: "aa" }],
  heldOut: [
    { what: "linear, default, bf16", rows: 132, medianPercent: 2.64, maxPercent: 21.8 },
    { what: "whole steps", rows: 13, medianPercent: 0.6, maxPercent: 2 },
  ],
};

describe("fittedTableNotes", () => {
  it("knows a table by its hash, wherever it lies, and gives the errors of rows that the fit did not see", () => {
    const tables = [
      { name: "/data/renamed.csv", sha256: "aa" },
      { name: "linear.csv", sha256: "bb" },
    ];
    expect(fittedTableNotes(tables, [{ ...roundFit, origin }])).toEqual([
      "renamed.csv: these very rows were fitted by round-pytorch-graph; on rows that it did not see it was off by " +
        "(median, maximum) linear, default, bf16 2.6 %, 21.8 %; whole steps 0.6 %, 2.0 %",
    ]);
    expect(fittedTableNotes(tables, [{ ...roundFit, origin: { ...origin, heldOut: [] } }])).toEqual([
      expect.stringContaining("nothing was left out"),
    ]);
  });

  it("has none for other tables, and for fits of which nobody knows what they were made of", () => {
    expect(fittedTableNotes([{ name: "linear.csv", sha256: "bb" }], [{ ...roundFit, origin }])).toEqual([]);
    expect(fittedTableNotes([{ name: "linear.csv", sha256: "aa" }], [roundFit])).toEqual([]);
  });
});
