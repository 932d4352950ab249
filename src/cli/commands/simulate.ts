/** `ridgepoint simulate`: one layout under a workload or a trace, request by request. */
import type { Command } from "commander";
import { fixedFleet } from "../../planning/fixed-fleet.ts";
import { simulateFleet } from "../../planning/simulated-fleet.ts";
import type { CliCommand, CommandIo, ExitCode } from "../command.ts";
import { delayedProgress } from "../delayed-progress.ts";
import { oneOf, positiveInteger } from "../number-option.ts";
import { addOutputOptions, csvText, jsonText, outputKind } from "../output.ts";
import { addFleetOptions } from "../plan-options.ts";
import { planSetup } from "../plan-setup.ts";
import { simulateChart, simulateChartKinds } from "../simulate-chart.ts";
import { simulateJson } from "../simulate-json.ts";
import { simulateText } from "../simulate-text.ts";
import { simulatedLayout } from "../simulated-layout.ts";
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
      .option("--chart-kind <kind>", simulateChartKinds.join(" or "), simulateChartKinds[0]);
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
    const chartKind = oneOf("chartKind", options["chartKind"] ?? simulateChartKinds[0], simulateChartKinds);
    const balancer = oneOf("balancer", options["balancer"] ?? "least-loaded", ["least-loaded", "round-robin"]);
    const together = oneOf("start", options["start"] ?? "spread", ["spread", "together"]) === "together";
    const limit = options["queueLimit"];
    const queueLimit = limit === undefined ? undefined : positiveInteger("queueLimit", limit);
    const chart = options["chart"];
    if (chart !== undefined) chartFormatOf("chart", String(chart));
    const { simulation, notes, ...setup } = await planSetup({ ...options, separatePrefill: "never" });
    const { question, machine, replicas } = simulatedLayout(setup.question);
    const fleet = fixedFleet(question, machine, replicas);
    if (typeof fleet === "string") {
      io.writeError(`does not fit: ${fleet}\n`);
      return 3;
    }
    const progress = await delayedProgress(simulation.requests, "requests simulated", io);
    const onProgress = (completed: number): void => progress.update(completed);
    const run = simulateFleet(fleet.candidate, question, { ...simulation, balancer, queueLimit, together, onProgress });
    progress.stop();
    const view = { question, fleet, run, notes, seed: simulation.seed };
    if (kind === "json") io.write(jsonText(simulateJson(view)));
    else if (kind === "csv") io.write(csvText(run.result.series.map((point) => ({ ...point }))));
    else io.write(simulateText(view, io.columns));
    if (chart !== undefined) await writeChart(simulateChart(view, chartKind), String(chart));
    return 0;
  },
};
