/** Plans beside published deployments: the tables of the accuracy report's section. */
import type { ErrorStatistics } from "../validation/error-statistics.ts";
import type { Knee } from "../validation/plans/concurrency-curves.ts";
import type { EnginePlans } from "../validation/plans/fixed-batch-plans.ts";
import type { LeastDevices } from "../validation/plans/least-devices.ts";
import type { PlanChecks } from "../validation/plans/plan-checks.ts";
import { groupName } from "../validation/plans/plan-lines.ts";
import type { DrawnErrors, TracePlan } from "../validation/plans/trace-plans.ts";
import { markdownTable, plainMarkdown } from "./markdown.ts";

export function planChecksSection(checks: PlanChecks): string {
  return `### Curves over concurrency

Median errors in per cent of what was measured. **Together**: the planner's replica under the benchmark's own client, all users at once and ten
requests each, in closed form; **simulation**: the same request by request (\`simulate --start together\`). **Spread**: users who came
one by one long ago, as \`plan --users\` has them, which the runs were not: prompts that come one at a time wait for few others, above all where an engine
computes them before any decoding (SGLang). ${checks.impossible === 1 ? "1 run is" : `${checks.impossible} runs are`} left out that no machine could have made as they are labelled.

${groupsTable(checks)}
Knees, the first concurrency of a curve with 80 % of its largest throughput: ${kneesText(checks.knees)}

### Runs that queued

${queuedText(checks)}

### Fixed batches

The replica that a plan would make of each run, with constants from the other half of the engine's machines, and whether it has memory
for the batch.

${fixedBatchTable(checks.fixedBatch)}
${refusedText(checks)}
### Workloads of traces

Requests drawn from each trace's quantiles beside its own figures, and the cheapest fleet of H100s that a plan finds, run in the simulation. Poisson
arrivals at the trace's mean rate (four a second where the table has none).

${tracesTable(checks.traces)}`;
}

function groupsTable({ groups }: PlanChecks): string {
  const rows = groups.map((group) => {
    const { plan, closed, simulated, runs, fitted } = group;
    return [
      plainMarkdown(groupName(group)),
      fitted > 0 ? "fitted" : "held out",
      `${runs.length}`,
      ...[closed.outputToken, closed.throughput, closed.firstToken].map(medianOf),
      ...[simulated.outputToken, simulated.throughput, simulated.firstToken].map(medianOf),
      ...[plan.outputToken, plan.throughput].map(medianOf),
    ];
  });
  const figures = (by: string): string[] => ["TPOT", "throughput", "TTFT"].map((figure) => `${by}: ${figure}:`);
  const spread = figures("spread").slice(0, 2);
  return markdownTable(["", "constants", "runs:", ...figures("together"), ...figures("simulation"), ...spread], rows);
}

/** How many knees are how many places off. */
function kneesText(all: readonly Knee[]): string {
  const off = (by: "closed" | "simulated" | "plan"): string => {
    const steps = all.map((knee) => Math.abs(knee[by] - knee.measured));
    const count = (places: number): number => steps.filter((each) => each === places).length;
    return `${count(0)}, ${count(1)} and ${steps.filter((each) => each > 1).length}`;
  };
  return `of ${all.length} curves where it was measured, one place of the grid off, and
farther off: together ${off("closed")}; simulation ${off("simulated")}; spread ${off("plan")}.`;
}

function queuedText({ queued }: PlanChecks): string {
  const { beyond, surely, missed, closed, simulated } = queued;
  const errors =
    closed === null || simulated === null
      ? ""
      : ` Their time to the first token, the wait for a slot in it, is off by ${medianOf(closed)} in the median in closed form,
${medianOf(simulated)} in the simulation.`;
  return `${beyond.length} runs had more requests at once than a plan's replica has slots for by its memory.${errors} ${surely.length} runs surely queued,
since their first tokens took longer than computing all prompts does: the plan has slots for ${missed.length === 0 ? "none" : missed.length} of them.`;
}

function fixedBatchTable(engines: readonly EnginePlans[]): string {
  const rows = engines.map(({ engine, plans, refused, throughput, within15Percent }) => [
    plainMarkdown(engine.fit.name),
    `${plans.length}`,
    `${refused.length}`,
    throughput === null ? "" : `${throughput.rows}`,
    throughput === null ? "" : medianOf(throughput),
    throughput === null ? "" : percent(throughput.bias),
    throughput === null ? "" : percent(within15Percent),
  ]);
  return markdownTable(
    ["engine", "runs:", "refused:", "with a throughput:", "median error:", "bias:", "within 15 %:"],
    rows,
  );
}

function refusedText({ fixedBatch, leastDevices }: PlanChecks): string {
  const refused = fixedBatch.flatMap((each) => each.refused);
  const named = refused.map(
    ({ run }) =>
      `${run.model.id} in ${run.weights} on ${run.devices} × ${run.hardware.id}, batch ${run.batch} of ${run.inputTokens} + ${run.outputTokens} tokens`,
  );
  const made = named.length === 0 ? "No run that was made is refused." : `Made, and yet refused: ${named.join("; ")}.`;
  return `${plainMarkdown(made)} ${leastText(leastDevices)}\n`;
}

function leastText(all: readonly LeastDevices[]): string {
  const several = all.filter(({ planned }) => planned !== null && planned > 1);
  const fewer = all.filter(({ planned, published }) => planned === null || planned > published).length;
  const named = several.map(
    ({ hardware, model, weights, planned, published }) =>
      `${model} in ${weights} on ${hardware} ${planned} (published: ${published})`,
  );
  return `Of ${all.length} models and formats on a machine, ${fewer === 0 ? "none was" : `${fewer} were`} run on fewer devices than a plan has memory on.
The fewest of those that one device does not hold: ${plainMarkdown(named.join(", "))}.`;
}

function tracesTable(traces: readonly TracePlan[]): string {
  const drawn = ({ mean, p50, p90, p99 }: DrawnErrors): string => [mean, p50, p90, p99].map(percent).join(", ");
  const rows = traces.map(({ trace, requestsPerSecond, input, output, fleet, objectives, simulated }) => [
    plainMarkdown(trace.name),
    drawn(input),
    drawn(output),
    `${Number(requestsPerSecond.toPrecision(3))}`,
    fleet ?? "none",
    simulated === null ? "" : reached(simulated.ttftSeconds, objectives.ttftSeconds, 1, "s"),
    simulated === null ? "" : reached(simulated.tpotSeconds, objectives.tpotSeconds, 1000, "ms"),
  ]);
  const figures = "mean, p50, p90, p99 drawn, off by (%)";
  return markdownTable(
    [
      ...["trace", `input: ${figures}`, `output: ${figures}`, "requests/s:", "fleet"],
      ...["TTFT p95, simulated:", "TPOT p95, simulated:"],
    ],
    rows,
  );
}

function reached(seconds: number, wanted: number | null, scale: number, unit: string): string {
  const value = `${Number((scale * seconds).toPrecision(2))} ${unit}`;
  return wanted === null ? value : `${value} (≤ ${scale * wanted} ${unit})`;
}

function medianOf({ medianAbsolutePercentageError }: ErrorStatistics): string {
  return `${percent(medianAbsolutePercentageError)} %`;
}

function percent(value: number): string {
  const text = value.toFixed(1);
  return text === "-0.0" ? "0.0" : text;
}
