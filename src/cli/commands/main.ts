/** `ridgepoint main`, what `npm start` runs: the main job on built-in profiles, and the report. */
import type { Command } from "commander";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { comparedStepsCsv } from "../../reporting/compared-steps-csv.ts";
import { mainJob, runMainJob } from "../../reporting/main-job.ts";
import type { CliCommand, ExitCode } from "../command.ts";
import { mainStepText, mainTotalsText } from "../main-text.ts";
import { jsonText } from "../output.ts";
import { builtinCatalog, writeReport } from "../write-report.ts";

export const main: CliCommand = {
  configure(command: Command): void {
    command
      .option("-o, --out <folder>", "folder for the report; made where missing", "reports")
      .option("--json", "print the totals as JSON")
      .option("--csv", "print the totals as CSV")
      .addHelpText(
        "after",
        `
One decode step of Llama 2 7B as MHA, operation by operation; then MHA, GQA-8 and MQA side by side on four machines;
then the report with its charts, as \`ridgepoint report\` writes it. It needs no network and no GPU.

Examples:
  ridgepoint main
  ridgepoint main --out /tmp/reports --json`,
      );
  },

  async run(options, _args, io): Promise<ExitCode> {
    const folder = String(options["out"] ?? "reports");
    if (folder === "") throw new InvalidInput("out", folder, "wants a folder's name");
    if (options["json"] === true && options["csv"] === true) {
      throw new InvalidInput("csv", "--csv", "--json or --csv, not both");
    }
    const result = runMainJob(builtinCatalog);
    if (options["json"] === true) io.write(jsonText({ rows: result.rows }));
    else if (options["csv"] === true) io.write(comparedStepsCsv(result.rows));
    else {
      io.write(`${mainStepText(builtinCatalog)}\n`);
      io.write(`The same model as ${mainJob.attentions.join(", ")}; the speed-up is over ${mainJob.attentions[0]}\n\n`);
      io.write(`${mainTotalsText(result)}\n`);
    }
    const written = await writeReport(folder, io.interrupted);
    const say = options["json"] === true || options["csv"] === true ? io.writeError : io.write;
    for (const path of written.filter((each) => /\.(md|light\.svg)$/.test(each))) say(`wrote ${path}\n`);
    const start = written.find((path) => path.endsWith("README.md")) ?? folder;
    say(`${written.length} files in ${folder}; start with ${start}\n`);
    return io.interrupted.aborted ? 130 : 0;
  },
};
