import { expect, test } from "vitest";
import { type PlanMemoryInput, planMemoryChart } from "../../src/charts/plan-memory.ts";
import { renderSvg } from "../../src/charts/render-svg.ts";
import { themeColours } from "../../src/charts/theme.ts";
import { drawnTexts } from "./drawn-text.ts";

const bar = (capacityBytes: number, label = "TP 2") => ({
  label,
  parts: [
    { name: "weights", bytes: 35e9 },
    { name: "cache", bytes: 25e9 },
    { name: "reserve", bytes: 8e9 },
    { name: "free", bytes: Math.max(0, capacityBytes - 68e9) },
  ],
  capacityBytes,
});
const chart = (input: Omit<PlanMemoryInput, "title">) => planMemoryChart({ title: "t", ...input });
const svgOf = (input: Omit<PlanMemoryInput, "title">) => renderSvg(chart(input), { theme: "light" });

test("35 GB of weights and 25 GB of cache are 60 GB of 80 GB; the reserve and what is free are not counted as used", async () => {
  const texts = drawnTexts(await svgOf({ bars: [bar(80e9)] })).map((drawn) => drawn.text);
  expect(texts).toContain("60 GB of 80 GB");
  expect(texts).toContain("grey: kept in reserve; rule: what the device has");
  for (const legend of ["weights", "cache"]) expect(texts).toContain(legend);
  for (const unlisted of ["reserve", "free"]) expect(texts).not.toContain(unlisted);
});

test("parts follow on each other from 0 in the order given", () => {
  const rows = chart({ bars: [bar(80e9)] }).data.values;
  expect(rows.map((row) => [row["from"], row["to"]])).toEqual([
    [0, 35e9],
    [35e9, 60e9],
    [60e9, 68e9],
    [68e9, 80e9],
  ]);
});

test("a plan of exactly the capacity is written in black, one of a byte less capacity in the colour of the limit", async () => {
  const red = `fill="${themeColours.light.limit}"`;
  const texts = async (capacityBytes: number) =>
    (await svgOf({ bars: [bar(capacityBytes)] })).match(/<text[^>]*>[^<]* of [^<]*</g)?.join("") ?? "";
  expect(await texts(68e9)).not.toContain(red);
  expect(await texts(68e9 - 1)).toContain(red);
});

test("two candidates of one name keep a bar each, and long names stay inside the picture", async () => {
  const long = "a candidate whose name is longer than any plot could give room to";
  const spec = chart({ bars: [bar(80e9, long), bar(141e9, long)] });
  expect(new Set(spec.data.values.map((row) => row["label"])).size).toBe(2);
  const svg = await renderSvg(spec, { theme: "light" });
  const [, width = 0] = (/viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []).map(Number);
  expect(width).toBeLessThanOrEqual(610);
  for (const text of drawnTexts(svg)) {
    expect(text.left).toBeGreaterThanOrEqual(-1);
    expect(text.right).toBeLessThanOrEqual(width + 1);
  }
});
