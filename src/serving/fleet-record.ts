/**
 * What a simulated fleet is measured by. Nothing is kept of a request that has left but counts, sums and bins.
 *   TTFT  first token − arrival + the way to the engine and back       TPOT  (last token − first) / (output tokens − 1)
 *   queue  first computed in a step − arrival                          end to end  last token − arrival + the way
 * Means over time are areas under the levels: requests that wait, and those in the engine or between two of them.
 */
import { LatencySketch } from "./latency-sketch.ts";
import { LoadSeries } from "./load-series.ts";
import type { Sequence } from "./sequence.ts";

/** Limits in seconds on a request's times; those that are left out hold. */
export interface LatencyObjectives {
  readonly ttftSeconds?: number | undefined;
  readonly tpotSeconds?: number | undefined;
  readonly endToEndSeconds?: number | undefined;
}

/** How often progress is told. */
const progressEvery = 1000;

export class FleetRecord {
  /** Levels now. */
  waiting = 0;
  running = 0;
  arrived = 0;
  completed = 0;
  rejected = 0;
  preempted = 0;
  inputTokens = 0;
  outputTokens = 0;
  /** Of those after the warm-up, those that met all objectives. */
  metObjectives = 0;
  /** When the last token of all came. */
  durationSeconds = 0;
  waitingArea = 0;
  runningArea = 0;
  readonly ttft: LatencySketch = new LatencySketch();
  readonly tpot: LatencySketch = new LatencySketch();
  readonly endToEnd: LatencySketch = new LatencySketch();
  readonly queue: LatencySketch = new LatencySketch();
  readonly series: LoadSeries = new LoadSeries();
  private now = 0;
  private readonly replicas: number;
  private readonly requestSeconds: number;
  private readonly warmupRequests: number;
  private readonly limits: Readonly<Record<"ttft" | "tpot" | "endToEnd", number>>;
  private readonly onProgress: ((completed: number) => void) | undefined;

  constructor(setup: {
    readonly replicas: number;
    readonly requestSeconds: number;
    readonly warmupRequests: number;
    readonly objectives: LatencyObjectives;
    readonly onProgress: ((completed: number) => void) | undefined;
  }) {
    const { objectives } = setup;
    this.replicas = setup.replicas;
    this.requestSeconds = setup.requestSeconds;
    this.warmupRequests = setup.warmupRequests;
    this.onProgress = setup.onProgress;
    this.limits = {
      ttft: objectives.ttftSeconds ?? Number.POSITIVE_INFINITY,
      tpot: objectives.tpotSeconds ?? Number.POSITIVE_INFINITY,
      endToEnd: objectives.endToEndSeconds ?? Number.POSITIVE_INFINITY,
    };
  }

  /** Moves on to `seconds`; the levels held until then. */
  advance(seconds: number): void {
    const passed = seconds - this.now;
    if (!(passed > 0)) return;
    this.waitingArea += passed * this.waiting;
    this.runningArea += passed * this.running;
    this.series.addOver("waiting", this.now, seconds, passed * this.waiting);
    this.series.addOver("running", this.now, seconds, passed * this.running);
    this.now = seconds;
  }

  /** A replica did something from one moment to another; its caches took `cacheShare` of its room on average. */
  stretch(from: number, to: number, cacheShare: number, tokens: number): void {
    if (to > from) {
      this.series.addOver("cache", from, to, ((to - from) * cacheShare) / this.replicas);
      this.series.addOver("tokens", from, to, tokens);
    } else if (tokens > 0) {
      this.series.addAt("tokens", to, tokens);
    }
  }

  firstToken(seconds: number): void {
    this.series.addAt("tokens", seconds, 1);
  }

  /** One of those running waits again. */
  putBack(seconds: number): void {
    this.running--;
    this.waiting++;
    this.preempted++;
    this.series.addAt("preempted", seconds, 1);
  }

  /** One of those running has all its tokens. */
  complete(sequence: Sequence, lastTokenSeconds: number): void {
    const { arrivalSeconds, firstTokenSeconds, inputTokens, outputTokens } = sequence;
    this.running--;
    this.completed++;
    this.inputTokens += inputTokens;
    this.outputTokens += outputTokens;
    this.durationSeconds = Math.max(this.durationSeconds, lastTokenSeconds);
    if (this.onProgress !== undefined && this.completed % progressEvery === 0) this.onProgress(this.completed);
    if (this.completed <= this.warmupRequests) return;
    const ttft = firstTokenSeconds - arrivalSeconds + this.requestSeconds;
    const endToEnd = lastTokenSeconds - arrivalSeconds + this.requestSeconds;
    const tpot = outputTokens > 1 ? (lastTokenSeconds - firstTokenSeconds) / (outputTokens - 1) : 0;
    this.ttft.add(ttft);
    this.endToEnd.add(endToEnd);
    this.queue.add(sequence.computedSeconds - arrivalSeconds);
    if (outputTokens > 1) this.tpot.add(tpot);
    const { limits } = this;
    if (ttft <= limits.ttft && tpot <= limits.tpot && endToEnd <= limits.endToEnd) this.metObjectives++;
  }
}
