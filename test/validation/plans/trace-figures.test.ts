import { describe, expect, test } from "vitest";
import { traceFigures } from "../../../src/validation/plans/trace-figures.ts";

const header = "source,trace,field,statistic,value,recalled,note";

function table(rows: readonly (readonly [trace: string, field: string, statistic: string, value: number])[]): string {
  return [
    header,
    ...rows.map(([trace, field, statistic, value]) => `a page,${trace},${field},${statistic},${value},no,`),
  ].join("\n");
}

const lengths = (trace: string, field: string, mean: number) =>
  [
    [trace, field, "count", 1000],
    [trace, field, "mean", mean],
    [trace, field, "min", 0],
    [trace, field, "p50", 100],
    [trace, field, "p90", 500],
    [trace, field, "max", 1000],
  ] as const;

describe("figures of traces", () => {
  const rows = [
    ...lengths("chat", "input_tokens", 220),
    ...lengths("chat", "output_tokens", 160),
    ["chat", "arrivals", "mean_rate_per_s", 2.5] as const,
    ...lengths("code", "input_tokens", 220),
  ];
  const [chat, ...others] = traceFigures(table(rows), "traces.csv");

  test("are lengths by their quantiles, and a rate", () => {
    expect(chat).toMatchObject({ name: "chat", requestsPerSecond: 2.5 });
    const { input } = chat!;
    expect([0.5, 0.9].map((share) => input.lengths.quantile(share))).toEqual([100, 500]);
    expect([input.lengths.smallest, input.lengths.largest]).toEqual([1, 1000]);
    expect(input.quantiles).toEqual({ p50: 100, p90: 500 });
  });

  test("have straight lines between quantiles where the mean says so: 25.25 + 120 + 75 tokens", () => {
    expect(chat!.input.lengths.mean).toBeCloseTo(220.25, 6);
  });

  test("have longer ones rarer where the mean is less than straight lines give, at the same quantiles", () => {
    const { output } = chat!;
    expect(output.lengths.mean).toBeLessThan(200);
    expect(output.lengths.quantile(0.7)).toBeLessThan(chat!.input.lengths.quantile(0.7));
    expect(output.lengths.quantile(0.9)).toBe(500);
  });

  test("without answers are left out, and so is a trace that repeats another", () => {
    expect(others).toEqual([]);
    const again = [...rows, ...lengths("copy", "input_tokens", 220), ...lengths("copy", "output_tokens", 160)];
    expect(traceFigures(table(again), "traces.csv").map(({ name }) => name)).toEqual(["chat"]);
  });

  test("without a rate say so", () => {
    const still = rows.filter(([, field]) => field !== "arrivals");
    expect(traceFigures(table(still), "traces.csv")[0]?.requestsPerSecond).toBeNull();
  });
});
