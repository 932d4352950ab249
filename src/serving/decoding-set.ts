/**
 * The sequences that decode on one replica. All of them take part in every decode step, so what a step needs of them are sums that
 * a step changes alike, and a sequence is touched only when it begins and when it ends.
 *   D  decode steps that the replica has run       d  the D at which a sequence began (earlier where it had been put back)
 *   its rows: input + τ (D − d)      its cache: start + growth (D − d)      its end: D = d + decode steps
 * Rows are sums of whole numbers and caches come in whole units (cache-room.ts), so that nothing drifts however long a run is.
 * An entry of the heap whose sequence ends at another step, or decodes no more, is passed over.
 */
import FlatQueue from "flatqueue";
import type { Sequence } from "./sequence.ts";

export class DecodingSet {
  count = 0;
  /** What one decode step adds to the caches. */
  growthUnits = 0;
  /** Output tokens that a step yields. */
  tokensPerStep = 0;
  private readonly sequenceTokensPerStep: number;
  private readonly ends: FlatQueue<Sequence> = new FlatQueue<Sequence>();
  private stepsRun = 0;
  private inputRows = 0;
  private beginSteps = 0;
  private last: Sequence | null = null;

  /** @param sequenceTokensPerStep τ */
  constructor(sequenceTokensPerStep: number) {
    this.sequenceTokensPerStep = sequenceTokensPerStep;
  }

  /** Takes a sequence in for the decode steps that it has still to run, at least one. */
  begin(sequence: Sequence): void {
    const begun = this.stepsRun - sequence.stepsDone;
    sequence.finishStep = begun + sequence.decodeSteps;
    this.inputRows += sequence.inputTokens;
    this.beginSteps += begun;
    this.growthUnits += sequence.growthUnits;
    this.tokensPerStep += (sequence.outputTokens - 1) / sequence.decodeSteps;
    this.count++;
    sequence.before = this.last;
    sequence.after = null;
    if (this.last !== null) this.last.after = sequence;
    this.last = sequence;
    this.ends.push(sequence, sequence.finishStep);
  }

  /** Decode steps until the next sequence ends; Infinity where none decodes. */
  stepsToNextEnd(): number {
    for (;;) {
      const sequence = this.ends.peek();
      if (sequence === undefined) return Number.POSITIVE_INFINITY;
      const step = this.ends.peekValue() as number;
      if (sequence.finishStep === step) return step - this.stepsRun;
      this.ends.pop();
    }
  }

  /** Mean rows of a sequence's attention over the next `steps` steps, its new tokens' own among them. */
  meanContext(steps: number): number {
    if (this.count === 0) return 0;
    const past = this.stepsRun - this.beginSteps / this.count;
    return this.inputRows / this.count + this.sequenceTokensPerStep * (past + (steps + 1) / 2);
  }

  run(steps: number): void {
    this.stepsRun += steps;
  }

  /** Takes out one that has run all its steps; null where there is none. */
  takeEnded(): Sequence | null {
    if (this.stepsToNextEnd() > 0) return null;
    const sequence = this.ends.pop() as Sequence;
    sequence.stepsDone = sequence.decodeSteps;
    this.remove(sequence);
    return sequence;
  }

  /** Takes out the one that began last, its steps done noted; null where none decodes. */
  takeLast(): Sequence | null {
    const sequence = this.last;
    if (sequence === null) return null;
    sequence.stepsDone = sequence.decodeSteps - (sequence.finishStep - this.stepsRun);
    this.remove(sequence);
    return sequence;
  }

  private remove(sequence: Sequence): void {
    const { before, after } = sequence;
    if (before !== null) before.after = after;
    if (after === null) this.last = before;
    else after.before = before;
    sequence.before = null;
    sequence.after = null;
    this.inputRows -= sequence.inputTokens;
    this.beginSteps -= sequence.finishStep - sequence.decodeSteps;
    this.growthUnits -= sequence.growthUnits;
    sequence.finishStep = -1;
    this.count--;
    // The one sum that is not of whole numbers starts anew whenever it can.
    this.tokensPerStep = this.count === 0 ? 0 : this.tokensPerStep - (sequence.outputTokens - 1) / sequence.decodeSteps;
  }
}
