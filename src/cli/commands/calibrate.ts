/** `ridgepoint calibrate`: fits kernel forms to measured tables. */
import { basename, dirname } from "node:path";
import type { Command } from "commander";
import { fileHash } from "../../files/file-hash.ts";
import { labelledProfiles } from "../../files/labelled-profiles.ts";
import { shippedCalibrations } from "../../files/load-calibration.ts";
import { copyShareOf } from "../../files/load-ceilings.ts";
import { loadMeasurementTables } from "../../files/load-measurement-table.ts";
import type { Hardware } from "../../hardware/hardware.ts";
import type { MeasurementTable } from "../../measurement/measurement-table.ts";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { executionProfiles } from "../../timing/engines.ts";
import { engineIds } from "../../timing/execution-profile.ts";
import { calibrate } from "../../validation/calibrate.ts";
import { mainMachine } from "../../validation/engine-rows/placed-row.ts";
import { fitFileOf } from "../../validation/fit-file-of.ts";
import { checkedFitId } from "../../validation/fit-file-schema.ts";
import { otherSoftwareNotes } from "../../validation/other-software.ts";
import type { CliCommand, ExitCode } from "../command.ts";
import { fitText } from "../fit-text.ts";
import { oneOf } from "../number-option.ts";
import { jsonText } from "../output.ts";
import { hardwareOf } from "../step-settings.ts";
import { writeFit } from "../write-fit.ts";

const wantsMachine = "wants the machine that was measured: --hardware ID";

/** @throws InvalidInput for tables that don't name their machine row by row */
function machineOfRuns(tables: readonly MeasurementTable[]): Hardware {
  const machine = tables.every(({ kind }) => kind === "engine") ? mainMachine(tables, labelledProfiles()) : null;
  if (machine === null) throw new InvalidInput("hardware", "none", wantsMachine);
  return machine;
}

export const calibrateCommand: CliCommand = {
  configure(command: Command): void {
    command
      .argument("<table...>", "measured tables (CSV, or another program's results as `ridgepoint import` reads them)")
      .option(
        "-H, --hardware <id>",
        "the machine that was measured: a profile or a file (results of engines name theirs)",
      )
      .option("--ceilings <file>", "its measured ceilings, which the fit is then relative to")
      .option("--engine <name>", `whose kernels they are: ${engineIds.join(", ")}`, "pytorch-graph")
      .option("--id <name>", "name of the fit (hardware and engine)")
      .option("--source <text>", "what was measured, by whom (the tables' names)")
      .option("-o, --out <folder>", "where fit.json and its page go (beside the first table)")
      .option("--without-rows", "write the fit alone: no page, chart or residual that shows a row")
      .option("--json", "print the fit as JSON (schema in schemas/)")
      .addHelpText(
        "after",
        `
Kinds of work are fitted apart, by kernel and number format; groups (a matrix shape, a K/V head count, a model) are left out in
turn to see how far each fit holds, which also gives the 90 % intervals of predictions. Rows that \`ridgepoint audit\` calls
impossible are left out and counted. Results of whole engines fit constants of their engines instead, on all machines that the
rows name (docs/published-runs.md, docs/serving.md). The fit is used by --fit FILE. docs/calibration.md says how and why.

Examples:
  ridgepoint calibrate measurements/H100/*.csv --hardware h100-sxm --ceilings measurements/H100/ceilings.json
  ridgepoint calibrate attention.parquet gemm.parquet --hardware a100-80g-sxm --engine vllm --out my-fit
  ridgepoint calibrate llama-bench.json --out my-runs
  ridgepoint step --hardware a100-80g-sxm --fit my-fit/fit.json`,
      );
  },

  async run(options, args, io): Promise<ExitCode> {
    const engine = oneOf("engine", options["engine"] ?? "pytorch-graph", engineIds);
    if (options["out"] === "") throw new InvalidInput("out", "", "wants a folder's name");
    const asked = options["hardware"];
    const ceilings = options["ceilings"];
    if (asked === undefined && ceilings !== undefined) throw new InvalidInput("hardware", "none", wantsMachine);
    const given = asked === undefined ? null : await hardwareOf(asked);
    const tables = await loadMeasurementTables(args);
    const stated = given ?? machineOfRuns(tables);
    const measured = ceilings === undefined ? stated : await hardwareOf(asked, options);
    const copyShare = ceilings === undefined ? undefined : await copyShareOf(String(ceilings));
    const isOfRuns = tables.every((table) => table.kind === "engine");
    const id = checkedFitId(String(options["id"] ?? (isOfRuns ? `${stated.id}-runs` : `${stated.id}-${engine}`)));
    const result = calibrate({
      ...{ id, tables, stated, measured, copyShare, profile: executionProfiles[engine], profiles: labelledProfiles() },
      source: String(options["source"] ?? args.map((path) => basename(path)).join(", ")),
      calibrations: shippedCalibrations(),
    });
    for (const note of otherSoftwareNotes(tables, engine)) io.writeError(`note: ${note}\n`);
    const hashes = await Promise.all(args.map(async (path) => ({ path, sha256: await fileHash(path) })));
    const fit = fitFileOf(result, {
      source: String(options["source"] ?? args.map((path) => basename(path)).join(", ")),
      tables: hashes.map(({ path, sha256 }) => ({
        name: basename(path),
        sha256,
        rows: tables.filter(({ name }) => name === path).reduce((sum, { rows }) => sum + rows.length, 0),
      })),
    });
    const folder = String(options["out"] ?? dirname(args[0]!));
    const { interrupted } = io;
    const files = await writeFit(result, fit, folder, { withRows: options["withoutRows"] !== true, interrupted });
    io.writeError(`wrote ${files} files to ${folder}\n`);
    io.write(options["json"] === true ? jsonText(fit) : fitText(result));
    return interrupted.aborted ? 130 : 0;
  },
};
