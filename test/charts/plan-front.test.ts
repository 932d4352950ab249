import { expect, test } from "vitest";
import { type PlanFrontInput, planFrontChart } from "../../src/charts/plan-front.ts";
import { renderSvg } from "../../src/charts/render-svg.ts";
import { drawnTexts } from "./drawn-text.ts";
import { chartSamples } from "./samples.ts";

const point = { label: "TP 2", hardware: "H100", xSeconds: 0.02, y: 2, onFront: true, isBest: false };
const input: PlanFrontInput = {
  title: "t",
  yKind: "cost per million tokens",
  objectiveSeconds: 0.04,
  points: [point, { ...point, label: "TP 4", xSeconds: 0.01, y: 4, isBest: true }],
};
const textsOf = async (chart: PlanFrontInput) =>
  drawnTexts(await renderSvg(planFrontChart(chart), { theme: "light" })).map((drawn) => drawn.text);

test("the best plan is named in the plot and above it, the objective at its rule, the axes with percentile and currency", async () => {
  const texts = await textsOf({ ...input, percentile: 99, currency: "EUR" });
  expect(texts).toContain("TP 4");
  expect(planFrontChart(input).title.subtitle).toContain("ring: the best, TP 4");
  expect(texts).toContain("objective 40 ms");
  expect(texts).toContain("Time an output token, p99 (ms)");
  expect(texts).toContain("Cost (EUR per million tokens)");
});

test("without an objective there is no rule, and the other kind is the output of a device, in full digits", async () => {
  const texts = await textsOf({
    ...input,
    objectiveSeconds: null,
    yKind: "tokens a second and device",
    points: [
      { ...point, y: 9000 },
      { ...point, xSeconds: 0.03, y: 21_000 },
    ],
  });
  expect(texts.some((text) => text.startsWith("objective"))).toBe(false);
  expect(texts).toContain("Output a device (tokens/s)");
  expect(texts).toContain("20,000");
});

test("the line joins the front in the order of time and no other plan, by steps", () => {
  const layers = planFrontChart({
    ...input,
    points: [...input.points, { ...point, xSeconds: 0.03, y: 3, onFront: false }],
  })["layer"] as unknown as readonly { mark: { type: string; interpolate?: string }; data?: { values: unknown } }[];
  const lines = layers.filter((layer) => layer.mark.type === "line");
  expect(lines.map((line) => line.mark.interpolate)).toEqual(["step-after"]);
  expect(lines[0]?.data?.values).toEqual([
    { x: 0.01, y: 4 },
    { x: 0.02, y: 2 },
  ]);
});

test("hollow marks are explained where a plan misses an objective, and only there", () => {
  const missing = { ...input, points: [...input.points, { ...point, xSeconds: 0.05, fails: true }] };
  expect(planFrontChart(missing).title.subtitle).toContain(
    "line: the front; faint: off it; hollow: misses an objective",
  );
  expect(planFrontChart(input).title.subtitle).toContain("line: the front; faint: off it");
});

test("eight machines of twenty plans each keep their names in the legend and inside the picture", async () => {
  const points = Array.from({ length: 160 }, (_, i) => ({
    ...point,
    hardware: `Machine ${i % 8} with a long name`,
    xSeconds: 0.005 * (1 + i),
    y: 1 + (i % 20),
  }));
  const svg = await renderSvg(planFrontChart({ ...input, points }), { theme: "dark" });
  const [, width = 0] = (/viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []).map(Number);
  const texts = drawnTexts(svg);
  expect(texts.filter((text) => /^Machine \d with a long name$/.test(text.text)).length).toBe(8);
  expect(Math.max(...texts.map((text) => text.right))).toBeLessThanOrEqual(width + 1);
  expect(width).toBeLessThanOrEqual(610);
});

test("an objective or percentile of 0 is refused by name", () => {
  expect(() => planFrontChart({ ...input, objectiveSeconds: 0 })).toThrow(/objectiveSeconds/);
  expect(() => planFrontChart({ ...input, percentile: 0 })).toThrow(/percentile/);
  expect(() => planFrontChart(chartSamples["plan-front"])).not.toThrow();
});

test("a plan's name that has no room beside its hardware's stands alone, one that has stands with it", async () => {
  const best = { ...point, xSeconds: 0.01, y: 4, isBest: true };
  const named = (label: string) =>
    textsOf({ ...input, points: [point, { ...point, hardware: "L40S", xSeconds: 0.015 }, { ...best, label }] });
  expect(await named("2 × (TP 1) prefill + 2 × (TP 2) decode")).toContain("2 × (TP 1) prefill + 2 × (TP 2) decode");
  expect(await named("2 × (TP 4)")).toContain("2 × (TP 4), H100");
});
