/** Read back by an independent inflater: the indices and colours are those of the pixels. */
import { inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Pixels, palettePng } from "../../src/files/palette-png.ts";

/** The colours of the pixels of an indexed PNG without filters. */
function read(png: Uint8Array): { width: number; height: number; entries: number; colours: number[][] } {
  const bytes = Buffer.from(png);
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    chunks.set(bytes.toString("latin1", at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const header = chunks.get("IHDR")!;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const palette = chunks.get("PLTE")!;
  const rows = inflateSync(chunks.get("IDAT")!);
  const colours: number[][] = [];
  for (let y = 0; y < height; y++) {
    expect(rows[y * (width + 1)]).toBe(0);
    for (let x = 0; x < width; x++) {
      const index = rows[y * (width + 1) + 1 + x]!;
      colours.push([...palette.subarray(3 * index, 3 * index + 3)]);
    }
  }
  return { width, height, entries: palette.length / 3, colours };
}

function pixelsOf(width: number, colours: readonly (readonly number[])[]): Pixels {
  return { width, height: colours.length / width, rgba: Uint8Array.from(colours.flatMap((each) => [...each, 255])) };
}

describe("palettePng", () => {
  it("keeps two colours as they are, the checksums too", () => {
    const [white, blue] = [
      [255, 255, 255],
      [0, 95, 163],
    ] as const;
    const png = palettePng(pixelsOf(2, [white, white, blue, white]));
    expect(read(png)).toEqual({ width: 2, height: 2, entries: 2, colours: [white, white, blue, white] });
    // The end chunk is the same in every PNG.
    expect([...png.subarray(-12)]).toEqual([0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82]);
  });

  it("keeps a colour within 7 of 255 in each part, up to 256 buckets", () => {
    const part = fc.integer({ min: 0, max: 255 });
    const colour = fc.tuple(part, part, part);
    fc.assert(
      fc.property(fc.array(colour, { minLength: 1, maxLength: 256 }), (colours) => {
        const found = read(palettePng(pixelsOf(1, colours))).colours;
        for (const [i, own] of colours.entries()) {
          for (const [j, value] of own.entries()) expect(Math.abs(value - found[i]![j]!)).toBeLessThanOrEqual(7);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("has 256 entries where there are more buckets, and gives the rest the nearest", () => {
    // 320 buckets: 32 greens for each of 10 reds, the first twice as frequent.
    const colours = Array.from({ length: 640 }, (_, i) => [(i % 10) * 8, (Math.floor(i / 10) % 32) * 8, 0]);
    const { entries, colours: found } = read(palettePng(pixelsOf(64, colours)));
    expect(entries).toBe(256);
    for (const [i, own] of colours.entries()) {
      expect(Math.hypot(...own.map((value, j) => value - found[i]![j]!))).toBeLessThanOrEqual(64);
    }
  });
});
