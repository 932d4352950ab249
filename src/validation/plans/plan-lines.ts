/** Lines of the accuracy report on plans: curves over concurrency, the simulation of the same runs, and batches of a fixed size. */
import type { AccuracyLine } from "../accuracy/accuracy-line.ts";
import type { ErrorStatistics } from "../error-statistics.ts";
import { type CurveGroup, curveErrors } from "./concurrency-curves.ts";
import type { PlanChecks } from "./plan-checks.ts";

const curveTarget = { median: 8 };
const fixedBatchTarget = { median: 15 };
const engineNames: Readonly<Record<string, string>> = { vllm: "vLLM", "trt-llm": "TensorRT-LLM", sglang: "SGLang" };

export function engineName(id: string): string {
  return engineNames[id] ?? id;
}

/** Without its maker. @example "Qwen/Qwen3-32B" is "Qwen3-32B" */
export function modelName(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

/** @example "vLLM, Qwen3-32B, TP 2" */
export function groupName({ engine, model, tensorParallel }: CurveGroup): string {
  return `${engineName(engine)}, ${modelName(model)}, TP ${tensorParallel}`;
}

export function planLines({ groups, fixedBatch }: Pick<PlanChecks, "groups" | "fixedBatch">): AccuracyLine[] {
  const curves = groups.flatMap((group): AccuracyLine[] => {
    const { outputToken, throughput } = group.closed;
    const split =
      group.fitted > 0 ? "constants fitted on these runs" : "constants of another model, or of fewer devices";
    return [
      line(`${groupName(group)}: TPOT over concurrency`, split, curveTarget, outputToken),
      line(`${groupName(group)}: throughput over concurrency`, split, curveTarget, throughput),
    ];
  });
  const engines = [...new Set(groups.map(({ engine }) => engine))];
  const simulated = engines.flatMap((engine): AccuracyLine[] => {
    const runs = groups.flatMap((group) => (group.engine === engine ? group.runs : []));
    const { outputToken, throughput } = curveErrors(runs, (each) => each.simulated);
    const split = "fitted runs and others";
    return [
      line(`${engineName(engine)}, simulated: TPOT over concurrency`, split, curveTarget, outputToken),
      line(`${engineName(engine)}, simulated: throughput over concurrency`, split, curveTarget, throughput),
    ];
  });
  const batches = fixedBatch.flatMap(({ engine, throughput }) =>
    throughput === null
      ? []
      : [
          line(
            `${engine.fit.name}: a plan's throughput of a fixed batch`,
            "constants fitted on the other half",
            fixedBatchTarget,
            throughput,
          ),
        ],
  );
  return [...curves, ...simulated, ...batches];
}

function line(name: string, split: string, target: AccuracyLine["target"], errors: ErrorStatistics): AccuracyLine {
  return { section: "plans", name, split, target, errors, percentile90: null, simple: null, part: false };
}
