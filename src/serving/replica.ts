/**
 * One replica as the simulation runs it: step after step while it has anything to do. At the start of a step
 *   1. those admitted last are put back at the head of the queue until the step's tokens fit (only where admittedShare < 1);
 *      their prompts and tokens so far are computed again when they are let in anew
 *   2. waiting requests are let in, first come first served, while sequences and memory allow (cache-room.ts)
 *   3. prompts are computed in the order of admission, in chunks where they are long: beside the decoding ones, whose tokens come
 *      first (policy mixed), or alone while any are left (policy first); the step that ends a prompt yields its first token
 * Steps that only decode differ by their contexts alone, so a stretch of them is run at once, at the seconds of its middle: until a
 * sequence ends, memory is full, a first token comes out of the pipeline, or contexts have grown by a thirty-second. An arrival
 * that would be let in ends the stretch at the next step's start.
 */
import { CacheRoom } from "./cache-room.ts";
import { DecodingSet } from "./decoding-set.ts";
import type { FleetRecord } from "./fleet-record.ts";
import type { ReplicaModel } from "./replica-model.ts";
import { RingQueue } from "./ring-queue.ts";
import type { Sequence } from "./sequence.ts";
import { stepSecondsOf } from "./step-seconds-of.ts";

/** whole: prompts and decoding; prefill: prompts alone; decode: decoding of prompts that another replica has computed. */
export type ReplicaRole = "whole" | "prefill" | "decode";

type Activity = "idle" | "decoding" | "prompts" | "pipeline";

/** Growth of the context in one stretch: a share of it, or so many rows where that is more. */
const stretchShare = 1 / 32;
const stretchRows = 64;

export class Replica {
  readonly room: CacheRoom;
  /** Requests sent here that have not left. */
  outstanding = 0;
  /** End of what it does now; Infinity where it is idle. */
  endSeconds: number = Number.POSITIVE_INFINITY;
  /** Time in steps so far. */
  busySeconds = 0;
  private activity: Activity = "idle";
  private startSeconds = 0;
  private stepSeconds = 0;
  private steps = 0;
  /** Prompts that the current step ends, and how much later than it their first tokens come. */
  private endingPrompts = 0;
  private lagSeconds = 0;
  /** Whether those that decode take part in the step of prompts. */
  private decodesBeside = false;
  private readonly waiting: RingQueue<Sequence> = new RingQueue<Sequence>();
  private readonly prefilling: RingQueue<Sequence> = new RingQueue<Sequence>();
  /** Prompts computed whose first token is still in the pipeline. */
  private readonly ripening: RingQueue<Sequence> = new RingQueue<Sequence>();
  private readonly decoding: DecodingSet;
  private readonly model: ReplicaModel;
  private readonly role: ReplicaRole;
  private readonly record: FleetRecord;
  private readonly left: (sequence: Sequence, seconds: number) => void;

  /** @param left is told of each sequence that is done here, and when its last token came */
  constructor(
    model: ReplicaModel,
    role: ReplicaRole,
    record: FleetRecord,
    left: (sequence: Sequence, seconds: number) => void,
  ) {
    this.model = model;
    this.role = role;
    this.record = record;
    this.left = left;
    this.room = new CacheRoom(model);
    this.decoding = new DecodingSet(model.steps.tokensPerStep);
  }

  get isIdle(): boolean {
    return this.activity === "idle";
  }

  /** Whether a request of these lengths can be served here at all. */
  canServe(inputTokens: number, outputTokens: number): boolean {
    return this.room.holdsAlone(this.role === "prefill" ? inputTokens : inputTokens + outputTokens);
  }

