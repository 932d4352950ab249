import fc from "fast-check";
import { expect, test } from "vitest";
import * as format from "../../src/quantity/format-quantity.ts";

test("bytes in powers of 1000 with three digits, whole below 1 kB", () => {
  expect(format.formatBytes(13.2e9)).toBe("13.2 GB");
  expect(format.formatBytes(80 * 2 ** 30)).toBe("85.9 GB");
  expect(format.formatBytes(5)).toBe("5 B");
  expect(format.formatBytes(999)).toBe("999 B");
  expect(format.formatBytes(1000)).toBe("1.00 kB");
  expect(format.formatBytes(0)).toBe("0 B");
  expect(format.formatBytes(-1.2e9)).toBe("-1.20 GB");
});

test("rounding up to a thousand moves on to the next unit", () => {
  expect(format.formatBytes(999_400)).toBe("999 kB");
  expect(format.formatBytes(999_600)).toBe("1.00 MB");
  expect(format.formatSeconds(999.4e-6)).toBe("999 µs");
  expect(format.formatSeconds(999.6e-6)).toBe("1.00 ms");
  expect(format.formatBytes(9.996e9)).toBe("10.0 GB");
});

test("bytes in powers of 1024, whole numbers bare", () => {
  expect(format.formatBytesBinary(256 * 2 ** 20)).toBe("256 MiB");
  expect(format.formatBytesBinary(80 * 2 ** 30)).toBe("80 GiB");
  expect(format.formatBytesBinary(1.5 * 2 ** 30)).toBe("1.50 GiB");
  expect(format.formatBytesBinary(1023 * 1024)).toBe("1023 KiB");
});

test("rates, FLOPs, counts", () => {
  expect(format.formatBandwidth(3.35e12)).toBe("3.35 TB/s");
  expect(format.formatFlops(13.5e9)).toBe("13.5 GFLOP");
  expect(format.formatFlopsPerSecond(989e12)).toBe("989 TFLOP/s");
  expect(format.formatFlopsPerSecond(1.979e15)).toBe("1.98 PFLOP/s");
  expect(format.formatCount(6_738_415_616)).toBe("6.74 B");
  expect(format.formatCount(124e6)).toBe("124 M");
  expect(format.formatCount(128)).toBe("128");
  expect(format.formatCount(1.04e12)).toBe("1.04 T");
  expect(format.formatRate(31.2)).toBe("31.2 tokens/s");
  expect(format.formatRate(12345.6)).toBe("12,346 tokens/s");
  expect(format.formatRate(1234567)).toBe("1,234,567 tokens/s");
  expect(format.formatRate(0)).toBe("0 tokens/s");
});

test("seconds as s, ms, µs or ns", () => {
  expect(format.formatSeconds(0.00402)).toBe("4.02 ms");
  expect(format.formatSeconds(812e-6)).toBe("812 µs");
  expect(format.formatSeconds(1.2)).toBe("1.20 s");
  expect(format.formatSeconds(3e-9)).toBe("3.00 ns");
  expect(format.formatSeconds(4000)).toBe("4,000 s");
  expect(format.formatSeconds(-0.002)).toBe("-2.00 ms");
  expect(format.formatSeconds(0)).toBe("0 s");
});

test("ratios and per cent", () => {
  expect(format.formatRatio(3.21)).toBe("3.2×");
  expect(format.formatRatio(1.043)).toBe("1.04×");
  expect(format.formatRatio(1)).toBe("1.00×");
  expect(format.formatRatio(1.999)).toBe("2.0×");
  expect(format.formatRatio(128.4)).toBe("128×");
  expect(format.formatRatio(0.0312)).toBe("0.031×");
  expect(format.formatPercent(0.123)).toBe("12.3 %");
  expect(format.formatPercent(1)).toBe("100.0 %");
  expect(format.formatPercent(-0.00001)).toBe("0.0 %");
});

test("no number prints as NaN, Infinity or with an exponent", () => {
  const formatters = Object.values(format);
  const endingEarly = new Set<unknown>([format.formatCount, format.formatSeconds, format.formatRate]);
  fc.assert(
    fc.property(fc.double(), fc.constantFrom(...formatters), (value, formatter) => {
      const text = formatter(value);
      expect(text).not.toMatch(/NaN|Infinity|undefined/);
      // From 1000 of the largest unit on an exponent is meant: counts end at T, seconds and rates have no unit beyond their own.
      if (Math.abs(value) < (endingEarly.has(formatter) ? 9.99e14 : 1e18)) expect(text).not.toMatch(/\de[+-]?\d/);
    }),
  );
  for (const formatter of formatters) expect(formatter(Number.NaN)).toBe("unknown");
  for (const formatter of formatters) expect(formatter(Number.POSITIVE_INFINITY)).toBe("unknown");
});

test("beyond a thousand of the largest unit, an exponent", () => {
  expect(format.formatFlops(9.994e20)).toBe("999 EFLOP");
  expect(format.formatFlops(4.2950679e37)).toBe("4.30e19 EFLOP");
  expect(format.formatBytes(-1e30)).toBe("-1.00e12 EB");
  expect(format.formatCount(1.5e15)).toBe("1.50e3 T");
  expect(format.formatSeconds(1e20)).toBe("1.00e20 s");
  expect(format.formatRate(2.5e15)).toBe("2.50e15 tokens/s");
});
