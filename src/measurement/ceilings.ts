/**
 * The ceilings of a machine, measured by kernels that do nothing else (ceiling-grid.ts): bytes a second by working set, FLOPs
 * a second by storage format, and the cost of starting a kernel.
 *
 * Every point is timed several times, in rounds of another random order each, since a machine drifts. A figure is the median
 * of its rounds' medians; least and largest are those of all samples; its deviation the median of the rounds'.
 * A run repeats its passes until it lasts so long that starting it does not show in the figure.
 */
import type { KernelBackend, KernelWork, StorageFormat, StreamWork } from "../kernels/kernel.ts";
import { median } from "../quantity/sample-statistics.ts";
import { seededRandom } from "../quantity/seeded-random.ts";
import { type CeilingPoint, ceilingGrid } from "./ceiling-grid.ts";
import type { Clock } from "./clock.ts";
import { type KernelTime, type TimingSettings, timeKernel } from "./time-kernel.ts";

/** A measured figure with its spread; rates are highest where times are least. */
export interface CeilingFigure {
  readonly median: number;
  readonly least: number;
  readonly largest: number;
  /** Median absolute deviation. */
  readonly deviation: number;
  /** Samples of all rounds. */
  readonly samples: number;
}

export interface StreamCeiling {
  readonly stream: StreamWork["stream"];
  readonly threads: number;
  readonly workingSetBytes: number;
  readonly bytesPerSecond: CeilingFigure;
}

export interface MultiplyAddCeiling {
  readonly format: StorageFormat;
  readonly threads: number;
  /** Two FLOPs a multiply-add. */
  readonly flopsPerSecond: CeilingFigure;
}

export interface StartCeiling {
  readonly threads: number;
  /** From the start of one kernel to that of the next. */
  readonly seconds: CeilingFigure;
}

export interface Ceilings {
  readonly backend: KernelBackend["name"];
  readonly streams: readonly StreamCeiling[];
  readonly multiplyAdds: readonly MultiplyAddCeiling[];
  readonly starts: readonly StartCeiling[];
  /** What the backend does not do, each with its reason. */
  readonly refused: readonly string[];
}

/** A backend and the threads that it runs on. */
export interface CeilingBackend {
  readonly threads: number;
  readonly backend: KernelBackend;
}

export interface CeilingSettings {
  /** Bytes of all instances of the outermost cache; null where nobody says. */
  readonly lastCacheBytes: number | null;
  readonly formats?: readonly StorageFormat[];
  readonly quick?: boolean;
  /** How often every point is measured; 3 unless given, 1 where quick. */
  readonly rounds?: number;
  /** A round that would not be over by then is not begun, the first one aside; 60 s unless given. */
  readonly budgetSeconds?: number;
  readonly seed?: number;
  /** Of one point in one round. */
  readonly timing?: Partial<TimingSettings>;
  /** Points done of ceilingPoints. */
  readonly onProgress?: (done: number) => void;
  readonly interrupted?: AbortSignal;
}

const defaultPointTiming: Partial<TimingSettings> = {
  budgetSeconds: 0.12,
  leastSamples: 7,
  leastSampleSeconds: 0.02,
  warmUpSeconds: 0.02,
};

/** A run lasts so many starts at least, so that a start is a hundredth of it. */
const runStarts = 100;
/** Bytes of a run at first, and multiply-adds: some 100 µs on a processor's core. */
const firstRunBytes = 8 * 1024 * 1024;
const firstMultiplyAdds = 4 * 1024 * 1024;
/** Growing a run is given up after so many times: a run that the clock sees as nothing would grow for ever. */
const mostGrowths = 6;

/**
 * Measures all points on all backends.
 * @throws whatever a run throws; the signal's reason where it was interrupted
 */
export async function measureCeilings(
  backends: readonly CeilingBackend[],
  clock: Clock,
  settings: CeilingSettings,
): Promise<Ceilings> {
  const { interrupted } = settings;
  const grid = gridOf(
    backends.map((each) => each.threads),
    settings,
  );
  const rounds = roundsOf(settings);
  const backendOf = new Map(backends.map(({ threads, backend }) => [threads, backend]));
  const timing = { ...defaultPointTiming, ...settings.timing, ...(interrupted === undefined ? {} : { interrupted }) };
  const measured = grid.map((point): MeasuredPoint => ({ point, units: firstUnits(point), rounds: [], refused: null }));
  const random = seededRandom(settings.seed ?? 1);
  // Starts first: they say how long the other runs have to be.
  const starts = measured.filter(({ point }) => point.kind === "empty");
  const others = measured.filter(({ point }) => point.kind !== "empty");
  const { budgetSeconds = 60 } = settings;
  const fromSeconds = clock.nowSeconds();
  let done = 0;
  for (let round = 0; round < rounds; round++) {
    const elapsedSeconds = clock.nowSeconds() - fromSeconds;
    if (round > 0 && elapsedSeconds * (1 + 1 / round) > budgetSeconds) break;
    const order = random.choose(others.length, others.length).map((i) => others[i]!);
    for (const each of [...starts, ...order]) {
      const { threads } = each.point;
      const startSeconds = starts.find(({ point }) => point.threads === threads)?.rounds.at(-1)?.seconds.median ?? 0;
      await measurePoint(each, backendOf.get(threads)!, clock, timing, startSeconds);
      settings.onProgress?.(++done);
    }
  }
  return ceilingsOf(backends[0]?.backend.name ?? "wasm", measured);
}

