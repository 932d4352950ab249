import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidInput } from "../../src/quantity/invalid-input.ts";
import {
  parseBytes,
  parseBytesPerSecond,
  parseFlopsPerSecond,
  parsePricePerHour,
  parseSeconds,
  parseWatts,
} from "../../src/quantity/parse-quantity.ts";

describe("GB is 1000^3 bytes and GiB 1024^3, never mixed (IEC 80000-13)", () => {
  test("80 GB and 80 GiB", () => {
    expect(parseBytes("80 GB", "capacity")).toBe(80_000_000_000);
    expect(parseBytes("80 GiB", "capacity")).toBe(80 * 2 ** 30);
  });
  test("3350 GB/s is 3.35e12 B/s, not 3350 × 2^30", () => {
    expect(parseBytesPerSecond("3350 GB/s", "bandwidth")).toBe(3.35e12);
    expect(parseBytesPerSecond("3.35 TB/s", "bandwidth")).toBe(3.35e12);
    expect(parseBytesPerSecond("3350 GiB/s", "bandwidth")).toBe(3350 * 2 ** 30);
  });
  test.each([
    ["1 kB", 1000],
    ["1 MB", 1e6],
    ["1 TB", 1e12],
    ["1 KiB", 1024],
    ["1 MiB", 2 ** 20],
    ["1 TiB", 2 ** 40],
    ["8 b", 1],
    ["1 GiB", 2 ** 30],
    ["275040 MiB", 275040 * 2 ** 20],
    ["85017493504 B", 85_017_493_504],
    ["50MB", 50e6],
    ["  0.5 GB ", 5e8],
    ["1e3 B", 1000],
  ])("%s", (text, bytes) => {
    expect(parseBytes(text, "capacity")).toBe(bytes);
  });
});

test("a bit is an eighth of a byte", () => {
  expect(parseBytesPerSecond("100 Gb/s", "link")).toBe(12.5e9);
});

test("FLOP/s, FLOPS, OP/s and OPS count alike, with their prefixes", () => {
  expect(parseFlopsPerSecond("989 TFLOP/s", "peak")).toBe(989e12);
  expect(parseFlopsPerSecond("989 TFLOPS", "peak")).toBe(989e12);
  expect(parseFlopsPerSecond("1979 TOPS", "peak")).toBe(1979e12);
  expect(parseFlopsPerSecond("1979 TOP/s", "peak")).toBe(1979e12);
  expect(parseFlopsPerSecond("0.989 PFLOP/s", "peak")).toBe(989e12);
  expect(parseFlopsPerSecond("165.15 TFLOP / s", "peak")).toBe(165.15e12);
});

test("watts and dollars an hour", () => {
  expect(parseWatts("700 W", "power")).toBe(700);
  expect(parseWatts("0.7 kW", "power")).toBe(700);
  expect(parseSeconds("4 us", "kernelStart")).toBe(4e-6);
  expect(parseSeconds("51.2 ns", "kernelStart")).toBe(51.2e-9);
  expect(() => parseSeconds("4 GB", "kernelStart")).toThrow("GB is no time");
  expect(parsePricePerHour("2.5 USD/h", "pricePerHour")).toBe(2.5);
});

