/** A request's prediction for reading: the times, where they go, and a few of its steps. */
import type {
  GenerationPrediction,
  GenerationStep,
  RequestIntervals,
  SecondsByBound,
} from "../analysis/generate-request.ts";
import { describeAttention } from "../architecture/attention-variant.ts";
import type { Model } from "../architecture/model.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { formatBytes, formatPercent, formatRate, formatSeconds } from "../quantity/format-quantity.ts";
import { intervalText } from "../reporting/interval-text.ts";
import { shortageText } from "../reporting/shortage-text.ts";
import { timingWords } from "../reporting/timing-words.ts";
import { bounds } from "../timing/timing-model.ts";
import { textTable } from "./text-table.ts";

/** Steps shown of a long request. */
const shownSteps = 8;

/** The whole text; where memory runs out, at which token and by how much, and no speed. */
export function generationText(p: GenerationPrediction, model: Model, hardware: Hardware): string {
  const head = `${model.name}, ${describeAttention(model)}, on ${hardware.name}: batch ${p.batch}, ${p.inputTokens} tokens in, ${p.outputTokens} out\n`;
  const notes = p.notes.map((note) => `note: ${note}\n`).join("");
  const memory = `${formatBytes(p.footprint.bytes)} of ${formatBytes(p.capacityBytes)} (weights ${formatBytes(p.footprint.weightBytes)}, cache ${formatBytes(p.footprint.cacheBytes)})`;
  if (p.outOfMemory !== null) {
    const { token, context, neededBytes } = p.outOfMemory;
    return [
      head,
      `runs out of memory at token ${token} of ${p.outputTokens} (context ${context}): ${shortageText(neededBytes, p)}`,
      `memory at the end  ${memory}`,
      notes,
    ].join("\n");
  }
  const interval = (of: keyof RequestIntervals): string => intervalText(p.intervals?.[of] ?? null);
  const lines: [string, string][] = [
    ["timing", timingWords(p)],
    ["TTFT", `${seconds(p.ttftSeconds)}${interval("ttftSeconds")} (time to first token)`],
    ["TPOT, mean", `${seconds(p.tpotSeconds)}${interval("tpotSeconds")} (time per output token, the first left out)`],
    ["TPOT, last", seconds(p.tpotLastSeconds)],
    ["end to end", `${seconds(p.endToEndSeconds)}${interval("endToEndSeconds")}`],
    ["output", p.tokensPerSecond === null ? "-" : formatRate(p.tokensPerSecond)],
    ["memory at the end", memory],
  ];
  const summary = lines.map(([name, value]) => `${name.padEnd(19)}${value}\n`).join("");
  return [head, summary, breakdownTable(p), stepsTable(p.steps), notes].filter((part) => part !== "").join("\n");
}

function breakdownTable({ secondsByBound: { prefill, decode } }: GenerationPrediction): string {
  const total = sum(prefill) + sum(decode);
  const rows = bounds
    .filter((bound) => prefill[bound] + decode[bound] > 0)
    .map((bound) => [
      bound,
      formatSeconds(prefill[bound]),
      formatSeconds(decode[bound]),
      formatSeconds(prefill[bound] + decode[bound]),
      formatPercent((prefill[bound] + decode[bound]) / total),
    ]);
  rows.push(["total", formatSeconds(sum(prefill)), formatSeconds(sum(decode)), formatSeconds(total), formatPercent(1)]);
  return textTable(
    ["time spent on", "prefill", "decode", "both", "share"].map((title) => ({ title })),
    rows,
  );
}

function stepsTable(steps: readonly GenerationStep[]): string {
  const shown = new Set(
    Array.from({ length: shownSteps }, (_, i) => Math.round((i * (steps.length - 1)) / (shownSteps - 1))),
  );
  const rows = steps
    .filter((_, index) => shown.has(index))
    .map((step) => [
      step.phase,
      step.token === 0 ? "-" : String(step.token),
      String(step.context),
      step.seconds === null ? "does not fit" : formatSeconds(step.seconds),
      step.bound ?? "-",
      formatBytes(step.memoryBytes),
    ]);
  return textTable(
    [
      { title: "step" },
      { title: "token" },
      { title: "context" },
      { title: "time" },
      { title: "bound", align: "left" },
      { title: "memory" },
    ],
    rows,
  );
}

function sum(byBound: SecondsByBound): number {
  return bounds.reduce((total, bound) => total + byBound[bound], 0);
}

function seconds(value: number | null): string {
  return value === null ? "-" : formatSeconds(value);
}
