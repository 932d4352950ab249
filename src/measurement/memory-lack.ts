/** Rows that don't fit into what is free of the memory now, which another time may be more. */
import { formatBytes } from "../quantity/format-quantity.ts";

/** @example "needs 51.5 GB of memory, 19.7 GB may be used" */
export function memoryLackReason(neededBytes: number, mayUseBytes: number): string {
  return `needs ${formatBytes(neededBytes)} of memory, ${formatBytes(mayUseBytes)} may be used`;
}

/** Whether a row with this status may end otherwise when measured again: it failed, or memory was lacking. */
export function isWorthRetrying(status: string): boolean {
  return status.startsWith("failed") || /^skipped:needs .* of memory, .* may be used$/.test(status);
}
