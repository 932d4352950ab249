/**
 * Rows that no machine could have produced.
 *   error    a time that is zero or negative, a median under its minimum or over its maximum, more bytes a second or FLOPs a
 *            second than the datasheet's peak
 *   warning  more than the measured ceiling by more than its spread
 * A row's bytes are those that its columns lead to (keys and values or weights, read once) and those that it states.
 */
import { computePeak } from "../hardware/compute-peak.ts";
import type { Hardware } from "../hardware/hardware.ts";
import type { MeasurementKind, MeasurementRow } from "../measurement/measurement-row.ts";
import type { MeasurementTable } from "../measurement/measurement-table.ts";
import { formatBandwidth, formatBytes, formatFlopsPerSecond, formatSeconds } from "../quantity/format-quantity.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { isPredictable, type RowPrediction, rowPredictor } from "./predict-row.ts";

export type AuditRule = "time" | "order" | "bandwidth" | "compute";

export interface AuditFinding {
  readonly table: string;
  readonly line: number;
  readonly kind: MeasurementKind;
  readonly severity: "error" | "warning";
  readonly rule: AuditRule;
  readonly message: string;
  /** Seconds, bytes a second or FLOPs a second. */
  readonly value: number;
  /** What the value must not pass. */
  readonly limit: number;
}

export interface Audit {
  readonly rows: number;
  readonly leftOut: number;
  readonly errors: number;
  readonly warnings: number;
  /** Errors first, then warnings, each in the order of the tables. */
  readonly findings: readonly AuditFinding[];
}

export interface AuditOptions {
  /** The same machine with measured ceilings; without it there are no warnings. */
  readonly measured?: Hardware;
  /** Share by which a measured ceiling may be passed: its spread; 0.03 unless given. */
  readonly spread?: number;
}

/**
 * Audits every row. A machine whose profile was measured has no datasheet: its ceilings are taken for measured ones.
 * @throws InvalidInput for tables without a row, or a number format that isn't known
 */
export function auditTables(
  tables: readonly MeasurementTable[],
  hardware: Hardware,
  options: AuditOptions = {},
): Audit {
  const spread = options.spread ?? 0.03;
  if (!(spread >= 0)) throw new InvalidInput("spread", spread, "wants a share of at least 0");
  const ceilings: Ceiling[] = [];
  if (hardware.basis === "datasheet") ceilings.push({ machine: hardware, severity: "error", spread: 0, name: "peak" });
  const measured = options.measured ?? (hardware.basis === "measured" ? hardware : null);
  if (measured !== null) ceilings.push({ machine: measured, severity: "warning", spread, name: "measured ceiling" });
  const rows = tables.reduce((sum, table) => sum + table.rows.length, 0);
  const leftOut = tables.reduce((sum, table) => sum + table.leftOut, 0);
  if (rows === 0) {
    const wants = `no row to audit${leftOut > 0 ? `: ${leftOut} failed or were skipped` : ""}`;
    throw new InvalidInput("table", tables.map((table) => table.name).join(", "), wants);
  }
  const predict = rowPredictor(withLink(hardware));
  const findings = tables.flatMap((table) =>
    table.rows.flatMap((row) =>
      (isPredictable(row) ? auditRow(row, ceilings, () => predict(row, table.name)) : timeFindings(row)).map(
        (found): AuditFinding => ({ table: table.name, line: row.line, kind: row.kind, ...found }),
      ),
    ),
  );
  const errors = findings.filter((each) => each.severity === "error");
  const warnings = findings.filter((each) => each.severity === "warning");
  const counts = { errors: errors.length, warnings: warnings.length };
  return { rows, leftOut, ...counts, findings: [...errors, ...warnings] };
}

interface Ceiling {
  readonly machine: Hardware;
  readonly severity: "error" | "warning";
  readonly spread: number;
  readonly name: string;
}

type Found = Omit<AuditFinding, "table" | "line" | "kind">;

function auditRow(row: MeasurementRow, ceilings: readonly Ceiling[], count: () => RowPrediction): Found[] {
  const times = timeFindings(row);
  if (!(row.seconds > 0)) return times;
  const counted = count();
  const rates = [
    ceilings.map((ceiling) => bandwidthFinding(row, counted, ceiling)),
    ceilings.map((ceiling) => computeFinding(row, counted, ceiling)),
  ];
  // A row above the peak is above the measured ceiling too, and said once.
  return [...times, ...rates.flatMap((each) => each.find((found) => found !== null) ?? [])];
}

function timeFindings(row: MeasurementRow): Found[] {
  const found: Found[] = [];
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

function bandwidthFinding(row: MeasurementRow, counted: RowPrediction, ceiling: Ceiling): Found | null {
  // A row that says its data was in a cache makes no claim on the memory, as far as a cache can hold it.
  if (row.cold === false && ceiling.machine.caches.some((cache) => counted.bytes <= cache.bytes)) return null;
  const limit = ceiling.machine.memoryBandwidthBytesPerSecond;
  const claims = bandwidthClaims(row, counted);
  // A stated rate counts where it is more than the rounding of the bytes' own.
  const highest = claims.reduce((most, each) => (each.bytesPerSecond > 1.01 * most.bytesPerSecond ? each : most));
  if (highest.bytesPerSecond <= limit * (1 + ceiling.spread)) return null;
  const over = `${excess(highest.bytesPerSecond, limit)} the ${ceiling.name} of ${formatBandwidth(limit)}`;
  const message = `${highest.claim}: ${formatBandwidth(highest.bytesPerSecond)}, ${over}${cacheHint(ceiling.machine, counted)}`;
  return { severity: ceiling.severity, rule: "bandwidth", message, value: highest.bytesPerSecond, limit };
}

/** What the row says of its bandwidth: from its dimensions, its bytes, and its own rates. */
function bandwidthClaims(row: MeasurementRow, counted: RowPrediction): { claim: string; bytesPerSecond: number }[] {
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
function statedBytes(row: MeasurementRow): number | null {
  if (row.kind === "linear") return row.statedWeightBytes;
  if (row.kind === "elementwise") return row.statedBytes;
  if (row.kind !== "attention" && row.kind !== "steps") return null;
  if (row.window !== null) return null;
  if (row.kind === "attention") return row.statedKvBytes;
  if (row.statedKvBytes === null && row.statedWeightBytes === null) return null;
  return ((row.statedKvBytes ?? 0) + (row.statedWeightBytes ?? 0)) / row.tp;
}

function computeFinding(row: MeasurementRow, counted: RowPrediction, ceiling: Ceiling): Found | null {
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

/** An audit counts and predicts no time, so a missing link must not stop it. */
function withLink(hardware: Hardware): Hardware {
  return { ...hardware, link: hardware.link ?? { name: "none", bytesPerSecond: 1 } };
}

function cacheHint(machine: Hardware, counted: RowPrediction): string {
  const cache = machine.caches.find((each) => counted.bytes <= each.bytes);
  return cache === undefined ? "" : ` (its bytes fit into ${cache.name}: were they read from memory at all?)`;
}

/** "1.6 % over" up to twice the limit, "3.1 times" beyond. */
function excess(value: number, limit: number): string {
  const ratio = value / limit;
  return ratio < 2 ? `${(100 * (ratio - 1)).toPrecision(2)} % over` : `${Number(ratio.toPrecision(3))} times`;
}

/** Two times that differ in their last digits must not print the same. */
function exact(seconds: number): string {
  return `${Number((seconds * 1e6).toPrecision(9))} µs`;
}
