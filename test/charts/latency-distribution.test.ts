import { expect, test } from "vitest";
import {
  type LatencyDistributionInput,
  type LatencySeries,
  latencyDistributionChart,
} from "../../src/charts/latency-distribution.ts";
import { renderSvg } from "../../src/charts/render-svg.ts";
import { drawnTexts } from "./drawn-text.ts";

/** Evenly spread from 0 to 1 s: half of the requests are served within 500 ms. */
const even: LatencySeries = {
  name: "TTFT",
  points: [
    { share: 0, seconds: 0 },
    { share: 1, seconds: 1 },
  ],
  objectiveSeconds: 0.5,
};
const textsOf = async (series: readonly LatencySeries[], percentile = 90) => {
  const input: LatencyDistributionInput = { title: "t", series, percentile };
  return drawnTexts(await renderSvg(latencyDistributionChart(input), { theme: "light" })).map((drawn) => drawn.text);
};

test("of times spread evenly over a second 50 % are within 500 ms and the 90th percentile is 900 ms", async () => {
  const texts = await textsOf([even]);
  expect(texts).toContain("objective 500 ms");
  expect(texts).toContain("50 % within");
  expect(texts).toContain("p90 900 ms");
  expect(texts).toContain("Time to the first token (s)");
});

test("an objective before the first point has 0 % within, one past the last all that were served", async () => {
  const [, last] = even.points;
  const late = {
    ...even,
    points: [
      { share: 0.1, seconds: 0.2 },
      { ...last!, share: 0.995 },
    ],
  };
  expect(await textsOf([{ ...late, objectiveSeconds: 0.1 }])).toContain("0 % within");
  expect(await textsOf([{ ...late, objectiveSeconds: 0.2 }])).toContain("10 % within");
  expect(await textsOf([{ ...late, objectiveSeconds: 2 }])).toContain("99.5 % within");
});

test("a percentile past the points is the last time that is known, one before them the first", async () => {
  const points = [
    { share: 0.5, seconds: 0.4 },
    { share: 0.9, seconds: 0.8 },
  ];
  expect(await textsOf([{ ...even, points }], 99)).toContain("p99 800 ms");
  expect(await textsOf([{ ...even, points }], 10)).toContain("p10 400 ms");
  expect(await textsOf([{ ...even, points }], 70)).toContain("p70 600 ms");
});

test("each time has a panel of its own, without a rule where it has no objective", async () => {
  const texts = await textsOf([
    even,
    { ...even, name: "TPOT", objectiveSeconds: null },
    { ...even, name: "end to end" },
  ]);
  expect(texts.filter((text) => text === "Requests (%)").length).toBe(3);
  expect(texts.filter((text) => text === "objective 500 ms").length).toBe(4);
  expect(texts.some((text) => text.startsWith("Time an output token ("))).toBe(true);
  expect(texts.some((text) => text.startsWith("Time end to end ("))).toBe(true);
});
