/**
 * How long a kernel takes: warmed up until it settles, then batches of runs long enough for the clock, until the median is
 * known well enough or the time given to it is over.
 *
 *   a sample   one batch of runs in order, its seconds divided by its runs; by the device's clock where it has one
 *   a batch    at least 200 times the clock's resolution, and at least leastBatchSeconds
 *   known      the 95 % interval of the median (quantity/sample-statistics.ts) lies within ± precision of the median, samples that
 *              follow each other being worth fewer independent ones (quantity/autocorrelation-time.ts), and the medians of
 *              the first and second half of the samples differ by at most twice that; or all samples lie within half of it
 */
import type { KernelBackend, PreparedKernel } from "../kernels/kernel.ts";
import { autocorrelationTime } from "../quantity/autocorrelation-time.ts";
import { type MedianInterval, median, medianAbsoluteDeviation, medianInterval } from "../quantity/sample-statistics.ts";
import { type BatchTimer, batchTimer } from "./batch-timer.ts";
import type { Clock } from "./clock.ts";
import { warmUp } from "./warm-up.ts";

export interface TimingSettings {
  /** Half the width that the median's interval may have, as a share of the median. */
  readonly precision: number;
  /** Seconds that one kernel may take in all; at least one sample is taken. */
  readonly budgetSeconds: number;
  readonly leastSamples: number;
  /** Samples are spread over so long at least, so that a neighbour's burst is some of them and not all. */
  readonly leastSampleSeconds: number;
  readonly leastBatchSeconds: number;
  /** Running before anything counts; a third of the budget at most. */
  readonly warmUpSeconds: number;
  /** Ends the work with the signal's reason. */
  readonly interrupted?: AbortSignal;
}

export const defaultTiming: TimingSettings = {
  precision: 0.02,
  budgetSeconds: 3,
  leastSamples: 9,
  leastSampleSeconds: 0.1,
  leastBatchSeconds: 0.002,
  warmUpSeconds: 0.1,
};

export interface KernelTime {
  /** ok: known well enough. budget: the time was over before. unresolved: too short for the clock, in all runs it may take. */
  readonly status: "ok" | "budget" | "unresolved";
  /** Of one run, as all seconds here. */
  readonly medianSeconds: number;
  /** Of the samples; where a sample is of several runs, of their means. */
  readonly minSeconds: number;
  readonly maxSeconds: number;
  /** Median absolute deviation. */
  readonly madSeconds: number;
  /** Of the median; its level is below 0.95 where the samples are worth fewer than 6 independent ones. */
  readonly interval: { readonly lowSeconds: number; readonly highSeconds: number; readonly level: number };
  readonly samples: number;
  readonly runsPerSample: number;
  /** Runs that were timed. */
  readonly repetitions: number;
  readonly clock: "device" | "host";
}

/** Beyond these no clock's step counts in a batch. */
const leastResolutions = 200;
/** Runs of a batch at most. */
const mostRuns = 100_000;
/** A run so long is not run twice where its time is over after the first. */
const longRunSeconds = 1;
/** How long samples follow each other before events (Ctrl-C) have their turn. */
const breathSeconds = 0.2;

/**
 * Times one piece of work.
 * @param kernels the work, prepared once or several times: each run takes the next, so that copies whose bytes together pass
 *   the last cache are read from memory (a cold time)
 * @throws whatever a run throws; RangeError for no kernels
 */
export async function timeKernel(
  backend: KernelBackend,
  kernels: readonly PreparedKernel[],
  clock: Clock,
  settings: Partial<TimingSettings> = {},
): Promise<KernelTime> {
  if (kernels.length === 0) throw new RangeError("no kernel to time");
  const asked = { ...defaultTiming, ...settings };
  const batch = batchTimer(backend, kernels, clock, asked.interrupted);
  const startSeconds = clock.nowSeconds();
  const run = await warmUp(batch, clock, Math.min(asked.warmUpSeconds, asked.budgetSeconds / 3));
  // A first run so long is little longer than the next, which would take as long again; a shorter one may be mostly compiling.
  if (run.seconds >= Math.max(asked.budgetSeconds, longRunSeconds))
    return kernelTime([run.seconds], 1, run.clock, "budget");
  return await sampled(batch, clock, asked, { startSeconds, runSeconds: run.seconds });
}

