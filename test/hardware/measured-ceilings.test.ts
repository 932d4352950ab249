import { describe, expect, test } from "vitest";
import { isCeilings, withCeilings } from "../../src/hardware/measured-ceilings.ts";
import { hardwareProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");

describe("measured ceilings in a datasheet's place", () => {
  const measured = withCeilings(h100, { read_bytes_per_s: 3.085e12, bf16_flops: 803e12, mem_bytes: 85_017_493_504 });

  test("bandwidth, the peaks measured and the capacity are the measured ones", () => {
    expect(measured.memoryBandwidthBytesPerSecond).toBe(3.085e12);
    expect(measured.peakFlopsPerSecond.bf16).toBe(803e12);
    expect(measured.memoryCapacityBytes).toBe(85_017_493_504);
    expect(measured.basis).toBe("measured");
  });

  test("a format that was not measured keeps the datasheet's peak, the link its rate", () => {
    expect(measured.peakFlopsPerSecond.fp8).toBe(h100.peakFlopsPerSecond.fp8);
    expect(measured.link).toEqual(h100.link);
  });

  test("a datasheet's bandwidth of a cache is not mixed with them", () => {
    const cached = { ...h100, caches: [{ name: "L2", bytes: 52_428_800, bandwidthBytesPerSecond: 5.5e12 }] };
    const both = withCeilings(cached, { read_bytes_per_s: 3.085e12 });
    expect(both.caches).toEqual([{ name: "L2", bytes: 52_428_800, bandwidthBytesPerSecond: null }]);
  });

  test("without a memory size the profile's stays", () => {
    expect(withCeilings(h100, { read_bytes_per_s: 1e12 }).memoryCapacityBytes).toBe(h100.memoryCapacityBytes);
  });

  test.each([0, -1, "3 TB/s", null, Number.NaN])("a bandwidth of %j is refused", (value) => {
    expect(() => withCeilings(h100, { read_bytes_per_s: value })).toThrow(/^invalid ceilings read_bytes_per_s: /);
  });

  test("the processors it reports are its own, else the profile's", () => {
    expect(withCeilings(h100, { read_bytes_per_s: 1e12, sms: 114 }).processors).toBe(114);
    expect(withCeilings(h100, { read_bytes_per_s: 1e12 }).processors).toBe(132);
  });

  test("its layout is known by its read bandwidth", () => {
    expect(isCeilings({ read_bytes_per_s: 1 })).toBe(true);
    expect(isCeilings({ id: "h100" })).toBe(false);
    expect(isCeilings(null)).toBe(false);
  });
});
