/** How much memory is wanted and how much there is, in words that show the difference. */
import { formatBytes, formatPercent } from "../quantity/format-quantity.ts";

/** A device's memory and what may be used of it. */
export interface MemoryLimit {
  readonly capacityBytes: number;
  readonly limitBytes: number;
}

/**
 * "needs X, has Y"; in whole bytes where both would read the same, and with the share where not all of it may be used.
 * @example shortageText(288e9, { capacityBytes: 80e9, limitBytes: 80e9 }) is "needs 288 GB, has 80.0 GB"
 */
export function shortageText(neededBytes: number, { capacityBytes, limitBytes }: MemoryLimit): string {
  const alike = formatBytes(neededBytes) === formatBytes(limitBytes);
  const print = alike ? wholeBytes : formatBytes;
  const share =
    limitBytes === capacityBytes
      ? ""
      : `, ${formatPercent(limitBytes / capacityBytes)} of ${formatBytes(capacityBytes)}`;
  return `needs ${print(Math.ceil(neededBytes))}, has ${print(Math.floor(limitBytes))}${share}`;
}

function wholeBytes(bytes: number): string {
  return `${bytes.toLocaleString("en-US")} B`;
}
