/** data/planning.csv: every fleet that holds, of every situation, best first. */
import { csvRows } from "./csv-text.ts";
import type { PlannedSituation } from "./planned-situation.ts";

const columns = [
  ...["situation", "model", "hardware", "engine", "weights", "kvCache", "fleet", "devices", "nodes", "batch"],
  ...["ttftSeconds", "tpotSeconds", "endToEndSeconds", "tokensPerSecond", "utilization"],
  ...["costPerHour", "costPerMillionTokens", "joulesPerToken", "binding"],
];

export function plannedFleetsCsv(planned: readonly PlannedSituation[]): string {
  const digits = (value: number | null): number | null => (value === null ? null : Number(value.toPrecision(6)));
  const rows = planned.flatMap(({ situation, question, report }) =>
    report.candidates.map((row) => [
      ...[situation.id, question.model.id, row.hardware, row.engine, row.weights, row.kvCache, row.fleet],
      ...[row.devices, row.nodes, digits(row.batch)],
      ...[row.ttftSeconds, row.tpotSeconds, row.endToEndSeconds, row.tokensPerSecond, row.utilization].map(digits),
      ...[row.costPerHour, row.costPerMillionTokens, row.joulesPerToken].map(digits),
      row.binding,
    ]),
  );
  return csvRows(columns, rows);
}
