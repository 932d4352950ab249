/**
 * Rows that no machine could have produced.
 *   error    a time that is zero or negative, a median under its minimum or over its maximum, more bytes a second or FLOPs a
 *            second than the datasheet's peak
 *   warning  more than the measured ceiling by more than its spread, or more than the peak where a cache or an uneven choice
 *            of experts may explain it
 * A row's bytes are those that its columns lead to (keys and values or weights, read once) and those that it states.
 * audit-row.ts has the rules of kernels and steps, audit-run.ts those of whole engines.
 */
import type { Hardware } from "../hardware/hardware.ts";
import type { MeasurementKind, MeasurementRow } from "../measurement/measurement-row.ts";
import type { MeasurementTable } from "../measurement/measurement-table.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { AuditCeiling, RowFinding } from "./audit-finding.ts";
import { auditRow } from "./audit-row.ts";
import { auditRun } from "./audit-run.ts";
import { conversionNotes } from "./conversion-notes.ts";
import { type LabelledProfiles, noProfiles } from "./labelled-profiles.ts";
import { otherMachineNote, otherMachines } from "./other-machines.ts";
import { isPredictable, rowPredictor } from "./predict-row.ts";
import { unitDoubts } from "./table-units.ts";
import { withLink } from "./with-link.ts";

export type { AuditRule } from "./audit-finding.ts";

export interface AuditFinding extends RowFinding {
  readonly table: string;
  readonly line: number;
  readonly kind: MeasurementKind;
}

export interface Audit {
  readonly rows: number;
  readonly leftOut: number;
  readonly errors: number;
  readonly warnings: number;
  /** Errors first, then warnings, each in the order of the tables. */
  readonly findings: readonly AuditFinding[];
  /** Rows whose figure was not held against a ceiling, by reason. */
  readonly notJudged: readonly { readonly reason: string; readonly rows: number }[];
  /** What concerns whole tables: times in another unit, rows of another machine. */
  readonly notes: readonly string[];
}

export interface AuditOptions {
  /** The same machine with measured ceilings; without it there are no warnings. */
  readonly measured?: Hardware;
  /** Share by which a measured ceiling may be passed: its spread; 0.03 unless given. */
  readonly spread?: number;
  /** What labels of machines and models mean; nothing unless given, and whole engines are then not judged. */
  readonly profiles?: LabelledProfiles;
}

/**
 * Audits every row. A machine whose profile was measured has no datasheet: its ceilings are taken for measured ones.
 * @param hardware null where all rows are of whole engines, which name their machines
 * @throws InvalidInput for tables without a row, or a number format that isn't known
 */
export function auditTables(
  tables: readonly MeasurementTable[],
  hardware: Hardware | null,
  options: AuditOptions = {},
): Audit {
  const spread = options.spread ?? 0.03;
  if (!(spread >= 0)) throw new InvalidInput("spread", spread, "wants a share of at least 0");
  const profiles = options.profiles ?? noProfiles;
  const rows = tables.reduce((sum, table) => sum + table.rows.length, 0);
  const leftOut = tables.reduce((sum, table) => sum + table.leftOut, 0);
  if (rows === 0) {
    const wants = `no row to audit${leftOut > 0 ? `: ${leftOut} failed or were skipped` : ""}`;
    throw new InvalidInput("table", tables.map((table) => table.name).join(", "), wants);
  }
  const notJudged = new Map<string, number>();
  const auditOne = rowAuditor(hardware, ceilingsOf(hardware, options, spread), profiles, notJudged);
  const findings = tables.flatMap((table) =>
    table.rows.flatMap((row) =>
      auditOne(row, table.name).map(
        (found): AuditFinding => ({ table: table.name, line: row.line, kind: row.kind, ...found }),
      ),
    ),
  );
  const errors = findings.filter((each) => each.severity === "error");
  const warnings = findings.filter((each) => each.severity === "warning");
  return {
    rows,
    leftOut,
    ...{ errors: errors.length, warnings: warnings.length },
    findings: [...errors, ...warnings],
    notJudged: [...notJudged].map(([reason, count]) => ({ reason, rows: count })),
    notes: [...conversionNotes(tables), ...(hardware === null ? [] : tableNotes(tables, hardware, profiles))],
  };
}

/**
 * The tables without the rows that the audit calls impossible (its errors), for whoever fits or scores.
 * @returns also how many rows of each table were left out
 */
export function possibleTables(
  tables: readonly MeasurementTable[],
  audit: Audit,
): { tables: MeasurementTable[]; impossible: { table: string; rows: number }[] } {
  const lines = new Map<string, Set<number>>();
  for (const { table, line, severity } of audit.findings) {
    if (severity !== "error") continue;
    const own = lines.get(table) ?? new Set<number>();
    lines.set(table, own.add(line));
  }
  const kept = tables.map((table) => {
    const own = lines.get(table.name);
    return own === undefined ? table : { ...table, rows: table.rows.filter((row) => !own.has(row.line)) };
  });
  const impossible = tables
    .map((table, i) => ({ table: table.name, rows: table.rows.length - (kept[i] as MeasurementTable).rows.length }))
    .filter(({ rows }) => rows > 0);
  return { tables: kept, impossible };
}

function ceilingsOf(hardware: Hardware | null, { measured }: AuditOptions, spread: number): AuditCeiling[] {
  if (hardware === null) return [];
  const ceilings: AuditCeiling[] = [];
  if (hardware.basis === "datasheet") ceilings.push({ machine: hardware, severity: "error", spread: 0, name: "peak" });
  const second = measured ?? (hardware.basis === "measured" ? hardware : null);
  if (second !== null) ceilings.push({ machine: second, severity: "warning", spread, name: "measured ceiling" });
  return ceilings;
}

function rowAuditor(
  hardware: Hardware | null,
  ceilings: readonly AuditCeiling[],
  profiles: LabelledProfiles,
  notJudged: Map<string, number>,
): (row: MeasurementRow, table: string) => readonly RowFinding[] {
  // Counting predicts no time, so a missing link must not stop it.
  const predict = hardware === null ? null : rowPredictor(withLink(hardware));
  return (row, table) => {
    if (!isPredictable(row)) {
      const found = auditRun(row, profiles, hardware);
      if (!("notJudged" in found)) return found;
      notJudged.set(found.notJudged, (notJudged.get(found.notJudged) ?? 0) + 1);
      return [];
    }
    if (predict === null) throw new InvalidInput("hardware", "none", `${table} wants the machine that was measured`);
    return auditRow(row, ceilings, () => predict(row, table));
  };
}

function tableNotes(tables: readonly MeasurementTable[], hardware: Hardware, profiles: LabelledProfiles): string[] {
  return [
    ...otherMachines(tables, hardware, profiles).map((each) => otherMachineNote(each, hardware)),
    ...unitDoubts(tables, hardware).map(({ table, message }) => `${table}: ${message}`),
  ];
}
