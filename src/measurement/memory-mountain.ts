/**
 * The memory levels of a machine from how fast it reads working sets of growing size (the memory mountain: Bryant and
 * O'Hallaron, Computer Systems, chapter 6).
 *
 * With n threads a cache of each core counts n times, since the set is divided among them.
 *   well inside a cache   from twice what the next inner cache holds to half of its own: there neither neighbour answers much
 *   its bandwidth         median of the points well inside; never below an outer level's
 *   memory                the points from four times the last cache on
 *   its capacity          what the system says; less where the curve falls before, as on a machine that is shared: the last
 *                         point read faster than halfway (geometric mean) between the cache's bandwidth and the next level's
 * Where the system says nothing of caches, a level is a stretch of points of about the same bandwidth.
 */
import { median } from "../quantity/sample-statistics.ts";
import { memoryFromCaches } from "./ceiling-grid.ts";
import type { StreamCeiling } from "./ceilings.ts";
import type { CacheDescription } from "./machine-description.ts";

export interface MountainLevel {
  /** "L1", "L2", … or "memory". */
  readonly name: string;
  /** What it holds of a set divided among the threads; null of memory. */
  readonly bytes: number | null;
  /** What the system says that it holds; null where it says nothing. */
  readonly statedBytes: number | null;
  readonly bytesPerSecond: number;
  /** The points that say so: how many, and the least and largest of their medians. */
  readonly points: number;
  readonly least: number;
  readonly largest: number;
}

interface Point {
  readonly bytes: number;
  readonly rate: number;
}

interface Cache {
  readonly name: string;
  readonly bytes: number;
  readonly statedBytes: number | null;
}

/** Points of one level differ by less than this share. */
const plateauShare = 0.2;
/** The next level shows in the curve where a cache is so many times as fast. */
const clearlySlower = 1.5;

/**
 * The levels on this many threads, innermost first, memory last; a cache that no point lies well inside of is left out.
 * @throws RangeError where no read was measured on so many threads
 */
export function mountainLevels(
  streams: readonly StreamCeiling[],
  threads: number,
  caches: readonly CacheDescription[],
): MountainLevel[] {
  const points = streams
    .filter((each) => each.stream === "read" && each.threads === threads)
    .map((each): Point => ({ bytes: each.workingSetBytes, rate: each.bytesPerSecond.median }))
    .sort((a, b) => a.bytes - b.bytes);
  if (points.length === 0) throw new RangeError(`no read was measured on ${threads} thread${threads === 1 ? "" : "s"}`);
  const stated = cachesOf(caches, threads);
  const known = stated.length > 0 ? stated : plateaus(points);
  const last = known.at(-1)?.bytes ?? 0;
  const beyond = points.filter((point) => point.bytes >= memoryFromCaches * last);
  const levels = [
    levelOf({ name: "memory", bytes: 0, statedBytes: null }, beyond.length > 0 ? beyond : points.slice(-1)),
  ];
  for (let i = known.length - 1; i >= 0; i--) {
    const cache = known[i]!;
    const inner = known[i - 1]?.bytes ?? 0;
    const inside = points.filter((point) => point.bytes >= 2 * inner && point.bytes <= cache.bytes / 2);
    if (inside.length === 0) continue;
    const next = levels[0]!;
    const level = levelOf(cache, withoutTail(inside, next.bytesPerSecond));
    // A level that is no faster than what lies outside it is noise, or a cache that others use up.
    if (level.bytesPerSecond <= next.bytesPerSecond) continue;
    levels.unshift({ ...level, bytes: reachOf(points, cache, level.bytesPerSecond, next.bytesPerSecond) });
  }
  return levels;
}

function levelOf(cache: Cache, points: readonly Point[]): MountainLevel {
  const rates = points.map((point) => point.rate);
  return {
    name: cache.name,
    bytes: cache.name === "memory" ? null : cache.bytes,
    statedBytes: cache.statedBytes,
    bytesPerSecond: median(rates),
    points: points.length,
    least: Math.min(...rates),
    largest: Math.max(...rates),
  };
}

/** Whether a point is still of a level that reads at `rate`, and not of the slower one outside it. */
function isOfLevel(point: Point, rate: number, next: number): boolean {
  return rate < clearlySlower * next || point.rate >= Math.sqrt(rate * next);
}

/** Without the points after the curve has fallen to the next level for good, where a cache is smaller than the system says. */
function withoutTail(inside: readonly Point[], next: number): readonly Point[] {
  const fastest = Math.max(...inside.map((point) => point.rate));
  return inside.slice(0, inside.findLastIndex((point) => isOfLevel(point, fastest, next)) + 1);
}

/** What the cache holds: as stated, or less where the curve falls for good before half of it. */
function reachOf(points: readonly Point[], cache: Cache, rate: number, next: number): number {
  const within = points.filter((point) => point.bytes <= cache.bytes / 2);
  const last = within.findLast((point) => isOfLevel(point, rate, next));
  return last === undefined || last === within.at(-1) ? cache.bytes : last.bytes;
}

/** Data caches, innermost first, as so many threads have them together. */
function cachesOf(caches: readonly CacheDescription[], threads: number): Cache[] {
  const levels = new Map<number, number>();
  for (const { level, type, bytes, sharedBy, instances } of caches) {
    if (type === "instruction") continue;
    // Threads spread over the instances; where nobody counts them, those of the first level are each core's own.
    const count = instances ?? (level === 1 ? threads : Math.ceil(threads / sharedBy));
    levels.set(level, Math.max(levels.get(level) ?? 0, bytes * Math.min(count, threads)));
  }
  return [...levels]
    .sort(([a], [b]) => a - b)
    .map(([level, bytes]) => ({ name: `L${level}`, bytes, statedBytes: bytes }));
}

/** Stretches of at least two points of about the same rate; what follows the last of them is memory's. */
function plateaus(points: readonly Point[]): Cache[] {
  const found: Point[][] = [];
  let stretch: Point[] = [];
  for (const point of points) {
    const level = stretch.length === 0 ? point.rate : median(stretch.map((each) => each.rate));
    if (Math.abs(point.rate / level - 1) <= plateauShare) {
      stretch.push(point);
      continue;
    }
    if (stretch.length > 1) found.push(stretch);
    stretch = [point];
  }
  // The last stretch is memory, whatever its length.
  return found.map((each, i) => ({ name: `L${i + 1}`, bytes: each.at(-1)!.bytes, statedBytes: null }));
}
