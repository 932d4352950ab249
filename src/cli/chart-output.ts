/** Where a chart goes: --out a file, --format and --theme; without --out its specification to stdout. */
import type { Command } from "commander";
import { type ChartSpec, chartSpecText } from "../charts/chart-spec.ts";
import { type ChartTheme, chartThemes, themeConfig } from "../charts/theme.ts";
import type { ChartFormat } from "../files/render-chart.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { CommandIo } from "./command.ts";
import { oneOf } from "./number-option.ts";
import type { RawOptions } from "./step-settings.ts";
import { chartFormatOf, chartFormatOfEnding } from "./write-chart.ts";

export function addChartOutputOptions(command: Command): Command {
  return command
    .option(
      "-o, --out <file>",
      "picture or specification: .svg, .png, .html or .vl.json (stdout: the specification); its folder is made where missing",
    )
    .option("--format <format>", "svg, png, html or vega-lite, where the file's ending does not say it")
    .option("--theme <theme>", "light or dark (an HTML page holds both)", "light");
}

/** Checked before anything is computed. @throws InvalidInput naming the option */
export interface ChartOutput {
  readonly path: string | null;
  readonly format: ChartFormat;
  readonly theme: ChartTheme;
}

export function chartOutputOf(options: RawOptions): ChartOutput {
  const theme = oneOf("theme", options["theme"] ?? "light", chartThemes);
  const asked = options["format"];
  const format = asked === undefined ? null : oneOf("format", asked, ["svg", "png", "html", "vega-lite"]);
  const path = options["out"] === undefined ? null : String(options["out"]);
  if (path === "") throw new InvalidInput("out", path, "wants a file's name");
  if (path === null && format !== null && format !== "vega-lite") {
    throw new InvalidInput("format", format, "wants --out; without it the vega-lite specification is printed");
  }
  if (path === null) return { path, format: "vega-lite", theme };
  const ending = chartFormatOfEnding(path);
  if (format !== null && ending !== null && format !== ending) {
    throw new InvalidInput("format", format, `${path} ends as ${ending}`);
  }
  return { path, format: format ?? ending ?? chartFormatOf("out", path), theme };
}

/** Writes the chart and says where, or prints its specification. @throws WorkFailed where the file cannot be written */
export async function outputChart(spec: ChartSpec, output: ChartOutput, io: CommandIo): Promise<void> {
  if (output.path === null) {
    io.write(chartSpecText({ ...spec, config: themeConfig(output.theme) }));
    return;
  }
  const [{ renderChart }, { writeFileAtomically }] = await Promise.all([
    import("../files/render-chart.ts"),
    import("../files/write-file-atomically.ts"),
  ]);
  await writeFileAtomically(output.path, await renderChart(spec, { format: output.format, theme: output.theme }));
  io.writeError(`wrote ${output.path}\n`);
}
