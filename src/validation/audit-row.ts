/**
 * What the audit looks for in a row of one kernel call, one collective or one step.
 *   time       zero or negative
 *   order      a median under its minimum or over its maximum
 *   bandwidth  more bytes a second than the memory delivers: those that the columns lead to, and those that the row states
 *   compute    more FLOPs a second than the peak of the format
 *   link       more bytes a second than a device sends over its link, by the algorithm that sends least
 * Bytes that fit into a cache may have come from there: unless the row says that they came from memory, that is a warning.
 */
import { computePeak } from "../hardware/compute-peak.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { leastExperts, touchedExperts } from "../measurement/expert-load.ts";
import type { MeasurementRow } from "../measurement/measurement-row.ts";
import { formatBandwidth, formatBytes, formatFlopsPerSecond, formatSeconds } from "../quantity/format-quantity.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { type AuditCeiling, type AuditRule, excess, type RowFinding } from "./audit-finding.ts";
import type { PredictableRow, RowPrediction } from "./predict-row.ts";

/** The findings of a row: each ceiling that it passes is said once, by the strictest that it passes. */
export function auditRow(
  row: PredictableRow,
  ceilings: readonly AuditCeiling[],
  count: () => RowPrediction,
): RowFinding[] {
  const times = timeFindings(row);
  if (!(row.seconds > 0)) return times;
  const counted = count();
  const found = [bandwidthFinding, computeFinding, linkFinding].flatMap((rule) => {
    const each = ceilings.map((ceiling) => rule(row, counted, ceiling));
    return each.find((finding) => finding !== null) ?? [];
  });
  return [...times, ...found];
}

export function timeFindings(row: MeasurementRow): RowFinding[] {
  const found: RowFinding[] = [];
  const error = (rule: AuditRule, value: number, limit: number, message: string): void => {
    found.push({ severity: "error", rule, message, value, limit });
  };
  for (const [name, seconds] of [
    ["time", row.seconds],
    ["minimum", row.minSeconds],
    ["maximum", row.maxSeconds],
  ] as const) {
    if (seconds !== null && !(seconds > 0)) error("time", seconds, 0, `the ${name} is ${formatSeconds(seconds)}`);
  }
  const { seconds, minSeconds, maxSeconds } = row;
  if (minSeconds !== null && seconds < minSeconds) {
    error("order", seconds, minSeconds, `the median ${exact(seconds)} is under the minimum ${exact(minSeconds)}`);
  }
  if (maxSeconds !== null && seconds > maxSeconds) {
    error("order", seconds, maxSeconds, `the median ${exact(seconds)} is over the maximum ${exact(maxSeconds)}`);
  }
  return found;
}

function bandwidthFinding(row: PredictableRow, counted: RowPrediction, ceiling: AuditCeiling): RowFinding | null {
  const cache = ceiling.machine.caches.find((each) => counted.bytes <= each.bytes);
  // A row that says its data was in a cache makes no claim on the memory, as far as a cache can hold it.
  if (row.cold === false && cache !== undefined) return null;
  const limit = ceiling.machine.memoryBandwidthBytesPerSecond;
  const claims = bandwidthClaims(row, counted);
  // A stated rate counts where it is more than the rounding of the bytes' own.
  const highest = claims.reduce((most, each) => (each.bytesPerSecond > 1.01 * most.bytesPerSecond ? each : most));
  if (highest.bytesPerSecond <= limit * (1 + ceiling.spread)) return null;
  const over = `${excess(highest.bytesPerSecond, limit)} the ${ceiling.name} of ${formatBandwidth(limit)}`;
  const doubt = doubtOf(row, counted, cache, limit * (1 + ceiling.spread));
  const message = `${highest.claim}: ${formatBandwidth(highest.bytesPerSecond)}, ${over}${doubt ?? ""}`;
  const severity = doubt === null ? ceiling.severity : "warning";
  return { severity, rule: "bandwidth", message, value: highest.bytesPerSecond, limit };
}

