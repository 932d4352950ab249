/** `ridgepoint validate`: predictions against measured rows, of tables or, with --here, of this machine. */
import type { Command } from "commander";
import { fileHash } from "../../files/file-hash.ts";
import { labelledProfiles } from "../../files/labelled-profiles.ts";
import { shippedCalibrations } from "../../files/load-calibration.ts";
import { loadMeasurementTables } from "../../files/load-measurement-table.ts";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { comparedCells, comparedColumns } from "../../reporting/validation-page.ts";
import type { Calibration } from "../../timing/calibration.ts";
import { chooseTiming } from "../../timing/choose-timing.ts";
import { fittedTableNotes } from "../../validation/fitted-table-notes.ts";
import { validateTables } from "../../validation/validate.ts";
import type { CliCommand, CommandIo, ExitCode } from "../command.ts";
import { positiveInteger, positiveNumber } from "../number-option.ts";
import { csvText, jsonText, outputKind } from "../output.ts";
import { printedValidation } from "../printed-validation.ts";
import { hardwareOf } from "../step-settings.ts";
import { addTimingOptions, timingChoiceOf } from "../timing-options.ts";
import { validationText } from "../validation-text.ts";

export const validate: CliCommand = {
  configure(command: Command): void {
    addTimingOptions(command)
      .argument("[table...]", "measurement tables, or files that `ridgepoint import` reads, known by their columns")
      .option(
        "-H, --hardware <id>",
        "the machine that was measured: a profile or a file (results of engines name theirs)",
      )
      .option("--ceilings <file>", "measured ceilings (ceilings.json or a measured profile) in the profile's place")
      .option("--max-median <percent>", "exit code 1 where the median error of a kind of table is larger")
      .option("--here", "measure this machine, fit a part of its kernels, predict the others and whole steps")
      .option("--quick", "with --here: fewer kernels and contexts")
      .option("-t, --threads <n>", "with --here: threads (all that this process may use)")
      .option("--worst <n>", "worst rows shown of each kind (5)")
      .option("-o, --out <folder>", "also write a page with charts and data there (--here: reports/this-machine)")
      .option("--json", "print JSON (schema in schemas/)")
      .option("--csv", "print every row beside its prediction as CSV")
      .addHelpText(
        "after",
        `
The layouts and columns of tables: docs/measurement-format.md. Results of whole engines are predicted by the constants of their
engine on the machine that each row names (docs/published-runs.md, docs/serving.md); rows of which too little is known are left
out and counted. --here takes up to four minutes (--quick 90 seconds), wants
a machine that does nothing else, and holds --max-median to whole steps and to the attention and linear kernels that its fit
did not see: docs/validation-here.md.

Examples:
  ridgepoint validate measurements/H100/attention.csv measurements/H100/steps.csv --hardware h100-sxm
  ridgepoint validate measurements/H100/*.csv --hardware h100-sxm --ceilings measurements/H100/ceilings.json
  ridgepoint validate steps.csv --hardware ./my-machine.json --max-median 10
  ridgepoint validate steps.csv --hardware a100-80g-sxm --timing calibrated --out validation
  ridgepoint validate llama-bench.json vllm-runs.csv
  ridgepoint validate --here
  ridgepoint validate --here --quick --out my-laptop --max-median 10`,
      );
  },

  async run(options, args, io): Promise<ExitCode> {
    if (options["here"] === true) return await here(options, args, io);
    for (const name of ["quick", "threads"]) {
      if (options[name] !== undefined) throw new InvalidInput(name, options[name], "goes with --here alone");
    }
    if (args.length === 0)
      throw new InvalidInput("table", "none", "missing required argument 'table': measurement tables, or --here");
    const kind = outputKind(options);
    const worst = positiveInteger("worst", options["worst"] ?? 5);
    const gate = options["maxMedian"] === undefined ? null : positiveNumber("maxMedian", options["maxMedian"]);
    const folder = options["out"];
    if (folder === "") throw new InvalidInput("out", folder, "wants a folder's name");
    const asked = options["hardware"];
    const hardware = asked === undefined ? null : await hardwareOf(asked, options);
    if (hardware === null && options["ceilings"] !== undefined)
      throw new InvalidInput("hardware", "none", wantsMachine);
    const tables = await loadMeasurementTables(args);
    if (hardware === null && tables.some((table) => table.kind !== "engine"))
      throw new InvalidInput("hardware", "none", wantsMachine);
    const choice = await timingChoiceOf(options);
    const validation = validateTables(tables, hardware, {
      timing: (machine, kernel) => chooseTiming(machine, choice, kernel),
      fittedNotes: await fittedNotes(args, choice.calibrations),
      worst,
      profiles: labelledProfiles(),
      // Engines run on kernels whatever single kernels and steps are held against.
      calibrations: choice.timing === "roofline" ? shippedCalibrations() : choice.calibrations,
    });
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

const wantsMachine = "wants the machine that was measured: --hardware ID";

/** That tables were fitted, and how far the fits hold where they saw nothing. */
async function fittedNotes(paths: readonly string[], calibrations: readonly Calibration[]): Promise<string[]> {
  if (calibrations.length === 0) return [];
  const tables = await Promise.all(paths.map(async (name) => ({ name, sha256: await fileHash(name) })));
  return fittedTableNotes(tables, calibrations);
}

/** Options that make no sense where nothing but this machine is measured. */
const ofTables = ["hardware", "ceilings", "csv", "timing", "engine", "fit", "worst"] as const;

async function here(
  options: Readonly<Record<string, unknown>>,
  args: readonly string[],
  io: CommandIo,
): Promise<ExitCode> {
  if (args.length > 0) throw new InvalidInput("table", args[0], "--here measures, and takes no tables");
  for (const name of ofTables) {
    if (options[name] !== undefined) throw new InvalidInput(name, options[name], "does not go with --here");
  }
  const folder = options["out"] ?? "reports/this-machine";
  if (folder === "") throw new InvalidInput("out", folder, "wants a folder's name");
  const [{ validateHere }, { hereTools }] = await Promise.all([
    import("../validate-here.ts"),
    import("../here-tools-node.ts"),
  ]);
  const settings = {
    quick: options["quick"] === true,
    threads: options["threads"] === undefined ? null : positiveInteger("threads", options["threads"]),
    folder: String(folder),
    maxMedianPercent: options["maxMedian"] === undefined ? null : positiveNumber("maxMedian", options["maxMedian"]),
    json: options["json"] === true,
  };
  return await validateHere(hereTools, settings, io);
}

function named(cells: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(comparedColumns.map((column, index) => [column, cells[index]]));
}
