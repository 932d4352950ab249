/** The chart of a command as the report prints it, through the code that the command itself runs. */
import { generateRequest } from "../analysis/generate-request.ts";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { type ChartCommand, parsedOptions } from "../reporting/chart-command.ts";
import { chartSpecOf, drawableKinds } from "./chart-spec-of.ts";
import { generationChart } from "./generation-chart.ts";
import { oneOf, workloadSize } from "./number-option.ts";
import { hardwareOf, modelOf, predictorOptionsOf } from "./step-settings.ts";

/** @throws InvalidInput for a command that draws nothing */
export async function chartOfCommand(command: ChartCommand): Promise<ChartSpec> {
  const options = parsedOptions(command);
  const [name, kind] = command.words;
  if (name === "roofline") return await chartSpecOf("roofline", { attention: "as-is", ...options });
  if (name === "generate") return await requestChart(options);
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
