/** `ridgepoint report`: writes the Markdown report with its charts and data. */
import type { Command } from "commander";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import type { CliCommand, CommandIo, ExitCode } from "../command.ts";
import { noProgress, sweepProgress } from "../sweep-progress.ts";
import { writeReport } from "../write-report.ts";

export const report: CliCommand = {
  configure(command: Command): void {
    command
      .option("-o, --out <folder>", "folder to write into; made where missing (reports, or reports/accuracy)")
      .option("--accuracy", "write the accuracy report instead, of everything fitted anew: a minute or two")
      .option("--measured <folder>", "with --accuracy: this project's rows", "measurements/H100")
      .option("--shared <folder>", "with --accuracy: others' tables (peer-tables/, published/)", "../shared")
      .option("--quiet", "no progress bar")
      .addHelpText(
        "after",
        `
Writes README.md (the main job), mha-mqa-gqa.md (real models), paper.md (the experiment of Shazeer 2019, counted),
engines.md (the same step under each software), planning.md (six situations planned) and gallery.md, with charts as SVG (light
and dark), their data as CSV and their Vega-Lite specifications. A second run changes no byte.

--accuracy fits all tables, each figure on rows that its fit did not see, and writes README.md with charts and accuracy.csv:
aggregates, no row of others' tables. Where one of its inputs is missing it says so and leaves the report as it is.

Examples:
  ridgepoint report
  ridgepoint report --accuracy
  ridgepoint report --out /tmp/reports`,
      );
  },

  async run(options, _args, io): Promise<ExitCode> {
    const folder = String(options["out"] ?? (options["accuracy"] === true ? "reports/accuracy" : "reports"));
    if (folder === "") throw new InvalidInput("out", folder, "wants a folder's name");
    if (options["accuracy"] === true) return await reportAccuracy(folder, options, io);
    const written = await writeReport(folder, io.interrupted);
    for (const path of written.filter((each) => each.endsWith(".md"))) io.write(`${path}\n`);
    io.write(`${written.length} files written to ${folder}\n`);
    return io.interrupted.aborted ? 130 : 0;
  },
};

async function reportAccuracy(
  folder: string,
  options: Readonly<Record<string, unknown>>,
  io: CommandIo,
): Promise<ExitCode> {
  const [{ accuracyParts, accuracyResult }, { missingInputs, writeAccuracy }] = await Promise.all([
    import("../accuracy-lines.ts"),
    import("../write-accuracy.ts"),
  ]);
  const folders = { measured: String(options["measured"]), shared: String(options["shared"]) };
  const missing = await missingInputs(folders);
  if (missing.length > 0) {
    const others = missing.length > 1 ? ` and ${missing.length - 1} more` : "";
    io.write(`skipped: ${missing[0]}${others} not there; ${folder} is left as it is\n`);
    return 0;
  }
  const isShown = io.isTerminal && options["quiet"] !== true;
  const progress = isShown ? await sweepProgress(accuracyParts, "parts") : noProgress;
  try {
    const result = await accuracyResult(folders, async (done) => {
      progress.update(done);
      await new Promise((resolve) => setTimeout(resolve, 0));
      io.interrupted.throwIfAborted();
    });
    progress.stop();
    const written = await writeAccuracy(result, folder, io.interrupted);
    io.write(`${written.length} files written to ${folder}\n`);
  } catch (error) {
    if (!io.interrupted.aborted) throw error;
  } finally {
    progress.stop();
  }
  return io.interrupted.aborted ? 130 : 0;
}
