import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type ChartKind, chartKinds } from "../../src/charts/chart-kinds.ts";
import type { ChartSpec } from "../../src/charts/chart-spec.ts";
import { chartFormats, renderChart } from "../../src/files/render-chart.ts";
import { chartSamples } from "../charts/samples.ts";

const kinds = Object.keys(chartKinds) as ChartKind[];
const draw = (kind: ChartKind): ChartSpec =>
  (chartKinds[kind].draw as (input: unknown) => ChartSpec)(chartSamples[kind]);

describe.each(kinds)("%s", (kind) => {
  test("as PNG is as wide as asked for, not blank, and the same on a second run", async () => {
    const spec = draw(kind);
    for (const [theme, widthPx] of [
      ["light", 600],
      ["dark", 1200],
    ] as const) {
      const png = Buffer.from((await renderChart(spec, { format: "png", theme, widthPx })) as Uint8Array);
      expect(png.toString("latin1", 1, 4)).toBe("PNG");
      expect(png.readUInt32BE(16)).toBe(widthPx);
      expect(png.readUInt32BE(20)).toBeGreaterThan(widthPx / 6);
      expect(new Set(pixels(png)).size).toBeGreaterThan(40);
    }
    const hash = async () =>
      createHash("sha256")
        .update((await renderChart(spec, { format: "png" })) as Uint8Array)
        .digest("hex");
    expect(await hash()).toBe(await hash());
  });

  test("the text of the labels is drawn, not left out for want of a font", async () => {
    const spec = draw(kind);
    const withText = (await renderChart(spec, { format: "png", widthPx: 600 })) as Uint8Array;
    expect(withText.length).toBeGreaterThan(6000);
  });
});

test("the specification is JSON that names its theme's ground", async () => {
  const text = (await renderChart(draw("sensitivity"), { format: "vega-lite", theme: "dark" })) as string;
  const parsed = JSON.parse(text) as { $schema: string; config: { background: string } };
  expect(parsed.$schema).toContain("vega-lite/v6");
  expect(parsed.config.background).toBe("#15181d");
});

test("every format gives something that begins as it should", async () => {
  const starts = { svg: "<svg", html: "<!doctype html>", "vega-lite": "{" } as const;
  for (const format of chartFormats) {
    const content = await renderChart(draw("roofline"), { format });
    if (format === "png") expect(content).toBeInstanceOf(Uint8Array);
    else expect((content as string).startsWith(starts[format])).toBe(true);
  }
});

/** The unpacked scan lines of a PNG. */
function pixels(png: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString("latin1", at + 4, at + 8) === "IDAT")
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  return inflateSync(Buffer.concat(parts));
}
