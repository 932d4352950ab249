/** `ridgepoint audit`: measured rows that no machine could have produced. */
import type { Command } from "commander";
import { loadMeasurementTables } from "../../files/load-measurement-table.ts";
import { csvRows } from "../../reporting/csv-text.ts";
import { type Audit, auditTables } from "../../validation/audit.ts";
import type { CliCommand, ExitCode } from "../command.ts";
import { positiveNumber } from "../number-option.ts";
import { jsonText, outputKind } from "../output.ts";
import { hardwareOf } from "../step-settings.ts";

export const audit: CliCommand = {
  configure(command: Command): void {
    command
      .argument("<table...>", "measurement tables: attention, linear, elementwise or steps, known by their columns")
      .requiredOption("-H, --hardware <id>", "the machine that was measured: a profile or a file")
      .option("--ceilings <file>", "measured ceilings (ceilings.json or a measured profile): warn of what passes them")
      .option("--margin <percent>", "by how much a measured ceiling may be passed: its spread", "3")
      .option("--json", "print JSON (schema in schemas/)")
      .option("--csv", "print the findings as CSV")
      .addHelpText(
        "after",
        `
An error (exit code 1): a time of zero or less, a median under its minimum or over its maximum, more bytes or FLOPs a second
than the datasheet's peak. A warning: more than a measured ceiling by more than the margin.

Examples:
  ridgepoint audit measurements/H100/*.csv --hardware h100-sxm --ceilings measurements/H100/ceilings.json
  ridgepoint audit steps.csv --hardware mi300x --json`,
      );
  },

  async run(options, args, io): Promise<ExitCode> {
    const kind = outputKind(options);
    const spread = positiveNumber("margin", options["margin"] ?? 3) / 100;
    const hardware = await hardwareOf(options["hardware"]);
    const measured =
      options["ceilings"] === undefined ? {} : { measured: await hardwareOf(options["hardware"], options) };
    const result = auditTables(await loadMeasurementTables(args), hardware, { spread, ...measured });
    if (kind === "json") io.write(jsonText({ hardware: hardware.id, ...result }));
    else if (kind === "csv")
      io.write(
        csvRows(
          columns,
          result.findings.map((found) => columns.map((column) => found[column])),
        ),
      );
    else io.write(auditText(result));
    return result.errors > 0 ? 1 : 0;
  },
};

const columns = ["table", "line", "kind", "severity", "rule", "message", "value", "limit"] as const;

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function auditText(result: Audit): string {
  const lines = result.findings.map(
    (each) => `${each.severity.padEnd(7)}  ${each.table}:${each.line}  ${each.rule}: ${each.message}\n`,
  );
  const left = result.leftOut > 0 ? `; ${result.leftOut} that failed or were skipped left out` : "";
  return `${lines.join("")}${counted(result.rows, "row")}: ${counted(result.errors, "error")}, ${counted(result.warnings, "warning")}${left}\n`;
}