  /** Puts a request into the queue; true where this brings the end of what the replica does now forward. */
  enqueue(sequence: Sequence, now: number): boolean {
    const { outputTokens, inputTokens } = sequence;
    const decodes = this.role !== "prefill";
    sequence.decodeSteps = decodes ? Math.ceil((outputTokens - 1) / this.model.steps.tokensPerStep) : 0;
    this.room.measure(sequence, decodes ? inputTokens + outputTokens : inputTokens);
    sequence.promptTokens = this.role === "decode" ? 0 : this.uncachedTokens(inputTokens);
    sequence.promptRows = inputTokens;
    this.waiting.pushBack(sequence);
    this.outstanding++;
    this.record.waiting++;
    // Those already waiting did not fit when the stretch began, and less fits since.
    return this.waiting.length === 1 && this.admits(sequence) && this.interrupt(now);
  }

  /** Starts what comes next; afterwards endSeconds says until when. */
  start(now: number): void {
    this.startSeconds = now;
    while (this.room.stepsThatFit(this.decoding.growthUnits) < 1) this.putBackLast(now);
    for (let head = this.waiting.at(0); head !== undefined && this.admits(head); head = this.waiting.at(0))
      this.admit();
    if (this.prefilling.length > 0) this.startPrompts(now);
    else if (this.decoding.count > 0) this.startStretch(now);
    else this.startPipeline();
  }

  /** Ends what it does at endSeconds: tokens come out, and those that have all of theirs leave. */
  finish(): void {
    const now = this.endSeconds;
    const { activity } = this;
    const running = activity === "decoding" || (activity === "prompts" && this.decodesBeside) ? this.steps : 0;
    const grown = this.decoding.growthUnits * running;
    const tokens = this.decoding.tokensPerStep * running;
    this.record.stretch(this.startSeconds, now, this.room.shareOf(this.room.heldUnits + grown / 2), tokens);
    if (activity !== "pipeline") this.busySeconds += now - this.startSeconds;
    this.activity = "idle";
    this.endSeconds = Number.POSITIVE_INFINITY;
    this.room.grow(grown);
    this.decoding.run(running);
    for (let done = this.decoding.takeEnded(); done !== null; done = this.decoding.takeEnded()) this.leave(done, now);
    if (activity === "prompts") this.endPrompts(now);
    for (let next = this.ripening.at(0); next !== undefined && next.readySeconds <= now; next = this.ripening.at(0)) {
      this.ripening.popFront();
      this.decode(next, next.readySeconds);
    }
  }

  private admits(sequence: Sequence): boolean {
    const inside = this.decoding.count + this.ripening.length + this.prefilling.length;
    return inside < this.model.maxSequences && this.room.admits(sequence, this.decoding.growthUnits);
  }

  private admit(): void {
    const sequence = this.waiting.popFront() as Sequence;
    this.room.take(sequence);
    this.record.waiting--;
    this.record.running++;
    if (sequence.promptTokens > 0) this.prefilling.pushBack(sequence);
    else this.decode(sequence, this.startSeconds);
  }

  private putBackLast(now: number): void {
    const sequence = (this.prefilling.popBack() ?? this.ripening.popBack() ?? this.decoding.takeLast()) as Sequence;
    this.room.free(sequence);
    const { inputTokens, outputTokens, stepsDone } = sequence;
    const ownTokens = Math.min(outputTokens - 1, Math.ceil(stepsDone * this.model.steps.tokensPerStep));
    sequence.promptTokens = this.uncachedTokens(inputTokens) + ownTokens;
    sequence.promptRows = inputTokens + ownTokens;
    this.waiting.pushFront(sequence);
    this.record.putBack(now);
  }

