import { expect, test } from "vitest";
import { type LargestBatchLine, largestBatchChart } from "../../src/charts/largest-batch.ts";
import { renderSvg } from "../../src/charts/render-svg.ts";
import { drawnTexts } from "./drawn-text.ts";

const line: LargestBatchLine = {
  label: "GQA 32/8, bf16 K/V",
  points: [
    { context: 1024, batch: 64 },
    { context: 32_768, batch: 2 },
    { context: 131_072, batch: 0 },
  ],
  longestContext: 65_536,
};
const chart = (lines: readonly LargestBatchLine[]) => largestBatchChart({ title: "t", lines });
const textsOf = async (lines: readonly LargestBatchLine[]) =>
  drawnTexts(await renderSvg(chart(lines), { theme: "light" })).map((drawn) => drawn.text);

test("a line ends at a batch of 1 with the longest context beside it, and a batch of 0 is in the table only", async () => {
  const spec = chart([line]);
  expect(spec.data.values.map((row) => row["fits"])).toEqual([true, true, false]);
  const drawn = (spec["layer"] as unknown as readonly { data: { values: readonly { x: number; y: number }[] } }[])[0];
  expect(drawn?.data.values.map(({ x, y }) => [x, y])).toEqual([
    [1024, 64],
    [32_768, 2],
    [65_536, 1],
  ]);
  const texts = await textsOf([line]);
  expect(texts.filter((text) => text === "64k").length).toBeGreaterThanOrEqual(2);
  expect(texts).toContain("ring: the longest context of one request");
});

test("an end up to four times past the last point is marked, one a token farther or unknown is not", async () => {
  const marked = "ring: the longest context of one request";
  expect(await textsOf([{ ...line, longestContext: 524_288 }])).toContain(marked);
  expect(await textsOf([{ ...line, longestContext: 524_289 }])).not.toContain(marked);
  expect(await textsOf([{ ...line, longestContext: null }])).not.toContain(marked);
});

test("longest contexts are rounded down to whole k, above a million to a tenth of an M, below 10,000 not at all", async () => {
  const ending = (longestContext: number) => textsOf([{ ...line, longestContext }]);
  expect(await ending(100_351)).toContain("97k");
  expect(await ending(9_999)).toContain("9,999");
  const far = { ...line, points: [...line.points, { context: 1_048_576, batch: 0 }], longestContext: 1_800_000 };
  expect(await textsOf([far])).toContain("1.7M");
});

test("of three ends in one place two are written, over and under it", async () => {
  const ends = ["a", "b", "c"].map((label) => ({ ...line, label, longestContext: 70_000 }));
  // Each with its halo.
  expect((await textsOf(ends)).filter((text) => text === "68k").length).toBe(4);
});

test("where nothing fits at any context the axes are drawn without a warning", async () => {
  const warnings: string[] = [];
  const none = { ...line, points: [{ context: 1024, batch: 0 }], longestContext: null };
  const svg = await renderSvg(chart([none]), { theme: "light", onWarning: (message) => warnings.push(message) });
  expect(warnings).toEqual([]);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});
