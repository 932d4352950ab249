/**
 * Rows of published runs that cannot be what they say, found by rules and left out, and those that say a thing twice.
 *   impossible   faster than weights and cache at the datasheet's bandwidth, or matrix products at its peak, allow
 *   unit         more than 300 times as long as that, and possible after a division by 1000: a unit was mistaken
 *   memory       its weights and its cache do not fit into the devices that it names
 *   contradicts  the same figure of the same run stands in a later version as the rate of one device, here as that of all, or the
 *                other way round
 *   repeated     the same figure of the same run stands in a later version of the table
 */
import type { EngineOperation } from "../../timing/engine-form.ts";
import type { PublishedRun } from "./published-run.ts";
import type { RunWork } from "./run-work.ts";

export type RunRule = "impossible" | "unit" | "memory" | "contradicts" | "repeated";

/** The rules in words. */
export const ruleText: Readonly<Record<RunRule, string>> = {
  impossible: "impossible: faster than the datasheet's bandwidth or peak allows",
  unit: "a unit is mistaken: 1000 times too long",
  memory: "weights and cache do not fit into the devices named",
  contradicts: "a later version has the same figure as another metric",
  repeated: "a later version repeats the figure",
};

/** Share by which a printed figure may be rounded. */
const rounding = 0.005;
const suspicious = 300;
const mistaken = 1000;
/** A capacity that is printed in GB and that no device of it was asked for may be one in GiB. */
const printedCapacity = 2 ** 30 / 1e9;

/** The rule that a run breaks by itself, or null. */
export function brokenRule(run: PublishedRun, work: RunWork): RunRule | null {
  const { memoryCapacityBytes: capacity, memoryCapacityNote: note } = run.hardware;
  const isPrinted = note?.startsWith("printed") ?? false;
  if (work.footprintBytes > capacity * (isPrinted ? printedCapacity : 1)) return "memory";
  const least = leastSeconds(run, work);
  if (run.seconds < least * (1 - rounding)) return "impossible";
  return run.seconds > suspicious * least && run.seconds / mistaken >= least ? "unit" : null;
}

/** What no kernel can avoid: weights and cache read once a step, products at the peak of their format, side by side. */
export function leastSeconds({ hardware }: PublishedRun, { call }: RunWork): number {
  const phase = (operations: readonly EngineOperation[] | null): number => {
    let memory = 0;
    let compute = 0;
    for (const each of operations ?? []) {
      memory += (each.weightBytes + each.cacheBytes) / hardware.memoryBandwidthBytesPerSecond;
      compute += each.flops / each.peakFlopsPerSecond;
    }
    return Math.max(memory, compute);
  };
  return phase(call.prefill) + call.steps * phase(call.decode);
}

/** Of runs that are the same but for version and metric: those that repeat or contradict a later one, each with the rule. */
export function repeatedRuns(runs: readonly PublishedRun[]): ReadonlyMap<PublishedRun, RunRule> {
  const found = new Map<PublishedRun, RunRule>();
  const latest = new Map<string, PublishedRun>();
  const laterFirst = [...runs].sort((a, b) => compareVersions(b, a) || a.row.line - b.row.line);
  for (const run of laterFirst) {
    const { row } = run;
    const same = [run.engine.id, run.model.id, row.dtype, row.gpu, row.devices, row.tp, run.batch, run.inputTokens];
    const name = [...same, run.outputTokens, run.part, row.value].join("|");
    const later = latest.get(name);
    if (later === undefined) latest.set(name, run);
    else found.set(run, later.row.metric === row.metric || row.devices === 1 ? "repeated" : "contradicts");
  }
  return found;
}

function compareVersions(a: PublishedRun, b: PublishedRun): number {
  return (a.row.engineVersion ?? "").localeCompare(b.row.engineVersion ?? "", "en", { numeric: true });
}
