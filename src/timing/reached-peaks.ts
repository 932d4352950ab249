/**
 * The peaks of a machine's matrix units as far as its chip was seen to reach them: datasheets state what no power limit lets a chip
 * keep up. The same chip has as many processors and the same stated 16-bit peak (an H200 is an H100 with other memory).
 */
import type { Hardware } from "../hardware/hardware.ts";
import type { FittedMachine } from "./kernel-machine.ts";

/** Whether a machine is of the chip that was measured, be it with other memory: by its datasheet, whatever was measured on it. */
export function isChipOf(hardware: Hardware, { stated }: FittedMachine): boolean {
  const { bf16 } = hardware.datasheetPeaks ?? hardware.peakFlopsPerSecond;
  return bf16 !== undefined && stated.processors === hardware.processors && stated.peakFlopsPerSecond.bf16 === bf16;
}

/**
 * Peaks outside the matrix units stay as they are, and so do measured ones.
 * @example an H100 reached 803 of 989 TFLOP/s in bf16: an H200's stated 1979 TFLOP/s in fp8 become 1607
 */
export function reachedPeaks(hardware: Hardware, measured: readonly FittedMachine[]): Hardware {
  const stated16 = hardware.peakFlopsPerSecond.bf16;
  if (hardware.basis === "measured" || stated16 === undefined) return hardware;
  const chip = measured.find((each) => isChipOf(hardware, each));
  const share = (chip?.ceilings.peakFlopsPerSecond.bf16 ?? stated16) / stated16;
  if (share >= 1) return hardware;
  const peaks = Object.entries(hardware.peakFlopsPerSecond).map(([format, peak]) => [
    format,
    format === "fp32" || format === "fp64" ? peak : peak * share,
  ]);
  return { ...hardware, peakFlopsPerSecond: Object.fromEntries(peaks) };
}