interface Warmed {
  readonly startSeconds: number;
  readonly runSeconds: number;
}

async function sampled(batch: BatchTimer, clock: Clock, asked: TimingSettings, warmed: Warmed): Promise<KernelTime> {
  const resolvedSeconds = leastResolutions * clock.resolutionSeconds;
  const batchSeconds = Math.max(resolvedSeconds, asked.leastBatchSeconds);
  let runs = runsOf(batchSeconds, warmed.runSeconds);
  let samples: number[] = [];
  let read: "device" | "host" = "host";
  const firstSeconds = clock.nowSeconds();
  let breathedSeconds = firstSeconds;
  for (let looked = 0; ; ) {
    const timed = await batch(runs);
    read = timed.clock;
    const nowSeconds = clock.nowSeconds();
    const over = nowSeconds - warmed.startSeconds >= asked.budgetSeconds;
    const spread = nowSeconds - firstSeconds >= asked.leastSampleSeconds;
    if (nowSeconds - breathedSeconds >= breathSeconds) {
      await clock.pause(0);
      breathedSeconds = clock.nowSeconds();
    }
    const resolved = timed.clock === "device" ? timed.seconds > 0 : timed.seconds >= resolvedSeconds;
    if (!resolved && runs < mostRuns) {
      // The warm-up was slower than what follows: begin again with longer batches, whatever the budget, for one sample.
      runs = Math.min(mostRuns, Math.max(2 * runs, runsOf(1.2 * batchSeconds, timed.seconds / runs)));
      samples = [];
      looked = 0;
      continue;
    }
    samples.push(timed.seconds / runs);
    if (!resolved) return kernelTime(samples, runs, read, "unresolved");
    // Looked at now and then, since sorting all samples after each would take longer than taking them.
    if (!over && (!spread || samples.length < Math.max(asked.leastSamples, 1.15 * looked))) continue;
    looked = samples.length;
    const known = samples.length >= asked.leastSamples && isKnown(samples, asked.precision);
    if (known || over) return kernelTime(samples, runs, read, known ? "ok" : "budget");
  }
}

function runsOf(batchSeconds: number, runSeconds: number): number {
  return Math.min(mostRuns, Math.max(1, Math.ceil(batchSeconds / Math.max(runSeconds, batchSeconds / mostRuns))));
}

function isKnown(samples: readonly number[], precision: number): boolean {
  const middle = median(samples);
  const { low, high, level } = intervalOf(samples);
  const wide = Math.max(high - middle, middle - low);
  // A drift too small to matter makes few samples of many, and would never be known any better.
  if (level < 0.95) return samples.every((sample) => Math.abs(sample - middle) <= 0.5 * precision * middle);
  if (wide > precision * middle) return false;
  const half = samples.length >> 1;
  const drift = Math.abs(median(samples.slice(0, half)) - median(samples.slice(half)));
  return drift <= 2 * precision * middle;
}

/** Of the median, by as many independent samples as these are worth. */
function intervalOf(samples: readonly number[]): MedianInterval {
  return medianInterval(samples, 0.95, samples.length / autocorrelationTime(samples));
}

function kernelTime(
  samples: readonly number[],
  runsPerSample: number,
  clock: KernelTime["clock"],
  status: KernelTime["status"],
): KernelTime {
  const { low, high, level } = intervalOf(samples);
  let minSeconds = Number.POSITIVE_INFINITY;
  let maxSeconds = 0;
  for (const sample of samples) {
    minSeconds = Math.min(minSeconds, sample);
    maxSeconds = Math.max(maxSeconds, sample);
  }
  return {
    status,
    medianSeconds: median(samples),
    minSeconds,
    maxSeconds,
    madSeconds: medianAbsoluteDeviation(samples),
    interval: { lowSeconds: low, highSeconds: high, level },
    samples: samples.length,
    runsPerSample,
    repetitions: samples.length * runsPerSample,
    clock,
  };
}
