import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { labelledLine, separated } from "../../src/cli/labelled-line.ts";

describe("labelledLine", () => {
  it("breaks before the part that has no room, one column more keeps it", () => {
    const parts = ["TTFT 45 ms,", "TPOT 30 ms"];
    expect(labelledLine("  times", parts, 9, 20)).toBe("  times  TTFT 45 ms,\n         TPOT 30 ms\n");
    expect(labelledLine("  times", parts, 9, 30)).toBe("  times  TTFT 45 ms,\n         TPOT 30 ms\n");
    expect(labelledLine("  times", parts, 9, 31)).toBe("  times  TTFT 45 ms, TPOT 30 ms\n");
  });

  it("never breaks a part, and loses none, however narrow the terminal", () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}( [a-z0-9]{1,8})?$/);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 80 }), (parts, width) => {
        const text = labelledLine("x", separated(parts, ","), 3, width);
        const lines = text.trimEnd().split("\n");
        expect(lines.map((line) => line.slice(3)).join(" ")).toBe(separated(parts, ",").join(" "));
        for (const line of lines) expect(line.length <= width || !line.slice(3).includes(", ")).toBe(true);
      }),
    );
  });
});

describe("separated", () => {
  it("ends all parts but the last with the separator", () => {
    expect(separated(["a", "b", "c"], ";")).toEqual(["a;", "b;", "c"]);
    expect(separated(["a"], ",")).toEqual(["a"]);
    expect(separated([], ",")).toEqual([]);
  });
});
