/** Cells are text, numbers' columns stand to the right. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { htmlTable } from "../../src/reporting/html-table.ts";

describe("htmlTable", () => {
  it("has a head and a line a row, columns marked with a colon to the right, unbroken", () => {
    expect(htmlTable(["a", "b:"], [["x", "1"]])).toBe(
      '<table><thead><tr><th style="text-align: left">a</th><th style="text-align: right">b</th></tr></thead><tbody>\n' +
        '<tr><td style="text-align: left">x</td><td style="text-align: right; white-space: nowrap">1</td></tr>\n</tbody></table>',
    );
  });

  it("makes no element of what a cell or a title holds, whatever it is", () => {
    const shape = (text: string): string => text.replace(/>[^<]*</g, "><");
    const plain = shape(htmlTable(["t", "u:"], [["a", "b"]]));
    const text = fc.oneof(fc.string(), fc.constant(`<script>alert("1")</script>`), fc.constant("'\"&<>"));
    fc.assert(
      fc.property(text, text, (title, cell) => {
        const titles = [`t${title}t`, "u:"];
        expect(shape(htmlTable(titles, [[cell, "b"]]))).toBe(plain);
      }),
    );
  });
});
