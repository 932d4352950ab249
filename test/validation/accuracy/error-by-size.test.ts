import { expect, test } from "vitest";
import { errorBySize } from "../../../src/validation/accuracy/error-by-size.ts";

function rows(count: number, bytes: number) {
  const call = { memorySeconds: 1, computeSeconds: 0, kernels: 1 };
  return Array.from({ length: count }, (_, i) => ({
    ...{ call, operations: [call], group: "", bytes, seconds: 100 },
    predictedSeconds: 100 + (i % 2 === 0 ? 1 : -1) * (i + 1),
  }));
}

test("20 rows of 5 MB, 1 to 20 % off either way: from 1 MB, median 10.5 %, 90th percentile 18 %", () => {
  const [only, ...others] = errorBySize(rows(20, 5e6));
  expect(others).toEqual([]);
  expect(only).toMatchObject({ fromBytes: 1e6, rows: 20 });
  expect(only?.medianPercent).toBeCloseTo(10.5, 9);
  expect(only?.percentile90).toBeCloseTo(18, 9);
});

test("decades are sorted, begin with their power of ten, and fall away below 20 rows", () => {
  const found = errorBySize([...rows(20, 1e9), ...rows(19, 1e4), ...rows(21, 999), ...rows(20, 1000)]);
  expect(found.map((each) => [each.fromBytes, each.rows])).toEqual([
    [100, 21],
    [1000, 20],
    [1e9, 20],
  ]);
});
