/** `ridgepoint audit`: measured rows that no machine could have produced. */
import type { Command } from "commander";
import { labelledProfiles } from "../../files/labelled-profiles.ts";
import { loadMeasurementTables } from "../../files/load-measurement-table.ts";
import type { MeasurementTable } from "../../measurement/measurement-table.ts";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { csvRows } from "../../reporting/csv-text.ts";
import { auditTables } from "../../validation/audit.ts";
import { auditText } from "../audit-text.ts";
import type { CliCommand, ExitCode } from "../command.ts";
import { positiveNumber } from "../number-option.ts";
import { jsonText, outputKind } from "../output.ts";
import { hardwareOf } from "../step-settings.ts";

export const audit: CliCommand = {
  configure(command: Command): void {
    command
      .argument("<table...>", "measurement tables, or files that `ridgepoint import` reads, known by their columns")
      .option("-H, --hardware <id>", "the machine that was measured: a profile or a file (runs of engines name theirs)")
      .option("--ceilings <file>", "measured ceilings (ceilings.json or a measured profile): warn of what passes them")
      .option("--margin <percent>", "by how much a measured ceiling may be passed: its spread", "3")
      .option("--json", "print JSON (schema in schemas/)")
      .option("--csv", "print the findings as CSV")
      .addHelpText(
        "after",
        `
An error (exit code 1): a time of zero or less, a median under its minimum or over its maximum, more bytes or FLOPs a second
than the datasheet's peak. A warning: more than a measured ceiling by more than the margin, or more than the peak where a
cache may explain it. Many findings are counted, with the worst of each rule; --csv and --json list all.

Examples:
  ridgepoint audit measurements/H100/*.csv --hardware h100-sxm --ceilings measurements/H100/ceilings.json
  ridgepoint audit steps.csv --hardware mi300x --json
  ridgepoint audit generation_attention_perf.parquet --hardware h100-sxm
  ridgepoint audit engine.csv`,
      );
  },

  async run(options, args, io): Promise<ExitCode> {
    const kind = outputKind(options);
    const spread = positiveNumber("margin", options["margin"] ?? 3) / 100;
    const tables = await loadMeasurementTables(args);
    const hardware = options["hardware"] === undefined ? null : await hardwareOf(options["hardware"]);
    if (hardware === null) refuseWithoutMachine(tables, options["ceilings"]);
    const measured =
      options["ceilings"] === undefined ? {} : { measured: await hardwareOf(options["hardware"], options) };
    const result = auditTables(tables, hardware, { spread, profiles: labelledProfiles(), ...measured });
    if (kind === "json") io.write(jsonText({ hardware: hardware?.id ?? null, ...result }));
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

/** Kernels don't say what their machine is; runs of engines do. */
function refuseWithoutMachine(tables: readonly MeasurementTable[], ceilings: unknown): void {
  const table = tables.find(({ kind }) => kind !== "engine");
  if (table === undefined && ceilings === undefined) return;
  throw new InvalidInput("hardware", "none", "wants the machine that was measured: --hardware ID");
}
