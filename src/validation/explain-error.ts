/**
 * Why a prediction misses its row, decided from figures of the row, of the machine and of its table:
 *   launch          the prediction is shorter than any row of that kernel took, and the miss is about as long as that row
 *   cache-resident  faster than memory allows, and all its bytes fit into the last-level cache
 *   above-ceiling   faster than the ceilings allow, though the bytes do not fit into a cache
 *   reread          as slow as if keys and values were read once for each query head instead of once for its group
 *   efficiency      slower than the ceilings: what was reached of them
 * Calibrated predictions are no bounds: a row that is faster than one is faster than the ceilings only where it passes them.
 */
import { computePeak } from "../hardware/compute-peak.ts";
import type { Hardware } from "../hardware/hardware.ts";
import type { MeasurementRow } from "../measurement/measurement-row.ts";
import { formatBandwidth, formatBytes, formatFlopsPerSecond, formatSeconds } from "../quantity/format-quantity.ts";
import type { RowPrediction } from "./predict-row.ts";

export type KernelErrorReason = "launch" | "cache-resident" | "above-ceiling" | "reread" | "efficiency";

/** Of rows of whole engines: explain-run.ts. */
export type RunErrorReason = "in-interval" | "beyond-interval" | "no-interval";

export type ErrorReason = KernelErrorReason | RunErrorReason;

export const errorReasons: readonly KernelErrorReason[] = [
  "launch",
  "cache-resident",
  "above-ceiling",
  "reread",
  "efficiency",
];

export const runErrorReasons: readonly RunErrorReason[] = ["in-interval", "beyond-interval", "no-interval"];

export interface ErrorExplanation {
  readonly reason: ErrorReason;
  readonly explanation: string;
}

/** A miss is taken for launching where it is at most this many times the shortest row. */
const launchShare = 1.5;
/** What starting a call costs at most: launches take some µs on a GPU, dispatches and waking threads some tens. */
const mostLaunchSeconds = 100e-6;
/** A row is taken for rereading where it takes about that long, and that is many times the cost of a call. */
const rereadFromShare = 0.8;
const rereadToShare = 2;
const rereadLeastCalls = 5;

/** @param shortestSeconds the shortest row of the same kind and kernel: what one call costs at least there */
export function explainError(
  row: MeasurementRow,
  prediction: RowPrediction,
  hardware: Hardware,
  shortestSeconds: number,
): ErrorExplanation {
  const { seconds: predicted } = prediction;
  const missSeconds = row.seconds - predicted;
  const calibrated = prediction.interval !== null;
  const reached = rateOf(row, prediction, hardware);
  if (missSeconds < 0) {
    return calibrated && reached.share <= 1
      ? { reason: "efficiency", explanation: reached.text }
      : tooSlow(prediction, hardware, reached.text);
  }
  const mayLaunch = row.kind !== "steps" && shortestSeconds <= mostLaunchSeconds;
  if (mayLaunch && predicted < shortestSeconds && missSeconds <= launchShare * shortestSeconds) {
    return {
      reason: "launch",
      explanation: `below the cost of a launch: no such row took less than ${formatSeconds(shortestSeconds)}`,
    };
  }
  if (row.kind === "attention" && row.queryTokens === 1 && row.kvHeads < row.heads) {
    const group = row.heads / row.kvHeads;
    const rereadSeconds = (prediction.kvBytes * group) / hardware.memoryBandwidthBytesPerSecond;
    const near = row.seconds >= rereadFromShare * rereadSeconds && row.seconds <= rereadToShare * rereadSeconds;
    if (near && rereadSeconds >= rereadLeastCalls * Math.min(shortestSeconds, mostLaunchSeconds)) {
      const explanation = `as slow as reading keys and values ${group} times, once a query head: ${formatSeconds(rereadSeconds)}`;
      return { reason: "reread", explanation };
    }
  }
  if (row.kind !== "steps" || calibrated) return { reason: "efficiency", explanation: reached.text };
  const each = formatSeconds(missSeconds / prediction.operations);
  return {
    reason: "efficiency",
    explanation: `${reached.text}; ${each} more than the bound for each of ${prediction.operations} operations`,
  };
}

function tooSlow(prediction: RowPrediction, hardware: Hardware, reached: string): ErrorExplanation {
  const cache = hardware.caches.reduce<Hardware["caches"][number] | null>(
    (largest, each) => (largest === null || each.bytes > largest.bytes ? each : largest),
    null,
  );
  if (cache !== null && prediction.bytes > 0 && prediction.bytes <= cache.bytes) {
    const explanation = `cache-resident: its ${formatBytes(prediction.bytes)} fit into ${formatBytes(cache.bytes)} of ${cache.name}`;
    return { reason: "cache-resident", explanation };
  }
  return { reason: "above-ceiling", explanation: reached };
}

/** What the row reached of the ceiling that bounds it. */
function rateOf(
  row: MeasurementRow,
  prediction: RowPrediction,
  hardware: Hardware,
): { readonly share: number; readonly text: string } {
  if (prediction.bound === "compute") {
    const rate = prediction.flops / row.seconds;
    const peak = computePeak(hardware, prediction.computeFormat).flopsPerSecond;
    return { share: rate / peak, text: `${formatFlopsPerSecond(rate)}, ${percent(rate / peak)} of the peak` };
  }
  if (prediction.bound === "link" && hardware.link !== null) {
    const rate = prediction.linkBytes / row.seconds;
    const share = rate / hardware.link.bytesPerSecond;
    return { share, text: `${formatBandwidth(rate)}, ${percent(share)} of the link's rate` };
  }
  const rate = prediction.bytes / row.seconds;
  const share = rate / hardware.memoryBandwidthBytesPerSecond;
  return { share, text: `${formatBandwidth(rate)}, ${percent(share)} of the bandwidth` };
}

/** Whole per cents, a digit more where that would be 0. */
function percent(share: number): string {
  return `${share < 0.0095 ? (100 * share).toPrecision(1) : Math.round(100 * share)} %`;
}
