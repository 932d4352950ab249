/** `ridgepoint report`: writes the Markdown report with its charts and data. */
import type { Command } from "commander";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import type { CliCommand, ExitCode } from "../command.ts";
import { writeReport } from "../write-report.ts";

export const report: CliCommand = {
  configure(command: Command): void {
    command.option("-o, --out <folder>", "folder to write into; made where missing", "reports").addHelpText(
      "after",
      `
Writes README.md (the main job), mha-mqa-gqa.md (real models), paper.md (the experiment of Shazeer 2019, counted) and
gallery.md, with charts as SVG (light and dark), their data as CSV and their Vega-Lite specifications. A second run
changes no byte.

Examples:
  ridgepoint report
  ridgepoint report --out /tmp/reports`,
    );
  },

  async run(options, _args, io): Promise<ExitCode> {
    const folder = String(options["out"] ?? "reports");
    if (folder === "") throw new InvalidInput("out", folder, "wants a folder's name");
    const written = await writeReport(folder, io.interrupted);
    for (const path of written.filter((each) => each.endsWith(".md"))) io.write(`${path}\n`);
    io.write(`${written.length} files written to ${folder}\n`);
    return io.interrupted.aborted ? 130 : 0;
  },
};
