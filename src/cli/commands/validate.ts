/** `ridgepoint validate`: predictions against measured rows. */
import type { Command } from "commander";
import { loadMeasurementTables } from "../../files/load-measurement-table.ts";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { comparedCells, comparedColumns } from "../../reporting/validation-page.ts";
import { validateTables } from "../../validation/validate.ts";
import type { CliCommand, ExitCode } from "../command.ts";
import { oneOf, positiveInteger, positiveNumber } from "../number-option.ts";
import { csvText, jsonText, outputKind } from "../output.ts";
import { printedValidation } from "../printed-validation.ts";
import { hardwareOf } from "../step-settings.ts";
import { validationText } from "../validation-text.ts";

export const validate: CliCommand = {
  configure(command: Command): void {
    command
      .argument("<table...>", "measurement tables: attention, linear or steps, known by their columns")
      .requiredOption("-H, --hardware <id>", "the machine that was measured: a profile or a file")
      .option("--ceilings <file>", "measured ceilings (ceilings.json or a measured profile) in the profile's place")
      .option("--timing <model>", "roofline", "roofline")
      .option("--max-median <percent>", "exit code 1 where the median error of a kind of table is larger")
      .option("--worst <n>", "worst rows shown of each kind", "5")
      .option("-o, --out <folder>", "also write a page with charts and data there; made where missing")
      .option("--json", "print JSON (schema in schemas/)")
      .option("--csv", "print every row beside its prediction as CSV")
      .addHelpText(
        "after",
        `
The layouts and columns of tables: docs/measurement-format.md.

Examples:
  ridgepoint validate measurements/H100/attention.csv measurements/H100/steps.csv --hardware h100-sxm
  ridgepoint validate measurements/H100/*.csv --hardware h100-sxm --ceilings measurements/H100/ceilings.json
  ridgepoint validate steps.csv --hardware ./my-machine.json --max-median 10
  ridgepoint validate steps.csv --hardware a100-80g-sxm --out validation`,
      );
  },

  async run(options, args, io): Promise<ExitCode> {
    const kind = outputKind(options);
    oneOf("timing", options["timing"] ?? "roofline", ["roofline"]);
    const worst = positiveInteger("worst", options["worst"] ?? 5);
    const gate = options["maxMedian"] === undefined ? null : positiveNumber("maxMedian", options["maxMedian"]);
    const folder = options["out"];
    if (folder === "") throw new InvalidInput("out", folder, "wants a folder's name");
    const hardware = await hardwareOf(options["hardware"], options);
    const tables = await loadMeasurementTables(args);
    const validation = validateTables(tables, hardware, { worst });
    const printed = printedValidation(validation, tables, gate);
    if (typeof folder === "string") {
      const { writeValidation } = await import("../write-validation.ts");
      const files = await writeValidation(validation, folder, io.interrupted);
      io.writeError(`wrote ${files} files to ${folder}\n`);
    }
    if (kind === "json") io.write(jsonText(printed));
    else if (kind === "csv") io.write(csvText(validation.compared.map((each) => named(comparedCells(each)))));
    else io.write(validationText(validation));
    for (const missed of printed.gate?.missed ?? []) {
      const median = printed.kinds[missed]?.medianAbsolutePercentageError ?? 0;
      io.writeError(`gate missed: ${missed} has a median error of ${median.toPrecision(4)} %, more than ${gate} %\n`);
    }
    if (io.interrupted.aborted) return 130;
    return (printed.gate?.missed.length ?? 0) > 0 ? 1 : 0;
  },
};

function named(cells: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(comparedColumns.map((column, index) => [column, cells[index]]));
}
