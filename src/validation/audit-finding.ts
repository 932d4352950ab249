/** What an audit finds in a row, and how it says it. */
import type { Hardware } from "../hardware/hardware.ts";

export type AuditRule = "time" | "order" | "bandwidth" | "compute" | "link";

export const auditRules: readonly AuditRule[] = ["time", "order", "bandwidth", "compute", "link"];

export interface RowFinding {
  readonly severity: "error" | "warning";
  readonly rule: AuditRule;
  readonly message: string;
  /** Seconds, bytes a second or FLOPs a second. */
  readonly value: number;
  /** What the value must not pass. */
  readonly limit: number;
}

/** What a row is held against. */
export interface AuditCeiling {
  readonly machine: Hardware;
  readonly severity: RowFinding["severity"];
  /** Share by which it may be passed. */
  readonly spread: number;
  readonly name: string;
}

/** "1.6 % over" up to twice the limit, "3.1 times" beyond. */
export function excess(value: number, limit: number): string {
  const ratio = value / limit;
  return ratio < 2 ? `${(100 * (ratio - 1)).toPrecision(2)} % over` : `${Number(ratio.toPrecision(3))} times`;
}
