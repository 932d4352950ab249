/**
 * Ceilings that can't be those of the machine: read faster than its memory is made for, or so far from its datasheet that they are
 * in another unit. A processor that lends some of its cores reaches a small part of its datasheet, so that the lower limits are low;
 * a datasheet's fp32 peak leaves out the units that a library may multiply in, so that a peak may be passed several times.
 */
import { formatBandwidth, formatFlopsPerSecond } from "../quantity/format-quantity.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { ComputeFormat } from "../quantity/number-format.ts";
import type { Hardware } from "./hardware.ts";

const bandwidthShares = { least: 1e-4, most: 1.4 };
const peakShares = { least: 1e-6, most: 20 };

/**
 * @param measured `stated` with ceilings of a file
 * @throws InvalidInput naming the file, for the first ceiling that can't be the machine's
 * @example an A100 (2.04 TB/s) that reads 3.08 TB/s is refused, and an H100 that reads 3,085 bytes/s
 */
export function refuseOtherCeilings(stated: Hardware, measured: Hardware, path: string): void {
  const [read, states] = [measured.memoryBandwidthBytesPerSecond, stated.memoryBandwidthBytesPerSecond];
  if (!isBetween(read / states, bandwidthShares)) {
    const figures = `reads ${formatBandwidth(read)}, where ${stated.id} has ${formatBandwidth(states)}`;
    throw new InvalidInput("ceilings", path, `${figures}: of another machine or in another unit?`);
  }
  for (const [format, peak] of Object.entries(measured.peakFlopsPerSecond) as [ComputeFormat, number][]) {
    const datasheet = stated.peakFlopsPerSecond[format];
    if (datasheet === undefined || isBetween(peak / datasheet, peakShares)) continue;
    const figures = `multiplies ${formatFlopsPerSecond(peak)} in ${format}, where ${stated.id} has ${formatFlopsPerSecond(datasheet)}`;
    throw new InvalidInput("ceilings", path, `${figures}: of another machine or in another unit?`);
  }
}

function isBetween(share: number, { least, most }: typeof bandwidthShares): boolean {
  return share >= least && share <= most;
}
