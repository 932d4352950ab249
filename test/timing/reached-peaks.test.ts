import { expect, test } from "vitest";
import { statedMachine } from "../../src/timing/kernel-machine.ts";
import { reachedPeaks } from "../../src/timing/reached-peaks.ts";
import { measuredH100 } from "../fixtures/measurements.ts";
import { hardwareProfile } from "../fixtures/profiles.ts";

const h100 = { stated: statedMachine(hardwareProfile("h100-sxm")), ceilings: statedMachine(measuredH100()) };

test("an H200 has the H100's chip: 803 of 989 TFLOP/s in bf16 are 1607 of 1979 in fp8", () => {
  const h200 = reachedPeaks(hardwareProfile("h200"), [h100]);
  expect(h200.peakFlopsPerSecond.fp8).toBeCloseTo((1979e12 * 803_088_447_255_880.5) / 989e12, -6);
  expect(h200.peakFlopsPerSecond.fp32).toBe(hardwareProfile("h200").peakFlopsPerSecond.fp32);
  expect(h200.memoryBandwidthBytesPerSecond).toBe(4.8e12);
});

test("another chip, a measured machine, and one without a 16-bit peak stay as they are", () => {
  const a100 = hardwareProfile("a100-80g-sxm");
  expect(reachedPeaks(a100, [h100])).toBe(a100);
  expect(reachedPeaks(measuredH100(), [h100])).toEqual(measuredH100());
  const t4 = hardwareProfile("t4");
  expect(reachedPeaks(t4, [h100])).toBe(t4);
  expect(reachedPeaks(hardwareProfile("h200"), []).peakFlopsPerSecond.fp8).toBe(1979e12);
});
