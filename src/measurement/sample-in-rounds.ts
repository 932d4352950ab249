/**
 * Times several pieces of work against one another on a machine that other programs share. Where timeKernel stays with one
 * until its median is known, here each round takes one sample of each, in another random order, so that a drift of the
 * machine falls on all alike.
 *   a sample    one batch of runs, its seconds divided by its runs
 *   the check   a run of always the same work before and after each sample; one that reads more than the caches hold leaves
 *               them full of its own data, so that what follows comes from memory
 *   calm        a sample both of whose checks took at most 1 + tolerance times the usual; else something else had the machine
 *   usual       the tenth percentile of all checks: disturbances only make them longer
 * After the rounds come more, of those alone that lack calm samples, as long as the time lasts.
 *   the median  of the calm samples; where there are too few, of the third whose checks were fastest, with the status "budget"
 */
import type { KernelBackend, PreparedKernel } from "../kernels/kernel.ts";
import { median, medianAbsoluteDeviation, medianInterval } from "../quantity/sample-statistics.ts";
import type { SeededRandom } from "../quantity/seeded-random.ts";
import { type BatchTimer, batchTimer } from "./batch-timer.ts";
import type { Clock } from "./clock.ts";
import type { KernelTime } from "./time-kernel.ts";

export interface RoundTime extends KernelTime {
  /** Samples that were taken, and how many of them were calm. */
  readonly taken: number;
  readonly calm: number;
}

export interface RoundSettings {
  readonly rounds: number;
  /** Calm samples that are enough. */
  readonly leastCalm: number;
  /** Seconds that the rounds after the first ones may take in all. */
  readonly extraSeconds: number;
  /** Share by which a check may take longer than usual. */
  readonly tolerance: number;
  readonly random: SeededRandom;
  readonly interrupted?: AbortSignal;
  /** After each sample of the first rounds. */
  readonly onSample?: () => void;
}

export interface SampledWork {
  /** One piece of work, prepared once or several times: each run takes the next. */
  readonly kernels: readonly PreparedKernel[];
  /** What a sample lasts at least; 0 for each copy once, so that none finds in a cache what it read before. */
  readonly leastSampleSeconds: number;
}

/** The check's own times, over all calls that it is handed to. */
export interface MachineCheck {
  readonly kernel: PreparedKernel;
  readonly seconds: number[];
}

const firstChecks = 10;
const mostRuns = 100_000;

/**
 * @throws whatever a run throws; the signal's reason where it was interrupted
 */
export async function sampleInRounds(
  backend: KernelBackend,
  works: readonly SampledWork[],
  check: MachineCheck,
  clock: Clock,
  settings: RoundSettings,
): Promise<RoundTime[]> {
  const { random, interrupted } = settings;
  const timeCheck = batchTimer(backend, [check.kernel], clock, interrupted);
  const checked = async (): Promise<number> => {
    const { seconds } = await timeCheck(1);
    check.seconds.push(seconds);
    return seconds;
  };
  const items = works.map(({ kernels }): Item => {
    return {
      batch: batchTimer(backend, kernels, clock, interrupted),
      copies: kernels.length,
      runs: 0,
      samples: [],
      clock: "host",
    };
  });
  for (const [i, item] of items.entries()) item.runs = await runsOf(item, works[i]!.leastSampleSeconds);
  while (check.seconds.length < firstChecks) await checked();
  let before = await checked();
  const takeOne = async (item: Item): Promise<void> => {
    const { seconds, clock: read } = await item.batch(item.runs);
    const after = await checked();
    item.clock = read;
    item.samples.push({ seconds: seconds / item.runs, checkSeconds: Math.max(before, after) });
    before = after;
  };
  for (let round = 0; round < settings.rounds; round++) {
    for (const index of random.choose(items.length, items.length)) {
      await takeOne(items[index]!);
      settings.onSample?.();
    }
  }
  const limit = (): number => (1 + settings.tolerance) * usual(check.seconds);
  const until = clock.nowSeconds() + settings.extraSeconds;
  for (;;) {
    const lacking = items.filter((item) => calmOf(item, limit()).length < settings.leastCalm);
    if (lacking.length === 0) break;
    for (const index of random.choose(lacking.length, lacking.length)) {
      if (clock.nowSeconds() < until) await takeOne(lacking[index]!);
    }
    if (clock.nowSeconds() >= until) break;
  }
  return items.map((item) => timeOf(item, limit(), settings.leastCalm));
}

interface Sample {
  readonly seconds: number;
  /** Of the slower of its two checks. */
  readonly checkSeconds: number;
}

interface Item {
  readonly batch: BatchTimer;
  readonly copies: number;
  runs: number;
  readonly samples: Sample[];
  clock: KernelTime["clock"];
}

/** Runs of a sample: all copies alike, as long as asked for; by the shorter of two tries, since the first is slow. */
async function runsOf({ batch, copies }: Item, leastSeconds: number): Promise<number> {
  let runSeconds = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 2; tries++) runSeconds = Math.min(runSeconds, (await batch(copies)).seconds / copies);
  if (leastSeconds === 0) return copies;
  const rounds = Math.ceil(leastSeconds / Math.max(runSeconds * copies, leastSeconds / mostRuns));
  return rounds * copies;
}

function usual(seconds: readonly number[]): number {
  const sorted = Float64Array.from(seconds).sort();
  return sorted[Math.floor(sorted.length / 10)] ?? 0;
}

function calmOf({ samples }: Item, limitSeconds: number): number[] {
  return samples.flatMap(({ seconds, checkSeconds }) => (checkSeconds <= limitSeconds ? [seconds] : []));
}

function timeOf(item: Item, limitSeconds: number, leastCalm: number): RoundTime {
  const calm = calmOf(item, limitSeconds);
  const enough = calm.length >= leastCalm;
  const samples = enough ? calm : fastestChecked(item.samples);
  const { low, high, level } = medianInterval(samples);
  return {
    status: enough ? "ok" : "budget",
    medianSeconds: median(samples),
    minSeconds: Math.min(...samples),
    maxSeconds: Math.max(...samples),
    madSeconds: medianAbsoluteDeviation(samples),
    interval: { lowSeconds: low, highSeconds: high, level },
    samples: samples.length,
    runsPerSample: item.runs,
    repetitions: samples.length * item.runs,
    clock: item.clock,
    taken: item.samples.length,
    calm: calm.length,
  };
}

/** The third of the samples whose checks were fastest. */
function fastestChecked(samples: readonly Sample[]): number[] {
  const sorted = [...samples].sort((a, b) => a.checkSeconds - b.checkSeconds);
  return sorted.slice(0, Math.ceil(samples.length / 3)).map((sample) => sample.seconds);
}