describe("a bad quantity is one line that names the field, the text and what is wanted", () => {
  test.each([
    ["80 GB", 'invalid bandwidth: 80 GB (wants a bandwidth such as "3.35 TB/s"; GB is no bandwidth)'],
    ["700 W", 'invalid bandwidth: 700 W (wants a bandwidth such as "3.35 TB/s"; W is no bandwidth)'],
    [
      "3 gb/s",
      'invalid bandwidth: 3 gb/s (wants a bandwidth such as "3.35 TB/s"; gb/s is no known unit, did you mean GB/s?)',
    ],
    [
      "3 furlong/s",
      'invalid bandwidth: 3 furlong/s (wants a bandwidth such as "3.35 TB/s"; furlong/s is no known unit)',
    ],
    ["0 TB/s", 'invalid bandwidth: 0 TB/s (wants a bandwidth such as "3.35 TB/s", more than zero)'],
    ["-3 TB/s", 'invalid bandwidth: -3 TB/s (wants a bandwidth such as "3.35 TB/s", more than zero)'],
    ["1e-400 TB/s", 'invalid bandwidth: 1e-400 TB/s (wants a bandwidth such as "3.35 TB/s", more than zero)'],
    ["1e400 TB/s", 'invalid bandwidth: 1e400 TB/s (wants a bandwidth such as "3.35 TB/s", of a size that exists)'],
    ["1e308 TB/s", 'invalid bandwidth: 1e308 TB/s (wants a bandwidth such as "3.35 TB/s", of a size that exists)'],
    ["NaN TB/s", 'invalid bandwidth: NaN TB/s (wants a bandwidth such as "3.35 TB/s")'],
    ["Infinity TB/s", 'invalid bandwidth: Infinity TB/s (wants a bandwidth such as "3.35 TB/s")'],
    ["", 'invalid bandwidth: nothing (wants a bandwidth such as "3.35 TB/s")'],
    ["3.35", 'invalid bandwidth: 3.35 (wants a bandwidth such as "3.35 TB/s")'],
    ["TB/s", 'invalid bandwidth: TB/s (wants a bandwidth such as "3.35 TB/s")'],
    ["3,35 TB/s", 'invalid bandwidth: 3,35 TB/s (wants a bandwidth such as "3.35 TB/s")'],
  ])("%s", (text, message) => {
    expect(messageOf(() => parseBytesPerSecond(text, "bandwidth"))).toBe(message);
  });

  test("KB is refused with the right spelling", () => {
    expect(messageOf(() => parseBytes("64 KB", "cache"))).toContain("KB is no known unit, did you mean kB?");
  });

  test("a bandwidth where an amount is due, a fraction of a byte, more than counts exactly", () => {
    expect(messageOf(() => parseBytes("3 TB/s", "capacity"))).toContain("TB/s is no amount of memory");
    expect(messageOf(() => parseBytes("1 b", "capacity"))).toContain("invalid capacity: 1 b");
    expect(messageOf(() => parseBytes("10 PB", "capacity"))).toContain("1 B to 9 PB");
  });

  test("expressions, calls and names of an object's members never reach an evaluator", () => {
    for (const text of [
      'import("fs")',
      "createUnit(1)",
      "1 GB/s; 2",
      "2 * 3 GB/s",
      "3 constructor",
      "3 __proto__",
      "3 toString/s",
      "f(x)=1",
      `${"9".repeat(100)} GB/s`,
    ]) {
      expect(() => parseBytesPerSecond(text, "bandwidth"), text).toThrow(InvalidInput);
    }
  });

  test("a value that is no text", () => {
    expect(() => parseWatts(700 as unknown as string, "power")).toThrow(
      'invalid power: 700 (wants a power such as "700 W")',
    );
  });
});

test("any text gives a finite, positive number or InvalidInput", () => {
  const check = (text: string) => {
    try {
      const value = parseBytesPerSecond(text, "bandwidth");
      return Number.isFinite(value) && value > 0;
    } catch (error) {
      return error instanceof InvalidInput && !error.message.includes("\n");
    }
  };
  fc.assert(fc.property(fc.string(), check));
  fc.assert(
    fc.property(fc.double(), fc.constantFrom("TB/s", "GiB/s", "b/s", "GB", "q"), (n, unit) => check(`${n} ${unit}`)),
  );
});

test("every whole number of MiB and of MB/s comes back to the last unit", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 32 }), (n) => {
      expect(parseBytes(`${n} MiB`, "capacity")).toBe(n * 2 ** 20);
      expect(parseBytesPerSecond(`${n} MB/s`, "bandwidth")).toBe(n * 1e6);
    }),
  );
});

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing thrown";
}
