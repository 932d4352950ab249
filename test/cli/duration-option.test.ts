import { describe, expect, it } from "vitest";
import { duration } from "../../src/cli/duration-option.ts";

describe("duration", () => {
  it.each([
    ["90", 90],
    ["90s", 90],
    ["1.5 s", 1.5],
    ["2min", 120],
    ["500ms", 0.5],
    ["1h", 3600],
    [".5", 0.5],
  ])("reads %s as %d seconds", (text, seconds) => {
    expect(duration("budget", text)).toBeCloseTo(seconds, 12);
  });

  it.each(["", "0", "-3s", "soon", "3 days", "1e3", "constructor"])("refuses %s", (text) => {
    expect(() => duration("budget", text)).toThrow("invalid budget");
  });
});
