import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCsv } from "../../src/measurement/parse-csv.ts";

const cellsOf = (text: string) => [...parseCsv(text, "t.csv")].map((record) => record.cells);

describe("parseCsv", () => {
  it("reads plain cells, with either line end, with and without the last one", () => {
    for (const text of ["a,b\n1,2\n", "a,b\r\n1,2\r\n", "a,b\n1,2", "a,b\r\n1,2"]) {
      expect(cellsOf(text)).toEqual([
        ["a", "b"],
        ["1", "2"],
      ]);
    }
  });

  it("reads quoted commas, quotes and line breaks, and knows each record's line (RFC 4180, section 2)", () => {
    const text = 'a,"b, ""c"""\n"x\ny",z\n\nlast,"q"\r\n';
    expect([...parseCsv(text, "t.csv")]).toEqual([
      { line: 1, cells: ["a", 'b, "c"'] },
      { line: 2, cells: ["x\ny", "z"] },
      { line: 5, cells: ["last", "q"] },
    ]);
  });

  it("keeps empty cells, and a quote inside a cell that doesn't begin with one", () => {
    expect(cellsOf('a,,\n,"",5" disk\n')).toEqual([
      ["a", "", ""],
      ["", "", '5" disk'],
    ]);
    expect(cellsOf("")).toEqual([]);
    expect(cellsOf("\n\r\n")).toEqual([]);
  });

  it("refuses a quote that is never closed and text after a closing one", () => {
    expect(() => cellsOf('a,b\n1,"2\n3,4\n')).toThrow(/^invalid t\.csv line 2: .*a quote is never closed/);
    expect(() => cellsOf('a,b\n"1"x,2\n')).toThrow(/^invalid t\.csv line 2: x,2 .*wants a comma/);
  });

  it("gives back what was written, whatever the cells hold", () => {
    const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r\n", " ", "é"), maxLength: 6 });
    const record = fc.array(cell, { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), (records) => {
        const text = records
          .map((cells) => `${cells.map((each) => `"${each.replaceAll('"', '""')}"`).join(",")}\n`)
          .join("");
        expect(cellsOf(text)).toEqual(records);
      }),
    );
  });
});
