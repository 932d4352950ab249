import { describe, expect, it } from "vitest";
import { traceTimeReader } from "../../src/serving/trace-time.ts";

describe("traceTimeReader", () => {
  it("reads numbers in their unit", () => {
    const read = traceTimeReader(1e-3);
    expect([read("1500"), read(250), read(" 1e3 "), read("-5")]).toEqual([1.5, 0.25, 1, -0.005]);
  });

  it("reads dates since the first one, to the ten millionth of a second", () => {
    const read = traceTimeReader(1);
    expect(read("2023-11-16 18:17:03.9799600")).toBe(3.97996);
    expect(read("2023-11-16 18:17:04.0799601")).toBeCloseTo(4.0799601, 9);
    expect(read("2023-11-16 18:18:00.5")).toBe(60.5);
    expect(read("2023-11-17 18:17:00")).toBe(86_400);
  });

  it("takes T, Z and offsets", () => {
    const read = traceTimeReader(1);
    expect(read("2024-05-10T00:00:00.25+00:00")).toBe(0.25);
    expect(read("2024-05-10T02:00:01+02:00")).toBe(1);
    expect(read("2024-05-09 18:30:02-0530")).toBe(2);
    expect(read("2024-05-10t01:00:00z")).toBe(3600);
    expect(read("2024-05-10 03:00:00+03")).toBe(0);
  });

  it.each([
    "",
    " ",
    "soon",
    "2023-11-16",
    "18:17:03",
    "2023-13-16 18:17:03",
    "16/11/2023 18:17:03",
    "1,5",
    null,
    undefined,
    true,
  ])("answers NaN for %j", (cell) => {
    expect(traceTimeReader(1)(cell)).toBeNaN();
  });
});
