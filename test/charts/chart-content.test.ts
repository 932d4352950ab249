import { expect, test } from "vitest";
import { bytesByPartChart } from "../../src/charts/bytes-by-part.ts";
import { memoryByContextChart } from "../../src/charts/memory-by-context.ts";
import { publishedAgainstCountedChart } from "../../src/charts/published-against-counted.ts";
import { renderSvg } from "../../src/charts/render-svg.ts";
import { rooflineChart } from "../../src/charts/roofline.ts";
import { sensitivityChart } from "../../src/charts/sensitivity.ts";
import { speedupHeatmapChart } from "../../src/charts/speedup-heatmap.ts";
import { timeByContextChart } from "../../src/charts/time-by-context.ts";
import { drawnTexts } from "./drawn-text.ts";
import { chartSamples } from "./samples.ts";

const textsOf = async (spec: Parameters<typeof renderSvg>[0]) =>
  drawnTexts(await renderSvg(spec, { theme: "light" })).map((drawn) => drawn.text);

test("an H100's ridge at 989 TFLOP/s and 3.35 TB/s is 295 FLOP a byte; formats of one rate share a ceiling", async () => {
  const texts = await textsOf(rooflineChart(chartSamples.roofline));
  expect(texts).toContain("ridge 295 FLOP/B");
  expect(texts).toContain("bf16, fp16 989 TFLOP/s");
  expect(texts).toContain("fp8 1.98 PFLOP/s");
  expect(texts).toContain("memory 3.35 TB/s");
  expect(texts).toContain("attention core (MHA)");
  expect(texts).toContain("Arithmetic intensity (FLOP per byte)");
});

test("a cache that operations come from has a roof of its own, named with its bandwidth", async () => {
  const { machine, ...rest } = chartSamples.roofline;
  const caches = [{ name: "L2", bandwidthBytesPerSecond: 5.5e12 }];
  const spec = rooflineChart({ ...rest, machine: { ...machine, caches } });
  const texts = await textsOf(spec);
  expect(texts).toContain("L2 5.5 TB/s");
  expect(texts).toContain("memory 3.35 TB/s");
  expect(spec.description).toContain("L2 roof 5.5 TB/s");
  const bad = [{ name: "L2", bandwidthBytesPerSecond: 0 }];
  expect(() => rooflineChart({ ...rest, machine: { ...machine, caches: bad } })).toThrow(/caches\[0\]/);
});

test("operations without FLOPs are named, not drawn, and stand in the table", () => {
  const spec = rooflineChart(chartSamples.roofline);
  expect(spec.title.subtitle?.join(" ")).toContain("not drawn, without FLOPs: embedding lookup");
  expect(spec.data.values.some((row) => row.operation === "embedding lookup")).toBe(true);
});

test("a step that does not fit is dashed and hollow and named in the legend; where all fit, nothing is", async () => {
  const base = { title: "t", rows: [{ series: "MHA", context: 1024, stepSeconds: 0.005, fits: true }] };
  const far = { series: "MHA", context: 2048, stepSeconds: 0.006, fits: false };
  const dashed = await renderSvg(timeByContextChart({ ...base, rows: [...base.rows, far] }), { theme: "light" });
  expect(dashed).toContain('stroke-dasharray="4,4"');
  expect(dashed).toContain("does not fit: time if it did");
  const near = await renderSvg(timeByContextChart({ ...base, rows: [...base.rows, { ...far, fits: true }] }), {
    theme: "light",
  });
  expect(near).not.toContain("does not fit");
  const alone = timeByContextChart({ ...base, rows: [far] });
  expect(alone.title.subtitle).toEqual(["hollow: does not fit: time if it did"]);
});

test("bars carry their totals", async () => {
  const texts = await textsOf(
    bytesByPartChart({
      title: "t",
      rows: [{ series: "MHA", context: 4096, weightBytes: 13e9, kvBytes: 2e9, activationBytes: 0 }],
    }),
  );
  expect(texts).toContain("15 GB");
  expect(texts).toContain("Context 4k");
});

test("a cell that does not fit has no number, one whose baseline does not fit a star", async () => {
  const row = { series: "MQA", batch: 1, context: 1024, speedup: 1.5, fits: true, baselineFits: true };
  const spec = speedupHeatmapChart({
    title: "t",
    baseline: "MHA",
    rows: [
      row,
      { ...row, batch: 2, speedup: 12.34, baselineFits: false },
      { ...row, batch: 4, speedup: 3, fits: false },
    ],
  });
  const texts = await textsOf(spec);
  expect(texts).toContain("1.50");
  expect(texts).toContain("12.3*");
  expect(texts).toContain("–");
  expect(texts).not.toContain("3.00");
  expect(spec.data.values[2]?.speedup).toBeNull();
});

test("a heat map of nothing that fits is drawn without a warning", async () => {
  const warnings: string[] = [];
  const row = { series: "MQA", batch: 1, context: 1024, speedup: null, fits: false, baselineFits: false };
  await renderSvg(speedupHeatmapChart({ title: "t", baseline: "MHA", rows: [row] }), {
    theme: "dark",
    onWarning: (message) => warnings.push(message),
  });
  expect(warnings).toEqual([]);
});

test("exactly the capacity fits, a byte more does not", () => {
  const rows = [
    { series: "MQA", at: 1, weightBytes: 10e9, cacheBytes: 6e9 },
    { series: "MQA", at: 2, weightBytes: 10e9, cacheBytes: 6e9 + 1 },
  ];
  const spec = memoryByContextChart({ title: "t", by: "batch", capacityBytes: 16e9, rows });
  expect(spec.data.values.map((row) => row.fits)).toEqual([true, false]);
});

test("the share explained is counted over published", async () => {
  const spec = publishedAgainstCountedChart({
    title: "t",
    per: "token",
    rows: [{ group: "Decoder", model: "multi-query", countedSeconds: 1.9e-6, publishedSeconds: 3.8e-6 }],
  });
  expect(spec.data.values[0]?.sharePercent).toBe(50);
  expect(await textsOf(spec)).toContain("50 %");
});

test("changes are sorted by what they save; one that costs time stands last with a minus sign", async () => {
  const spec = sensitivityChart({
    title: "t",
    stepSeconds: 0.01,
    rows: [
      { change: "worse", stepSeconds: 0.011 },
      { change: "same", stepSeconds: 0.01 },
      { change: "half", stepSeconds: 0.005 },
    ],
  });
  expect(spec.data.values.map((row) => row.change)).toEqual(["half", "same", "worse"]);
  const texts = await textsOf(spec);
  expect(texts).toContain("50 % (5 ms)");
  expect(texts).toContain("nothing");
  expect(texts).toContain("−10 % (1 ms)");
});
