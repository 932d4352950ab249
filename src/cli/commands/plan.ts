/** `ridgepoint plan`: how many of which devices, laid out how, serve a model at a rate within objectives, at what cost. */
import type { Command } from "commander";
import type { Candidate } from "../../planning/candidate.ts";
import { hasTokensAfterFirst } from "../../planning/fixed-fleet.ts";
import type { PlanQuestion } from "../../planning/plan-question.ts";
import { planFleet } from "../../planning/plan-report.ts";
import { replicaArguments } from "../../planning/replica-arguments.ts";
import { type SimulatedFleet, simulateFleet } from "../../planning/simulated-fleet.ts";
import { simulatedReplicas } from "../../planning/simulated-replicas.ts";
import { whatIfRows } from "../../planning/what-if.ts";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { isSimulationChart, planChart, planChartKinds } from "../../reporting/plan-chart.ts";
import type { CliCommand, CommandIo, ExitCode } from "../command.ts";
import { delayedProgress } from "../delayed-progress.ts";
import { oneOf } from "../number-option.ts";
import { addOutputOptions, csvText, jsonText, outputKind } from "../output.ts";
import { planCsvRow } from "../plan-csv.ts";
import { planJson } from "../plan-json.ts";
import { addPlanOptions } from "../plan-options.ts";
import { type PlanSetup, planSetup } from "../plan-setup.ts";
import { nothingFits, planText } from "../plan-text.ts";
import { mostReplicas, mostUsers } from "../simulated-layout.ts";
import type { RawOptions } from "../step-settings.ts";
import { chartFormatOf, writeChart } from "../write-chart.ts";

export const plan: CliCommand = {
  configure(command: Command): void {
    addPlanOptions(command)
      .option("--simulate <n>", "simulate so many of the best fleets; 0: none (3)")
      .option("--requests <n>", "requests of a simulation (10000)")
      .option("--seed <n>", "of what is drawn (1)")
      .option("--chart <file>", "write the chart (.svg, .png, .html, .vl.json)")
      .option(
        "--chart-kind <kind>",
        `${planChartKinds.join(", ")} (the last two of the best in the simulation)`,
        planChartKinds[0],
      );
    addOutputOptions(command);
    command.addHelpText(
      "after",
      `
Of every layout the largest load that one replica serves within the objectives is found in closed form; replicas follow from
it. The best few are then simulated. Exit code 3 where nothing fits, with what came nearest.

Examples:
  ridgepoint plan --model llama-3.1-70b --hardware h100-sxm,h200,mi300x --rate 8/s --input 1000 --output 300 \\
    --ttft 500ms --tpot 40ms --percentile 95
  ridgepoint plan --model llama-2-7b --rate 20/s --input 2000 --output 200 --tpot 30ms --what-if kv-heads=1 --what-if kv-cache=int8
  ridgepoint plan --model deepseek-v3 --hardware h200 --users 500 --input 2000 --output 800 --tpot 60ms
  ridgepoint plan --file plan.yaml --price h100-sxm=2.10 --chart front.svg`,
    );
  },

  async run(options: RawOptions, _args, io: CommandIo): Promise<ExitCode> {
    const kind = outputKind(options);
    const chart = options["chart"];
    const chartKind = oneOf("chartKind", options["chartKind"] ?? planChartKinds[0], planChartKinds);
    if (chart !== undefined) chartFormatOf("chart", String(chart));
    const setup = await planSetup(options);
    const { question, request } = setup;
    if (!hasTokensAfterFirst(question.workload)) {
      const why =
        "wants answers of two tokens and more: a plan is of tokens that follow each other (simulate runs these)";
      throw new InvalidInput("output", question.workload.output.text, why);
    }
    const { report, search } = planFleet(question);
    const bestFew = search.candidates.slice(0, request.simulation.best);
    const isSmall = bestFew.every(canBeSimulated(question));
    const simulated = isSmall ? await simulatedBest(setup, bestFew, io) : [];
    const notes = isSmall ? setup.notes : [...setup.notes, tooLargeNote];
    const [best = null] = search.candidates;
    const fewest = simulatedFewest(setup, best, simulated[0]);
    const whatIf = whatIfRows(question, best, request.whatIf);
    const engineArguments = best === null ? [] : replicaArguments(best, question.model);
    const view = { question, report, simulated, simulatedReplicas: fewest, whatIf, engineArguments, notes };
    if (kind === "json") io.write(jsonText(planJson(view)));
    else if (kind === "csv") {
      if (best === null) io.writeError(nothingFits(report));
      else io.write(csvText(report.candidates.map(planCsvRow)));
    } else io.write(planText({ ...view, verbose: options["verbose"] === true }, io.columns));
    if (chart !== undefined) {
      if (best === null) io.writeError("no chart: nothing fits\n");
      else if (isSimulationChart(chartKind) && simulated.length === 0) io.writeError("no chart: not simulated\n");
      else await writeChart(planChart(view, chartKind), String(chart));
    }
    return best === null ? 3 : 0;
  },
};

const tooLargeNote =
  "not simulated: more than 10,000 replicas or 1,000,000 users; a part of the load with --rate or --users can be";

function canBeSimulated({ load }: PlanQuestion): (candidate: Candidate) => boolean {
  if (load.kind === "users" && load.amount > mostUsers) return () => false;
  return ({ replicas, prefill }) => replicas + (prefill?.replicas ?? 0) <= mostReplicas;
}

function simulatedFewest(
  { question, simulation }: PlanSetup,
  best: Candidate | null,
  own: SimulatedFleet | undefined,
): number | null {
  return best === null || own === undefined ? null : simulatedReplicas(best, question, simulation, own);
}

async function simulatedBest(
  { question, simulation }: PlanSetup,
  candidates: readonly Candidate[],
  io: CommandIo,
): Promise<SimulatedFleet[]> {
  const progress = await delayedProgress(candidates.length * simulation.requests, "requests simulated", io);
  const done: SimulatedFleet[] = [];
  for (const candidate of candidates) {
    const before = done.length * simulation.requests;
    const onProgress = (completed: number): void => progress.update(before + completed);
    done.push(simulateFleet(candidate, question, { ...simulation, onProgress }));
  }
  progress.stop();
  return done;
}
