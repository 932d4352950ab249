import { describe, expect, it } from "vitest";
import { traceBuilder } from "../../src/serving/trace-builder.ts";

const columns = { arrival: 0, input: 1, output: 2, arrivalUnitSeconds: 1 };

function built(rows: readonly (readonly unknown[])[]) {
  const builder = traceBuilder("t.csv", columns);
  for (const [i, row] of rows.entries()) builder.add(i + 2, row);
  return builder.finish();
}

describe("traceBuilder", () => {
  it("begins at the first request", () => {
    const { trace, notes } = built([
      ["100", "7", "1"],
      [100.5, 8, "2.0"],
      ["103", " 9 ", 3],
    ]);
    expect(trace).toEqual({
      name: "t.csv",
      arrivalSeconds: Float64Array.of(0, 0.5, 3),
      inputTokens: Uint32Array.of(7, 8, 9),
      outputTokens: Uint32Array.of(1, 2, 3),
    });
    expect(notes).toEqual([]);
  });

  it("sorts what is less than a second early, with a note, each row whole", () => {
    const { trace, notes } = built([
      [5, 1, 1],
      [4.5, 2, 2],
      [4.5, 3, 3],
      [6, 4, 4],
    ]);
    expect([...trace.arrivalSeconds]).toEqual([0, 0, 0.5, 1.5]);
    expect([...trace.inputTokens]).toEqual([2, 3, 1, 4]);
    expect([...trace.outputTokens]).toEqual([2, 3, 1, 4]);
    expect(notes).toEqual(["2 of 4 requests came before the one above them, by less than 1 s; they were sorted"]);
  });

  it("refuses a second early, counted from the latest before, with the line and by how much", () => {
    expect(() =>
      built([
        [5, 1, 1],
        [4.001, 1, 1],
        [5, 1, 1],
      ]),
    ).not.toThrow();
    expect(() =>
      built([
        [5, 1, 1],
        [4.5, 1, 1],
        [4, 1, 1],
      ]),
    ).toThrow("invalid t.csv line 4, arrival: 4 (out of order: 1.00 s before the row with the latest arrival so far)");
  });

  it("notes a pause longer than 10 min and 100 mean gaps, and none at that", () => {
    const every = (gap: number, count: number, from = 0): number[] =>
      Array.from({ length: count }, (_, i) => from + gap * i);
    const notesOf = (arrivals: number[]): readonly string[] => built(arrivals.map((at) => [at, 1, 1])).notes;
    expect(notesOf([...every(1, 1000), ...every(1, 1000, 999 + 600)])).toEqual([]);
    expect(notesOf([...every(1, 1000), ...every(1, 1000, 999 + 601)])).toEqual([
      "no request for 601 s after request 1000, 999 s into the trace; the mean rate counts them too",
    ]);
    // 100 mean gaps of 20 s are 33 min.
    expect(notesOf([...every(20, 1000), ...every(20, 1000, 19_980 + 1900)])).toEqual([]);
    expect(notesOf([...every(20, 1000), ...every(20, 1000, 19_980 + 2300)])).toHaveLength(1);
    expect(notesOf([...every(1, 500), ...every(1, 500, 1500), ...every(1, 500, 4000)])[0]).toContain(
      ", the longest of 2 pauses",
    );
  });

  it.each([
    [["", 1, 1], "invalid t.csv line 2, arrival: nothing (wants a number or a date and time"],
    [["soon", 1, 1], "invalid t.csv line 2, arrival: soon"],
    [["NaN", 1, 1], "invalid t.csv line 2, arrival: NaN"],
    [["1e400", 1, 1], "invalid t.csv line 2, arrival: 1e400"],
    [["1700161097979", 1, 1], "wants seconds; the name of a column of milliseconds ends with _ms"],
    [[], "invalid t.csv line 2, arrival: nothing"],
    [[1, 0, 1], "invalid t.csv line 2, input: 0 (wants a whole number of tokens, at least 1)"],
    [[1, "-3", 1], "invalid t.csv line 2, input: -3"],
    [[1, "", 1], "invalid t.csv line 2, input: nothing"],
    [[1, "1.5", 1], "invalid t.csv line 2, input: 1.5"],
    [[1, "1e3", 1], "invalid t.csv line 2, input: 1e3"],
    [[1, null, 1], "invalid t.csv line 2, input: nothing"],
    [[1, 5_000_000_000, 1], "invalid t.csv line 2, input: 5000000000"],
    [[1, 1], "invalid t.csv line 2, output: nothing"],
    [[1, 1, "many"], "invalid t.csv line 2, output: many"],
  ])("refuses %j", (row, message) => {
    expect(() => built([row])).toThrow(message);
  });

  it("refuses a trace without a request", () => {
    expect(() => built([])).toThrow("invalid t.csv: no request (wants a row at least below the header)");
  });
});
