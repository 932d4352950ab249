import { expect, test } from "vitest";
import { framedLabels, framedWidthPx, plotFrame } from "../../src/charts/plot-frame.ts";

const linear = { type: "linear", domain: [0, 10] } as const;
const log = { type: "log", domain: [1, 100] } as const;
const frame = plotFrame(linear, log, 200);

test("the middle of a linear axis is half its width, the root of a logarithmic span half its height, and y grows upwards", () => {
  expect(frame.toX(5)).toBe(framedWidthPx / 2);
  expect(frame.toY(10)).toBeCloseTo(100, 9);
  expect(frame.toY(100)).toBeCloseTo(0, 9);
  expect(frame.xAt(frame.toX(3))).toBe(3);
  expect(frame.yAt(frame.toY(40))).toBe(40);
});

test("a free label stands beside its point without a leader; one without room is left out", () => {
  const axes = { x: { field: "x" }, y: { field: "y" } };
  const types = (labels: Parameters<typeof framedLabels>[0], marked: Parameters<typeof framedLabels>[1] = []) =>
    framedLabels(labels, marked, frame, "annotation", axes).map((layer) => (layer["mark"] as { type: string }).type);
  expect(types([{ x: 5, y: 10, text: "here" }])).toEqual(["text", "text"]);
  expect(types([{ x: 5, y: 10, text: "x".repeat(200) }])).toEqual([]);
  const crowd = Array.from({ length: 3 }, (_, i) => ({ x: 5, y: 10, text: `one of many ${i}` }));
  expect(types(crowd)).toEqual(["rule", "text", "text"]);
});