/** How many points are measured in all rounds. */
export function ceilingPoints(threads: readonly number[], settings: CeilingSettings): number {
  return roundsOf(settings) * gridOf(threads, settings).length;
}

function gridOf(threads: readonly number[], settings: CeilingSettings): CeilingPoint[] {
  const { lastCacheBytes, formats = ["f32", "bf16", "int8"], quick = false } = settings;
  return ceilingGrid({ threads, lastCacheBytes, formats, quick });
}

function roundsOf({ quick = false, rounds = quick ? 1 : 3 }: CeilingSettings): number {
  return rounds;
}

interface MeasuredPoint {
  readonly point: CeilingPoint;
  /** Passes of a run, or multiply-adds. */
  units: number;
  readonly rounds: Round[];
  refused: string | null;
}

/** One round's times of a run that comes to `amount` bytes or multiply-adds. */
interface Round {
  readonly amount: number;
  readonly seconds: CeilingFigure;
}

function firstUnits(point: CeilingPoint): number {
  if (point.kind === "stream") return Math.max(1, Math.round(firstRunBytes / point.workingSetBytes));
  return point.kind === "multiply-add" ? firstMultiplyAdds : 1;
}

async function measurePoint(
  each: MeasuredPoint,
  backend: KernelBackend,
  clock: Clock,
  timing: Partial<TimingSettings>,
  startSeconds: number,
): Promise<void> {
  if (each.refused !== null) return;
  for (let growths = 0; ; growths++) {
    const work = workOf(each);
    const kernel = await backend.prepare(work);
    if (kernel.refused) {
      each.refused = `${describePoint(each.point)}: ${kernel.reason}`;
      return;
    }
    let time: KernelTime;
    try {
      time = await timeKernel(backend, [kernel], clock, timing);
    } finally {
      kernel.release();
    }
    const short = time.medianSeconds < runStarts * startSeconds || time.status === "unresolved";
    if (each.point.kind !== "empty" && short && growths < mostGrowths) {
      const wanted = (1.2 * runStarts * startSeconds) / Math.max(time.medianSeconds, 1e-9);
      each.units = Math.ceil(each.units * Math.min(100, Math.max(2, wanted)));
      continue;
    }
    each.rounds.push({ amount: kernel.amount ?? amountOf(work), seconds: figureOf(time) });
    return;
  }
}

function workOf({ point, units }: MeasuredPoint): KernelWork {
  if (point.kind === "empty") return { kind: "empty" };
  if (point.kind === "multiply-add") return { kind: "multiply-add", format: point.format, multiplyAdds: units };
  const { stream, workingSetBytes } = point;
  return { kind: "stream", stream, workingSetBytes, passes: units };
}

/** What a run comes to by its own figures. */
function amountOf(work: KernelWork): number {
  if (work.kind === "stream") return work.workingSetBytes * work.passes;
  return work.kind === "multiply-add" ? work.multiplyAdds : 1;
}

function describePoint(point: CeilingPoint): string {
  const threads = `${point.threads} thread${point.threads === 1 ? "" : "s"}`;
  if (point.kind === "empty") return `an empty kernel on ${threads}`;
  if (point.kind === "multiply-add") return `multiply-adds of ${point.format} on ${threads}`;
  return `${point.stream} of ${point.workingSetBytes} bytes on ${threads}`;
}

function figureOf(time: KernelTime): CeilingFigure {
  return {
    median: time.medianSeconds,
    least: time.minSeconds,
    largest: time.maxSeconds,
    deviation: time.madSeconds,
    samples: time.samples,
  };
}

function ceilingsOf(backend: KernelBackend["name"], measured: readonly MeasuredPoint[]): Ceilings {
  const found = measured.filter((each) => each.rounds.length > 0);
  return {
    backend,
    streams: found.flatMap(({ point, rounds }) => {
      if (point.kind !== "stream") return [];
      const { stream, threads, workingSetBytes } = point;
      return [{ stream, threads, workingSetBytes, bytesPerSecond: rateOf(rounds, 1) }];
    }),
    multiplyAdds: found.flatMap(({ point, rounds }) =>
      point.kind === "multiply-add"
        ? [{ format: point.format, threads: point.threads, flopsPerSecond: rateOf(rounds, 2) }]
        : [],
    ),
    starts: found.flatMap(({ point, rounds }) =>
      point.kind === "empty" ? [{ threads: point.threads, seconds: pooled(rounds.map((each) => each.seconds)) }] : [],
    ),
    refused: measured.flatMap(({ refused }) => (refused === null ? [] : [refused])),
  };
}

/** Amount × factor a second; a deviation of the time is the same share of the rate. */
function rateOf(rounds: readonly Round[], factor: number): CeilingFigure {
  return pooled(
    rounds.map(({ amount, seconds }) => {
      const rate = (factor * amount) / seconds.median;
      return {
        median: rate,
        least: (factor * amount) / seconds.largest,
        largest: (factor * amount) / seconds.least,
        deviation: rate * (seconds.deviation / seconds.median),
        samples: seconds.samples,
      };
    }),
  );
}

function pooled(rounds: readonly CeilingFigure[]): CeilingFigure {
  return {
    median: median(rounds.map((round) => round.median)),
    least: Math.min(...rounds.map((round) => round.least)),
    largest: Math.max(...rounds.map((round) => round.largest)),
    deviation: median(rounds.map((round) => round.deviation)),
    samples: rounds.reduce((sum, round) => sum + round.samples, 0),
  };
}