/** Why the bytes may not have been read from memory at all; null where there is no way around it. */
function doubtOf(
  row: PredictableRow,
  counted: RowPrediction,
  cache: Hardware["caches"][number] | undefined,
  limit: number,
): string | null {
  if (cache !== undefined && row.cold !== true) {
    return ` (its bytes fit into ${cache.name}: were they read from memory at all?)`;
  }
  if (row.kind !== "moe") return null;
  const least = (counted.weightBytes * leastExperts(row)) / touchedExperts(row);
  return least / row.seconds > limit ? null : " (if its tokens touch as many experts as they can: did they?)";
}

/** What the row says of its bandwidth: from its dimensions, its bytes, and its own rates. */
function bandwidthClaims(row: PredictableRow, counted: RowPrediction): { claim: string; bytesPerSecond: number }[] {
  // A small kernel moves activations alone; of others they may have stayed in a cache.
  const must = row.kind === "elementwise" ? counted.bytes : counted.weightBytes + counted.kvBytes;
  const claims = [{ claim: `reads ${formatBytes(must)}`, bytesPerSecond: must / row.seconds }];
  const stated = statedBytes(row);
  if (stated !== null) claims.push({ claim: `states ${formatBytes(stated)}`, bytesPerSecond: stated / row.seconds });
  if (row.kind === "attention" && row.statedBytesPerSecond !== null) {
    claims.push({ claim: "states gb_per_s", bytesPerSecond: row.statedBytesPerSecond });
  }
  if (row.kind === "steps" && row.statedTokensPerSecond !== null) {
    const bytesPerSecond = (must * row.statedTokensPerSecond) / row.batch;
    claims.push({ claim: "states tokens_per_s", bytesPerSecond });
  }
  return claims;
}

/** Bytes that one device reads by the table's own columns; with a window only the dimensions say what is read. */
function statedBytes(row: PredictableRow): number | null {
  if (row.kind === "linear") return row.statedWeightBytes;
  if (row.kind === "elementwise") return row.statedBytes;
  if (row.kind !== "attention" && row.kind !== "steps") return null;
  if (row.window !== null) return null;
  if (row.kind === "attention") return row.statedKvBytes;
  if (row.statedKvBytes === null && row.statedWeightBytes === null) return null;
  return ((row.statedKvBytes ?? 0) + (row.statedWeightBytes ?? 0)) / row.tp;
}

function computeFinding(row: PredictableRow, counted: RowPrediction, ceiling: AuditCeiling): RowFinding | null {
  const limit = highestPeak(ceiling.machine, counted);
  if (limit === null) return null;
  const stated = row.kind === "linear" ? (row.statedFlops ?? 0) : 0;
  const rate = Math.max(counted.matmulFlops, stated) / row.seconds;
  if (rate <= limit * (1 + ceiling.spread)) return null;
  const over = `${excess(rate, limit)} the ${ceiling.name} of ${formatFlopsPerSecond(limit)}`;
  const message = `multiplies ${formatFlopsPerSecond(rate)}, ${over}`;
  return { severity: ceiling.severity, rule: "compute", message, value: rate, limit };
}

/** The rate of the row's own format. */
function highestPeak(machine: Hardware, counted: RowPrediction): number | null {
  try {
    return computePeak(machine, counted.computeFormat).flopsPerSecond;
  } catch (error) {
    if (error instanceof InvalidInput) return null;
    throw error;
  }
}

/** A datasheet names the link's peak; nothing here measures one. */
function linkFinding(row: PredictableRow, _counted: RowPrediction, ceiling: AuditCeiling): RowFinding | null {
  const limit = ceiling.machine.link?.bytesPerSecond;
  if (row.kind !== "collectives" || limit === undefined) return null;
  // Where switches add up, each device of an all-reduce sends its buffer once.
  const share = row.op === "all-reduce" ? 1 : (row.gpus - 1) / row.gpus;
  const rate = (share * row.messageBytes) / row.seconds;
  if (rate <= limit * (1 + ceiling.spread)) return null;
  const over = `${excess(rate, limit)} the ${ceiling.name} of ${formatBandwidth(limit)}`;
  const message = `sends ${formatBytes(share * row.messageBytes)} at least: ${formatBandwidth(rate)}, ${over}`;
  return { severity: ceiling.severity, rule: "link", message, value: rate, limit };
}

/** Two times that differ in their last digits must not print the same. */
function exact(seconds: number): string {
  return `${Number((seconds * 1e6).toPrecision(9))} µs`;
}
