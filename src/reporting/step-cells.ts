/** A compared step as the cells of a table, the same in the terminal and in the report. */
import type { ComparedStep } from "../analysis/compare-variants.ts";
import { formatBytes, formatFlops, formatRate, formatRatio, formatSeconds } from "../quantity/format-quantity.ts";

import { shortageText } from "./shortage-text.ts";

/** "mha" as "MHA", "gqa:8" as "GQA-8", "as-is" as it is. */
export function attentionTitle(attention: string): string {
  return attention === "as-is" ? attention : attention.toUpperCase().replace(":", "-");
}

/** FLOP a byte to three significant digits. */
export function intensityText(flopsPerByte: number): string {
  return flopsPerByte < 100 ? flopsPerByte.toPrecision(3) : flopsPerByte.toFixed(0);
}

export const totalTitles: readonly string[] = [
  "attention",
  "FLOPs:",
  "bytes:",
  "of them K/V:",
  "FLOP/B:",
  "bound by",
  "time:",
  "tokens/s:",
  "speed-up:",
  "largest batch:",
  "memory",
];

/** The cells under totalTitles; what does not fit says what it needs and has, and no speed. */
export function totalCells(row: ComparedStep): string[] {
  const counted = [
    attentionTitle(row.attention),
    formatFlops(row.totals.flops),
    formatBytes(row.totals.bytes),
    formatBytes(row.totals.kvBytes),
    intensityText(row.arithmeticIntensity),
  ];
  const most = row.largestBatch === null ? "any" : String(row.largestBatch);
  if (row.seconds === null || row.tokensPerSecond === null)
    return [...counted, "does not fit", "-", "-", "-", most, shortageText(row.footprint.bytes, row)];
  return [
    ...counted,
    row.bound ?? "-",
    formatSeconds(row.seconds),
    formatRate(row.tokensPerSecond).replace(" tokens/s", ""),
    row.speedup === null ? "-" : formatRatio(row.speedup),
    most,
    formatBytes(row.footprint.bytes),
  ];
}

/** "does not fit: needs 161 GB, has 85.0 GB". */
export function shortage(row: ComparedStep): string {
  return `does not fit: ${shortageText(row.footprint.bytes, row)}`;
}
