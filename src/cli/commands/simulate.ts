/** `ridgepoint simulate`: one layout under a workload or a trace, request by request. */
import type { Command } from "commander";
import { simulationChart, simulationChartKinds } from "../../reporting/simulation-chart.ts";
import type { CliCommand, CommandIo, ExitCode } from "../command.ts";
import { delayedProgress } from "../delayed-progress.ts";
import { oneOf } from "../number-option.ts";
import { addOutputOptions, csvText, jsonText, outputKind } from "../output.ts";
import { addFleetOptions } from "../plan-options.ts";
import { simulateJson } from "../simulate-json.ts";
import { drawingOf, simulateText } from "../simulate-text.ts";
import { simulatedRun } from "../simulated-run.ts";
import type { RawOptions } from "../step-settings.ts";
import { chartFormatOf, writeChart } from "../write-chart.ts";

export const simulate: CliCommand = {
  configure(command: Command): void {
    addFleetOptions(command)
      .option("-H, --hardware <id>", "kind of device (h100-sxm)")
      .option("--tensor-parallel <n>", "devices that share each layer (1)")
      .option("--pipeline-parallel <n>", "stages of layers, one after the other (1)")
      .option("--expert-parallel <n>", "devices that share the experts (1)")
      .option("--replicas <n>", "copies behind a balancer (1)")
      .option("--balancer <kind>", "least-loaded or round-robin", "least-loaded")
      .option(
        "--start <how>",
        "users begin spread over a request's time, or together as a benchmark's clients",
        "spread",
      )
      .option("--queue-limit <n>", "requests that may wait; later ones are rejected (100000)")
      .option("--requests <n>", "requests to draw (10000)")
      .option("--seed <n>", "of what is drawn (1)")
      .option("--chart <file>", "write the chart (.svg, .png, .html, .vl.json)")
      .option("--chart-kind <kind>", simulationChartKinds.join(" or "), simulationChartKinds[0]);
    addOutputOptions(command);
    command.addHelpText(
      "after",
      `
Continuous batching as the engine schedules it: admission by memory, chunked prefill, pre-emption. The same seed gives the same
run. --csv prints the time series. Exit code 3 where the layout doesn't fit.

Examples:
  ridgepoint simulate --model llama-3.1-70b --hardware h100-sxm --tensor-parallel 4 --replicas 2 --rate 8/s --input 1000 --output 300
  ridgepoint simulate --model llama-3.1-8b --users 64 --input 2048 --output 256 --engine sglang --chart run.svg
  ridgepoint simulate --model qwen3-32b --tensor-parallel 2 --trace trace.csv --rate 3/s --ttft 1s --tpot 50ms --json`,
    );
  },

  async run(options: RawOptions, _args, io: CommandIo): Promise<ExitCode> {
    const kind = outputKind(options);
    const chartKind = oneOf("chartKind", options["chartKind"] ?? simulationChartKinds[0], simulationChartKinds);
    const chart = options["chart"];
    if (chart !== undefined) chartFormatOf("chart", String(chart));
    const view = await simulatedRun(options, (requests) => delayedProgress(requests, "requests simulated", io));
    if (typeof view === "string") {
      io.writeError(`does not fit: ${view}\n`);
      return 3;
    }
    if (kind === "json") io.write(jsonText(simulateJson(view)));
    else if (kind === "csv") io.write(csvText(view.run.result.series.map((point) => ({ ...point }))));
    else io.write(simulateText(view, io.columns));
    if (chart !== undefined) await writeChart(simulationChart(drawingOf(view), chartKind), String(chart));
    return 0;
  },
};
