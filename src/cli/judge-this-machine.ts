/** `validate --here` for a notebook: the machine measured and predictions judged, without a folder that is written. */

import type { ChartSpec } from "../charts/chart-spec.ts";
import { WorkFailed } from "../files/work-failed.ts";
import { machineSteps } from "../reporting/machine-steps.ts";
import { hereTools } from "./here-tools-node.ts";
import {
  type HereTools,
  type JudgedMachine,
  judgedMachine,
  type MeasuredMachineHere,
  measuredHere,
  threadsHere,
} from "./measured-here.ts";
import { mountainChart } from "./write-ceilings.ts";

export interface JudgedThisMachine extends JudgedMachine {
  readonly measured: MeasuredMachineHere;
  /** Bandwidth by working set. */
  readonly mountain: ChartSpec;
  /** Step times by context, measured and predicted, a chart a model. */
  readonly steps: readonly ChartSpec[];
}

export interface JudgeThisMachineRequest {
  /** Fewer kernels and contexts; true unless given. */
  readonly quick?: boolean;
  /** All that this process may use unless given. */
  readonly threads?: number;
}

/**
 * @throws InvalidInput for more threads than there are; WorkFailed where a kernel fails
 * @example (await judgeThisMachine()).here.verdict
 */
export async function judgeThisMachine(
  request: JudgeThisMachineRequest = {},
  tools: HereTools = hereTools,
): Promise<JudgedThisMachine> {
  const machine = await tools.machine();
  const threads = threadsHere(machine, request.threads ?? null);
  const backend = await tools.backend(threads);
  try {
    const interrupted = new AbortController().signal;
    const asked = { quick: request.quick ?? true, machine, threads, backend, isTerminal: false, interrupted };
    const measured = await measuredHere(tools, asked);
    if (measured === null) throw new WorkFailed("measure this machine", "it was interrupted");
    const judged = judgedMachine(measured);
    const charts = machineSteps(judged.here, `${machine.processor}, ${backend.name}`).charts;
    return { ...judged, measured, mountain: mountainChart(measured.ceilings), steps: charts.map(([, chart]) => chart) };
  } finally {
    await backend.close();
  }
}
