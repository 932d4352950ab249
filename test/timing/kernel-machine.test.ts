import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kernelMachine, statedMachine } from "../../src/timing/kernel-machine.ts";
import { fasterHardware, roundHardware } from "../fixtures/synthetic-fit.ts";

/** Fitted where 3.35 TB/s are stated and 3.085 TB/s were read, 989 TFLOP/s stated and 803 reached. */
const fitted = {
  stated: statedMachine({
    ...roundHardware,
    memoryBandwidthBytesPerSecond: 3.35e12,
    peakFlopsPerSecond: { bf16: 989e12 },
  }),
  ceilings: statedMachine({
    ...roundHardware,
    memoryBandwidthBytesPerSecond: 3.085e12,
    peakFlopsPerSecond: { bf16: 803e12 },
    link: { name: "link", bytesPerSecond: 8e10 },
  }),
};

describe("kernelMachine", () => {
  it("carries the share of the datasheet that the fitted machine reached", () => {
    const other = { ...roundHardware, id: "other", memoryBandwidthBytesPerSecond: 4.8e12 };
    const machine = kernelMachine(other, fitted);
    expect(machine.bytesPerSecond).toBeCloseTo((4.8e12 * 3.085) / 3.35, -3);
    expect(machine.peakFlopsPerSecond.bf16).toBeCloseTo((132e12 * 803) / 989, -3);
    expect(machine.linkBytesPerSecond).toBeCloseTo(8e10, -3);
  });

  it("takes a read ceiling for more than a fit knows that is relative to a datasheet", () => {
    const measured = { ...roundHardware, basis: "measured" as const };
    const relative = { stated: fitted.stated, ceilings: fitted.stated };
    expect(kernelMachine(measured, relative).bytesPerSecond).toBeGreaterThan(1.05e12);
    expect(kernelMachine(roundHardware, relative).bytesPerSecond).toBe(1e12);
  });

  it("takes bf16's share for a format that the fitted machine lacks", () => {
    const machine = kernelMachine({ ...roundHardware, id: "other" }, fitted);
    expect(machine.peakFlopsPerSecond.fp8).toBeCloseTo((264e12 * 803) / 989, -3);
  });

  it("takes measured ceilings as they are", () => {
    const measured = { ...roundHardware, basis: "measured" as const };
    expect(kernelMachine(measured, fitted)).toMatchObject({
      bytesPerSecond: 1e12,
      peakFlopsPerSecond: { bf16: 132e12 },
    });
    const stated = { ...measured, statedPeaks: ["fp8" as const] };
    expect(kernelMachine(stated, fitted).peakFlopsPerSecond.fp8).toBeCloseTo((264e12 * 803) / 989, -3);
  });

  it("has no link where the machine has none, and one processor where nobody says how many", () => {
    expect(kernelMachine({ ...roundHardware, link: null }, fitted).linkBytesPerSecond).toBeNull();
    expect(statedMachine({ ...roundHardware, processors: null }).processors).toBe(1);
    expect(kernelMachine({ ...roundHardware, processors: null }, fitted).processors).toBe(132);
  });

  it("gives a machine twice as fast twice the ceilings", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 100, noNaN: true }), (factor) => {
        const [one, other] = [1, factor].map((each) => kernelMachine(fasterHardware(each, "x"), fitted));
        expect(other!.bytesPerSecond / one!.bytesPerSecond).toBeCloseTo(factor, 9);
        expect(other!.peakFlopsPerSecond.bf16! / one!.peakFlopsPerSecond.bf16!).toBeCloseTo(factor, 9);
      }),
    );
  });
});
