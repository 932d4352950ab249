/** The chart of a command as the report prints it, through the code that the command itself runs. */
import { generateRequest } from "../analysis/generate-request.ts";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { planFleet } from "../planning/plan-report.ts";
import { simulateFleet } from "../planning/simulated-fleet.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { type ChartCommand, parsedOptions } from "../reporting/chart-command.ts";
import { isSimulationChart, planChart, planChartKinds } from "../reporting/plan-chart.ts";
import { sensitivityFigure } from "../reporting/sensitivity-figure.ts";
import { simulationChart, simulationChartKinds } from "../reporting/simulation-chart.ts";
import { chartSpecOf, drawableKinds } from "./chart-spec-of.ts";
import { generationChart } from "./generation-chart.ts";
import { oneOf, workloadSize } from "./number-option.ts";
import { planSetup } from "./plan-setup.ts";
import { drawingOf } from "./simulate-text.ts";
import { simulatedRun } from "./simulated-run.ts";
import { hardwareOf, modelOf, predictorOptionsOf } from "./step-settings.ts";
import { noProgress } from "./sweep-progress.ts";

/** @throws InvalidInput for a command that draws nothing */
export async function chartOfCommand(command: ChartCommand): Promise<ChartSpec> {
  const options = parsedOptions(command);
  const [name, kind] = command.words;
  if (name === "roofline") return await chartSpecOf("roofline", { attention: "as-is", ...options });
  if (name === "generate") return await requestChart(options);
  if (name === "plan") return await planChartOf(options);
  if (name === "simulate") return await simulationChartOf(options);
  if (name === "fit") return await fitChartOf(options);
  if (name === "sensitivity") return await sensitivityChartOf(options);
  return await chartSpecOf(oneOf("kind", kind, drawableKinds), options);
}

async function requestChart(options: Readonly<Record<string, string>>): Promise<ChartSpec> {
  const model = await modelOf(options);
  const machine = await hardwareOf(options["hardware"], options);
  const request = {
    batch: workloadSize("batch", options["batch"]),
    inputTokens: workloadSize("input", options["input"]),
    outputTokens: workloadSize("output", options["output"]),
  };
  return generationChart(generateRequest(model, machine, request, await predictorOptionsOf(options)), model, machine);
}

async function planChartOf(options: Readonly<Record<string, string>>): Promise<ChartSpec> {
  const kind = oneOf("chartKind", options["chartKind"] ?? planChartKinds[0], planChartKinds);
  const { question, simulation } = await planSetup(options);
  const { report, search } = planFleet(question);
  const best = isSimulationChart(kind) ? search.candidates.slice(0, 1) : [];
  return planChart(
    { question, report, simulated: best.map((each) => simulateFleet(each, question, simulation)) },
    kind,
  );
}

async function simulationChartOf(options: Readonly<Record<string, string>>): Promise<ChartSpec> {
  const kind = oneOf("chartKind", options["chartKind"] ?? simulationChartKinds[0], simulationChartKinds);
  const view = await simulatedRun(options, () => Promise.resolve(noProgress));
  if (typeof view === "string") throw new InvalidInput("hardware", options["hardware"], view);
  return simulationChart(drawingOf(view), kind);
}

async function fitChartOf(options: Readonly<Record<string, string>>): Promise<ChartSpec> {
  const [{ memoryFitDrawing }, { memoryFitChart }] = await Promise.all([
    import("./commands/fit.ts"),
    import("./memory-fit-charts.ts"),
  ]);
  return memoryFitChart(await memoryFitDrawing(options));
}

async function sensitivityChartOf(options: Readonly<Record<string, string>>): Promise<ChartSpec> {
  const { sensitivityOfOptions } = await import("./commands/sensitivity.ts");
  const { report, model, hardware } = await sensitivityOfOptions(options);
  const figure = sensitivityFigure(report, model, hardware);
  if (figure === null) throw new InvalidInput("model", model.id, "does not fit");
  return figure;
}
