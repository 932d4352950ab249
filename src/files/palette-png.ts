/**
 * Pixels as a PNG of at most 256 colours: a third of the bytes of a full one, since a chart has few colours and their blends at edges.
 * Colours alike in the upper five bits of red, green and blue share an entry, the most frequent of them; past 256 entries the rarest go to
 * the nearest that is kept. Nothing is seen through: charts have a ground of their own.
 * Source: W3C, Portable Network Graphics (PNG) Specification, second edition, sections 5 and 11.
 */
import { deflateSync } from "node:zlib";

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha, row by row. */
  readonly rgba: Uint8Array;
}

const mostColours = 256;
const indexedColour = 3;

export function palettePng({ width, height, rgba }: Pixels): Uint8Array {
  const { colours, indexOf } = paletteOf(rgba);
  // Each row begins with its filter: none, which suits indices.
  const rows = new Uint8Array((width + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = indexOf(bucketOf(rgba, 4 * (y * width + x)));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, indexedColour, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(colours.flat())),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

type Colour = readonly [red: number, green: number, blue: number];

function bucketOf(rgba: Uint8Array, at: number): number {
  return ((rgba[at]! >> 3) << 10) | ((rgba[at + 1]! >> 3) << 5) | (rgba[at + 2]! >> 3);
}

/** The entries, the most frequent first, and the entry of a bucket. */
function paletteOf(rgba: Uint8Array): { colours: Colour[]; indexOf: (bucket: number) => number } {
  const buckets = new Map<number, { pixels: number; readonly byColour: Map<number, number> }>();
  for (let at = 0; at < rgba.length; at += 4) {
    const bucket = bucketOf(rgba, at);
    const colour = (rgba[at]! << 16) | (rgba[at + 1]! << 8) | rgba[at + 2]!;
    const entry = buckets.get(bucket) ?? { pixels: 0, byColour: new Map<number, number>() };
    if (entry.pixels++ === 0) buckets.set(bucket, entry);
    entry.byColour.set(colour, (entry.byColour.get(colour) ?? 0) + 1);
  }
  const ranked = [...buckets].sort(([a, { pixels: p }], [b, { pixels: q }]) => q - p || a - b);
  const colours = ranked.slice(0, mostColours).map(([, { byColour }]) => mostFrequent(byColour));
  const index = new Map(ranked.map(([bucket], i) => [bucket, i < mostColours ? i : nearest(colours, bucket)]));
  return { colours, indexOf: (bucket) => index.get(bucket) ?? 0 };
}

function mostFrequent(byColour: ReadonlyMap<number, number>): Colour {
  const [colour] = [...byColour].reduce((best, each) => (each[1] > best[1] ? each : best));
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}

function nearest(colours: readonly Colour[], bucket: number): number {
  const wanted = [(bucket >> 10) << 3, ((bucket >> 5) & 31) << 3, (bucket & 31) << 3] as const;
  const distance = (colour: Colour): number => colour.reduce((sum, part, i) => sum + (part - wanted[i]!) ** 2, 0);
  let best = 0;
  for (let i = 1; i < colours.length; i++) if (distance(colours[i]!) < distance(colours[best]!)) best = i;
  return best;
}

/** Length, name, content and their checksum. */
function chunk(name: string, content: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(name, "latin1"), content]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(content.length, 0);
  framed.set(named, 4);
  framed.writeUInt32BE(checksum(named), named.length + 4);
  return framed;
}

/** CRC-32 as PNG has it: the polynomial 0xEDB88320, bits reversed. */
function checksum(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}
