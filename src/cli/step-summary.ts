/** The lines under a step's table: time, lower bound, what binds, memory. */
import type { StepPrediction } from "../analysis/predict-step.ts";
import { formatBytes, formatPercent, formatRate, formatSeconds } from "../quantity/format-quantity.ts";
import { intervalText } from "../reporting/interval-text.ts";
import { shortageText } from "../reporting/shortage-text.ts";
import { timingWords } from "../reporting/timing-words.ts";

/** A few lines of text; where the step does not fit, what it needs and what there is, and no speed. */
export function stepSummary(p: StepPrediction): string {
  const device = p.parallelism.devices > 1 ? " a device" : "";
  const memory = `${formatBytes(p.footprint.bytes)} of ${formatBytes(p.capacityBytes)}${device} (weights ${formatBytes(p.footprint.weightBytes)}, cache ${formatBytes(p.footprint.cacheBytes)})`;
  if (!p.fits || p.seconds === null || p.tokensPerSecond === null) {
    return [
      `does not fit: ${shortageText(p.footprint.bytes, p)}${device} (weights ${formatBytes(p.footprint.weightBytes)}, cache ${formatBytes(p.footprint.cacheBytes)})`,
      ...(p.largestBatch !== null && p.largestBatch > 0 ? [`largest batch that fits: ${p.largestBatch}`] : []),
      "",
    ].join("\n");
  }
  const shares = Object.entries(p.shares)
    .filter(([, value]) => value >= 0.0005)
    .sort((a, b) => b[1] - a[1])
    .map(([name, value]) => `${name} ${formatPercent(value)}`)
    .join(", ");
  return [
    `time          ${formatSeconds(p.seconds)}${intervalText(p.interval)} (${p.timing === "roofline" ? "roofline: the operations one after the other" : timingWords(p)})`,
    `lower bound   ${formatSeconds(p.lowerBoundSeconds)} (all of them overlapped)`,
    `${p.phase === "prefill" ? "prompt" : "output"} tokens ${formatRate(p.tokensPerSecond)}`,
    `bound by      ${p.bound} (${shares})`,
    `memory        ${memory}`,
    `largest batch ${p.largestBatch === null ? "not limited by the cache" : p.largestBatch} at this context`,
    "",
  ].join("\n");
}
