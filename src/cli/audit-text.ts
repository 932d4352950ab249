/** An audit for reading: every finding where they are few, else how many of each rule and table with the worst of them. */
import type { Audit, AuditFinding } from "../validation/audit.ts";

/** More than a screen of findings is counted instead. */
const mostListed = 20;
const worstOfGroup = 3;
const mostReasons = 10;

export function auditText(audit: Audit): string {
  const lines = audit.findings.length <= mostListed ? audit.findings.map(findingLine) : summaryLines(audit.findings);
  for (const note of audit.notes) lines.push(`note     ${note}`);
  for (const { reason, rows } of audit.notJudged.slice(0, mostReasons)) {
    lines.push(`note     ${counted(rows, "row")} not judged: ${reason}`);
  }
  const others = audit.notJudged.slice(mostReasons).reduce((sum, { rows }) => sum + rows, 0);
  if (others > 0) lines.push(`note     ${counted(others, "row")} not judged for yet other reasons (--json lists all)`);
  const left = audit.leftOut > 0 ? `; ${audit.leftOut} that failed, were skipped or not converted left out` : "";
  const total = `${counted(audit.rows, "row")}: ${counted(audit.errors, "error")}, ${counted(audit.warnings, "warning")}${left}`;
  return `${[...lines, total].join("\n")}\n`;
}

function findingLine({ severity, table, line, rule, message }: AuditFinding): string {
  return `${severity.padEnd(7)}  ${table}:${line}  ${rule}: ${message}`;
}

/** A group a table, severity and rule, in the order of their first finding, each with its worst. */
function summaryLines(findings: readonly AuditFinding[]): string[] {
  const groups = new Map<string, AuditFinding[]>();
  for (const each of findings) {
    const key = `${each.severity} ${each.table} ${each.rule}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return [...groups.values()].flatMap((group) => {
    const { severity, table, rule } = group[0] as AuditFinding;
    if (group.length <= worstOfGroup) return group.map(findingLine);
    const worst = [...group].sort((a, b) => excessOf(b) - excessOf(a)).slice(0, worstOfGroup);
    const head = `${severity.padEnd(7)}  ${table}  ${rule}: ${counted(group.length, "row")}, the worst:`;
    return [head, ...worst.map(({ line, message }) => `           line ${line}: ${message}`)];
  });
}

/** How far a finding is past its limit; a limit of zero, or a time under it, is passed without measure. */
function excessOf({ value, limit, rule }: AuditFinding): number {
  if (rule === "time" || limit === 0) return Number.POSITIVE_INFINITY;
  return rule === "order" ? Math.max(value / limit, limit / value) : value / limit;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
