import { describe, expect, it } from "vitest";
import { csvRows } from "../../src/reporting/csv-text.ts";

describe("CSV of a report", () => {
  it("quotes what has to be, leaves null empty and rounds to 12 digits", () => {
    expect(
      csvRows(
        ["a", "b, c"],
        [
          [1 / 3, null],
          ['say "x"', true],
        ],
      ),
    ).toBe('a,"b, c"\n0.333333333333,\n"say ""x""",true\n');
  });
});