  private startPrompts(now: number): void {
    const { steps, policy } = this.model;
    this.decodesBeside = policy.prefill === "mixed" && this.decoding.count > 0;
    const sequences = this.decodesBeside ? this.decoding.count : 0;
    let budget = Math.max(1, policy.stepTokens - sequences);
    let tokens = 0;
    let rowsSeen = 0;
    this.endingPrompts = 0;
    for (let i = 0; budget > 0; i++) {
      const sequence = this.prefilling.at(i);
      if (sequence === undefined) break;
      const taken = Math.min(budget, sequence.promptTokens);
      // Its tokens see the rows before them and those of their own up to themselves.
      rowsSeen += taken * (sequence.promptRows - sequence.promptTokens + (taken + 1) / 2);
      tokens += taken;
      budget -= taken;
      sequence.promptTokens -= taken;
      if (sequence.promptTokens === 0) this.endingPrompts++;
      if (sequence.computedSeconds < 0) sequence.computedSeconds = now;
    }
    const context = sequences > 0 ? this.decoding.meanContext(1) : 0;
    this.stepSeconds = stepSecondsOf(steps, sequences, context, tokens, rowsSeen / tokens);
    this.lagSeconds = 0;
    if (steps.stages > 1) {
      const without = sequences > 0 ? stepSecondsOf(steps, sequences, context, 0, 0) : 0;
      this.lagSeconds = (steps.stages - 1) * Math.max(0, this.stepSeconds - without);
    }
    this.begin("prompts", 1);
  }

  private startStretch(now: number): void {
    const { steps } = this.model;
    const { decoding } = this;
    const rows = Math.max(stretchRows, stretchShare * decoding.meanContext(0));
    const most = Math.min(
      decoding.stepsToNextEnd(),
      this.room.stepsThatFit(decoding.growthUnits),
      Math.max(1, Math.floor(rows / steps.tokensPerStep)),
    );
    this.stepSeconds = stepSecondsOf(steps, decoding.count, decoding.meanContext(most), 0, 0);
    const ripe = this.ripening.at(0);
    this.begin("decoding", ripe === undefined ? most : Math.min(most, this.stepsUntil(ripe.readySeconds, now)));
  }

  /** Nothing to compute: waits for the next first token in the pipeline, if there is one. */
  private startPipeline(): void {
    const next = this.ripening.at(0);
    if (next === undefined) return;
    this.activity = "pipeline";
    this.endSeconds = next.readySeconds;
  }

  private begin(activity: Activity, steps: number): void {
    this.activity = activity;
    this.steps = steps;
    this.endSeconds = this.startSeconds + steps * this.stepSeconds;
  }

  /** Steps of a stretch from `from` that are begun before `seconds`; at least 1. */
  private stepsUntil(seconds: number, from: number): number {
    if (!(this.stepSeconds > 0)) return 1;
    const steps = Math.max(1, Math.ceil((seconds - from) / this.stepSeconds));
    return from + steps * this.stepSeconds < seconds ? steps + 1 : steps;
  }

  /** Ends a stretch, or an empty wait, for an arrival; true where that is sooner than planned. */
  private interrupt(now: number): boolean {
    if (this.activity === "pipeline") {
      this.endSeconds = now;
      return true;
    }
    if (this.activity !== "decoding") return false;
    const steps = this.stepsUntil(now, this.startSeconds);
    if (steps >= this.steps) return false;
    this.begin("decoding", steps);
    return true;
  }

  private endPrompts(now: number): void {
    for (; this.endingPrompts > 0; this.endingPrompts--) {
      const sequence = this.prefilling.popFront() as Sequence;
      const seconds = now + this.lagSeconds;
      if (sequence.firstTokenSeconds < 0) {
        sequence.firstTokenSeconds = seconds;
        this.record.firstToken(seconds);
      }
      if (this.lagSeconds === 0 && this.ripening.length === 0) {
        this.decode(sequence, now);
        continue;
      }
      const before = this.ripening.at(this.ripening.length - 1);
      sequence.readySeconds = Math.max(seconds, before?.readySeconds ?? 0);
      this.ripening.pushBack(sequence);
    }
  }

  /** To the decoding ones, or away where no token is left to come. */
  private decode(sequence: Sequence, now: number): void {
    if (sequence.decodeSteps > sequence.stepsDone) this.decoding.begin(sequence);
    else this.leave(sequence, now);
  }

  private leave(sequence: Sequence, now: number): void {
    this.room.free(sequence);
    this.outstanding--;
    this.left(sequence, now);
  }

  private uncachedTokens(inputTokens: number): number {
    return Math.max(1, inputTokens - Math.floor(this.model.cachedPromptShare * inputTokens));
  }
}
