import { expect, test } from "vitest";
import { renderSvg } from "../../src/charts/render-svg.ts";
import { type ServingTimelinePoint, servingTimelineChart } from "../../src/charts/serving-timeline.ts";
import { drawnTexts } from "./drawn-text.ts";

const point: ServingTimelinePoint = {
  seconds: 0,
  running: 8,
  waiting: 0,
  cacheShare: 0.25,
  tokensPerSecond: 400,
  preempted: 0,
};
const until = (last: number, changed: Partial<ServingTimelinePoint> = {}) =>
  servingTimelineChart({ title: "t", points: [point, { ...point, ...changed, seconds: last }] });
const textsOf = async (spec: ReturnType<typeof until>) =>
  drawnTexts(await renderSvg(spec, { theme: "light" })).map((drawn) => drawn.text);

test("a quarter of the cache is 25 % in the table, and all three panels and both states are named", async () => {
  const spec = until(10);
  expect(spec.data.values[0]?.["cachePercent"]).toBe(25);
  const texts = await textsOf(spec);
  for (const text of ["Requests (number)", "Cache in use (%)", "Output (tokens/s)", "running", "waiting"]) {
    expect(texts).toContain(text);
  }
});

test("time is in seconds to ten minutes, in minutes to three hours, then in hours", async () => {
  expect(await textsOf(until(600))).toContain("Time (s)");
  const minutes = await textsOf(until(601));
  expect(minutes).toContain("Time (min)");
  expect(minutes).toContain("10");
  expect(await textsOf(until(10_800))).toContain("Time (min)");
  expect(await textsOf(until(10_801))).toContain("Time (h)");
});

test("pre-emptions are counted in the note and ticked; without one there is neither", () => {
  const some = until(10, { preempted: 3 });
  expect(some.title.subtitle).toEqual(["ticks: 3 pre-emptions, requests pushed out of a full cache"]);
  expect(until(10).title.subtitle).toBeUndefined();
  expect(JSON.stringify(some)).toContain('"tick"');
  expect(JSON.stringify(until(10))).not.toContain('"tick"');
});

test("one point alone, at 0 s with nothing in it, is drawn without a warning", async () => {
  const warnings: string[] = [];
  const empty = { ...point, running: 0, cacheShare: 0, tokensPerSecond: 0 };
  const svg = await renderSvg(servingTimelineChart({ title: "t", points: [empty] }), {
    theme: "dark",
    onWarning: (message) => warnings.push(message),
  });
  expect(warnings).toEqual([]);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});
