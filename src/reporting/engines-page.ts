/** reports/engines.md: the same steps under each software whose kernels and constants ship, and what makes them differ. */
import { predictStep, type StepPrediction, stepPredictor } from "../analysis/predict-step.ts";
import { singleDevice } from "../architecture/shard.ts";
import { formatPercent, formatRate, formatSeconds } from "../quantity/format-quantity.ts";
import { chooseTiming } from "../timing/choose-timing.ts";
import { executionProfiles } from "../timing/engines.ts";
import type { EngineId, ExecutionProfile } from "../timing/execution-profile.ts";
import { csvRows } from "./csv-text.ts";
import { markdownTable } from "./markdown.ts";
import type { MeasuredMachine, ReportCatalog } from "./report-catalog.ts";
import type { ReportPage } from "./report-page.ts";

const engines: readonly EngineId[] = ["ideal", "pytorch-graph", "pytorch-eager", "trt-llm", "sglang", "vllm"];

const steps = [
  { model: "llama-3.1-8b", tensor: 1, batch: 16, context: 4096 },
  { model: "llama-3.1-70b", tensor: 4, batch: 32, context: 4096 },
] as const;

const launches: Readonly<Record<ExecutionProfile["launch"], string>> = {
  graph: "a recorded graph",
  eager: "one by one",
  ideal: "nothing to start",
  alone: "alone",
};

interface EngineStep {
  readonly profile: ExecutionProfile;
  readonly prediction: StepPrediction;
}

/** Null where no fit of the machine ships. */
export function enginesPage({ model, measured }: ReportCatalog): ReportPage | null {
  if (measured === null) return null;
  const all = steps.map((step) => ({ step, rows: engineSteps(model(step.model), step, measured) }));
  const sections = all.map(({ step, rows }) => {
    const devices = step.tensor === 1 ? "one device" : `${step.tensor} devices`;
    const command = `ridgepoint step --model ${step.model} --tensor-parallel ${step.tensor} --batch ${step.batch} --context ${step.context} --engine vllm`;
    return `## ${model(step.model).name}, batch ${step.batch}, context ${step.context}, on ${devices}

\`\`\`
${command}
\`\`\`

${stepsTable(rows)}`;
  });
  const text = `# The same step under each software

One decode step in bf16 on ${measured.stated.name}. What the model's bytes and FLOPs need is the same in every row; kernels, how they are
started, and the work around them are not. Times are calibrated, with their 90 % intervals ([how](../docs/calibration.md)).

${sections.join("\n")}
## Why they differ

- **Kernels.** PyTorch's rows are timed by cuBLAS and a Triton kernel that this project measured, those of the serving engines by the
  kernels that vLLM calls (FlashAttention 3, cuBLAS, its all-reduce), which stand in for TensorRT-LLM's and SGLang's own.
- **Starting them.** In a recorded graph the gap between two kernels is part of each one's start-up. Launched one by one, a step lasts
  at least as long as all launches; kernels that are longer hide them. The ideal engine starts nothing: its time is what the
  kernels take once they run, and what is left to gain by fusing and overlapping.
- **Fusing.** ${fusedText()}
- **Around the kernels.** Scheduling, sampling and copying, a step, a sequence and a layer, fitted on whole runs of each engine:

${constantsTable()}
All figures: [data](data/engines.csv).
`;
  return { path: "engines.md", text, charts: [], tables: [{ name: "engines.csv", text: csvOf(all) }] };
}

function engineSteps(
  model: Parameters<typeof stepPredictor>[0],
  { tensor, batch, context }: (typeof steps)[number],
  { stated, calibrations }: MeasuredMachine,
): EngineStep[] {
  return engines.map((engine) => {
    const timing = chooseTiming(stated, { timing: "calibrated", engine, calibrations });
    const step = { parallelism: { ...singleDevice, tensor } };
    const prediction = predictStep(stepPredictor(model, stated, { step, timing }), { batch, context });
    return { profile: executionProfiles[engine], prediction };
  });
}

function stepsTable(rows: readonly EngineStep[]): string {
  return markdownTable(
    ["Engine", "Kernels are started", "Step:", "90 %:", "Overhead:", "Output:"],
    rows.map(({ profile, prediction: p }) => [
      profile.name,
      launches[profile.launch],
      formatSeconds(p.seconds ?? 0),
      p.interval === null ? "–" : `${formatSeconds(p.interval.low)} to ${formatSeconds(p.interval.high)}`,
      formatPercent(p.shares.overhead),
      formatRate(p.tokensPerSecond ?? 0),
    ]),
  );
}

function fusedText(): string {
  const fused = Object.entries(executionProfiles.vllm.fused).map(([kind, by]) => `a ${kind} runs inside ${by}`);
  return `In all but PyTorch's eager mode ${fused.join("; ")}: its bytes are moved, nothing is started for it.`;
}

function constantsTable(): string {
  const withConstants = engines.map((id) => executionProfiles[id]).filter(({ source }) => source !== null);
  return markdownTable(
    ["Engine", "A step:", "A sequence:", "A layer:", "A launch:", "From"],
    withConstants.map(({ name, constants: c, source }) => [
      name,
      ...[c.stepSeconds, c.sequenceSeconds, c.layerSeconds, c.launchSeconds].map((each) =>
        each === 0 ? "–" : formatSeconds(each),
      ),
      source ?? "",
    ]),
  );
}

function csvOf(all: readonly { step: (typeof steps)[number]; rows: readonly EngineStep[] }[]): string {
  const columns = ["model", "tensorParallel", "batch", "context", "engine", "seconds", "low", "high", "overheadShare"];
  const digits = (value: number): number => Number(value.toPrecision(6));
  const rows = all.flatMap(({ step, rows: own }) =>
    own.map(({ profile, prediction: p }) => [
      ...[step.model, step.tensor, step.batch, step.context, profile.id, digits(p.seconds ?? 0)],
      ...[digits(p.interval?.low ?? 0), digits(p.interval?.high ?? 0), digits(p.shares.overhead)],
    ]),
  );
  return csvRows(columns, rows);
}
