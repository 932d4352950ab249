import { describe, expect, it } from "vitest";
import { type RequestTrace, traceStream } from "../../src/serving/request-trace.ts";

const trace: RequestTrace = {
  name: "t.csv",
  arrivalSeconds: Float64Array.of(0, 1, 3),
  inputTokens: Uint32Array.of(10, 20, 30),
  outputTokens: Uint32Array.of(3, 2, 1),
};

function allOf(scale?: number) {
  const stream = traceStream(trace, scale === undefined ? {} : { scale });
  const request = { arrivalSeconds: -1, inputTokens: -1, outputTokens: -1 };
  const rows: number[][] = [];
  while (stream.next(request)) rows.push([request.arrivalSeconds, request.inputTokens, request.outputTokens]);
  // Nothing is filled after the last one.
  expect(stream.next(request)).toBe(false);
  expect(request.inputTokens).toBe(30);
  return rows;
}

describe("traceStream", () => {
  it("gives the requests as they came", () => {
    expect(allOf()).toEqual([
      [0, 10, 3],
      [1, 20, 2],
      [3, 30, 1],
    ]);
  });

  it("at twice the rate halves the gaps and keeps the lengths", () => {
    expect(allOf(2)).toEqual([
      [0, 10, 3],
      [0.5, 20, 2],
      [1.5, 30, 1],
    ]);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses the scale %d", (scale) => {
    expect(() => traceStream(trace, { scale })).toThrow(/^invalid scale: /);
  });
});
