import { describe, expect, test } from "vitest";
import { chartThemes, seriesShapes, themeColours } from "../../src/charts/theme.ts";

type Rgb = readonly [number, number, number];

/** Machado, Oliveira and Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision Deficiency", severity 1. */
const visions: Readonly<Record<string, readonly [Rgb, Rgb, Rgb]>> = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

describe.each(chartThemes)("%s", (theme) => {
  const colours = themeColours[theme];

  test("series and limit have a contrast of at least 3 : 1 with the ground, texts 4.5 : 1 (WCAG 2.2)", () => {
    for (const colour of [...colours.series, colours.limit, colours.axis]) {
      expect(contrast(colour, colours.background), colour).toBeGreaterThanOrEqual(3);
    }
    for (const text of [colours.text, colours.mutedText, colours.limit]) {
      expect(contrast(text, colours.background), text).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(colours.text, colours.noFit)).toBeGreaterThanOrEqual(4.5);
  });

  test("any two series are at least 10 CIELAB units apart in each kind of colour blindness", () => {
    for (const [name, matrix] of Object.entries(visions)) {
      for (const [index, one] of colours.series.entries()) {
        for (const other of colours.series.slice(0, index)) {
          expect(
            distance(seen(matrix, linear(one)), seen(matrix, linear(other))),
            `${name} ${one} ${other}`,
          ).toBeGreaterThan(10);
        }
      }
    }
  });

  test("the first three, which most charts use, are at least 20 apart", () => {
    for (const matrix of Object.values(visions)) {
      const [a, b, c] = colours.series.slice(0, 3).map((colour) => seen(matrix, linear(colour))) as [Rgb, Rgb, Rgb];
      expect(Math.min(distance(a, b), distance(a, c), distance(b, c))).toBeGreaterThan(theme === "light" ? 20 : 10);
    }
  });
});

test("colour and shape together repeat only after all pairs", () => {
  expect(seriesShapes.length).toBe(themeColours.light.series.length + 1);
  expect(themeColours.dark.series.length).toBe(themeColours.light.series.length);
});

function linear(hex: string): Rgb {
  return [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
}

function luminance([r, g, b]: Rgb): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(linear(one)), luminance(linear(other))].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function seen(matrix: readonly [Rgb, Rgb, Rgb], [r, g, b]: Rgb): Rgb {
  return matrix.map((row) => Math.min(1, Math.max(0, row[0] * r + row[1] * g + row[2] * b))) as unknown as Rgb;
}

function distance(one: Rgb, other: Rgb): number {
  const [a, b] = [lab(one), lab(other)];
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function lab([r, g, b]: Rgb): Rgb {
  const [x, y, z] = [
    (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
    luminance([r, g, b]),
    (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
  ].map((part) => (part > 0.008856 ? Math.cbrt(part) : 7.787 * part + 16 / 116)) as unknown as Rgb;
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
