/**
 * Kernels one after the other, as the steps that assembly/index.ts runs. All threads meet before a step where it or the one before
 * is done by all, so that small kernels of the calling thread follow each other without a meeting.
 */
import type { MemoryView } from "./memory-view.ts";

export interface KernelCall {
  /** Address of the job; where it is chosen while the program runs, of the word that an earlier kernel writes its address to. */
  readonly at: number;
  readonly chosen?: boolean;
  readonly parallel: boolean;
  /** Whether the calling thread has something to do before all start, and once all have ended. */
  readonly before?: boolean;
  readonly after?: boolean;
}

export interface KernelProgram {
  /** Where the steps lie: programBytes of the calls. */
  readonly at: number;
  readonly calls: readonly KernelCall[];
}

/** Words of assembly/barrier.ts and assembly/index.ts. */
export const meetingsAt = 576;
export const asleepAt = 640;
const threadsAt = 704;
const programAt = 768;
/** Where the steps of a single job lie; there is room for four. */
export const firstStepsAt = 832;

interface Step {
  readonly at: number;
  /** 0 before, 1 itself, 2 after; 4 more where the job is chosen. */
  readonly part: number;
  readonly parallel: boolean;
}

const wordsPerStep = 4;
/** Address of a step that is only a meeting. */
const nothing = 0xffff_ffff;

/** Bytes that the steps of so many calls take at most. */
export function programBytes(calls: number): number {
  return (3 * calls + 1) * wordsPerStep * 4;
}

function stepsOf(calls: readonly KernelCall[]): Step[] {
  const steps = calls.flatMap(({ at, chosen, parallel, before, after }): Step[] => {
    const more = chosen === true ? 4 : 0;
    return [
      ...(before === true ? [{ at, part: more, parallel: false }] : []),
      { at, part: 1 + more, parallel },
      ...(after === true ? [{ at, part: 2 + more, parallel: false }] : []),
    ];
  });
  // A last meeting, since the program is over when all are.
  return steps.at(-1)?.parallel === true ? [...steps, { at: nothing, part: 1, parallel: false }] : steps;
}

/** Writes a program for so many threads. */
export function writeProgram(view: MemoryView, { at, calls }: KernelProgram, threads: number): void {
  const steps = stepsOf(calls);
  const meets = (i: number): boolean => i > 0 && (steps[i]?.parallel === true || steps[i - 1]?.parallel === true);
  const concernsAll = steps.reduce((last, step, i) => (step.parallel || meets(i) ? i + 1 : last), 0);
  view.words[threadsAt / 4] = threads;
  view.words.set([at, steps.length, concernsAll], programAt / 4);
  steps.forEach((step, i) => {
    const words = [step.at, step.part, step.parallel ? 1 : 0, meets(i) ? 1 : 0];
    view.words.set(words, at / 4 + i * wordsPerStep);
  });
}
