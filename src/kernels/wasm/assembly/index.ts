/**
 * What the host calls: restart on the first thread, then run on every thread. A program is a list of steps: a part of a job (0 before,
 * 1 itself, 2 after), done by all threads or by the first alone, after a meeting of all where what it reads is made by others.
 *
 * Memory: 768 the steps' address, 772 their number, 776 how many concern all threads. A step: address of the job (2^32 − 1: only the meeting),
 * part, all threads, meeting before. A part with 4 added has the address of a word that says which job, filled in by an earlier step.
 */
import { attention, combineSplit } from "./attention";
import { meet } from "./barrier";
import { multiplyAddAll, stream } from "./ceilings";
import { activate, addResidual, normalize, rotate } from "./elementwise";
import { combineExperts, routeTokens } from "./experts";
import { restartTasks, turnTo, word } from "./job";
import { linear, packInput } from "./linear";
import { lookUpRows, storeRows } from "./row-copies";

const program: usize = 768;
const stepBytes = 16;
const nothing: usize = 0xffffffff;
const chosen = 4;

/**
 * Where this thread is: the step it is at or, on the first, has to go on with; how many there are; what the step says. None of it may be in a
 * local over a meeting: V8's quick compiler (Node 20) loses locals where a thread sleeps (seen as programs that ended halfway).
 */
let next = 0;
let steps = 0;
let self = 0;
let job: usize = 0;
let part = 0;
let mine = false;

/** On the first thread, before the others start. */
export function restart(): void {
  next = 0;
  const count = load<i32>(program, 4);
  for (let i = 0; i < count; i++) {
    const step = load<usize>(program) + <usize>i * stepBytes;
    if (load<usize>(step) == nothing || (load<i32>(step, 4) & chosen) != 0) continue;
    turnTo(load<usize>(step));
    restartTasks();
  }
}

/** On every thread; false where the first has to wait for others, and is to be called again. */
export function run(thread: i32): bool {
  self = thread;
  if (thread == 0) {
    steps = load<i32>(program, 4);
  } else {
    steps = load<i32>(program, 8);
    next = 0;
  }
  while (next < steps) {
    const step = load<usize>(program) + <usize>next * stepBytes;
    // Read before the meeting: after the last one the host may be writing the next program.
    job = load<usize>(step);
    part = load<i32>(step, 4);
    mine = self == 0 || load<i32>(step, 8) != 0;
    if (load<i32>(step, 12) != 0 && !meet(self)) return false;
    next++;
    if (job == nothing || !mine) continue;
    turnTo((part & chosen) != 0 ? load<usize>(job) : job);
    runPart(part & 3, self);
  }
  return true;
}

function runPart(part: i32, thread: i32): void {
  const kernel = word(0);
  if (part == 0) packInput();
  else if (part == 2) combineSplit();
  else if (kernel == 1) attention(thread);
  else if (kernel == 2) linear(thread);
  else if (kernel == 3) normalize(thread);
  else if (kernel == 4) rotate(thread);
  else if (kernel == 5) activate(thread);
  else if (kernel == 6) addResidual(thread);
  else if (kernel == 7) storeRows(thread);
  else if (kernel == 8) stream(thread);
  else if (kernel == 9) multiplyAddAll();
  else if (kernel == 11) lookUpRows();
  else if (kernel == 12) routeTokens();
  else if (kernel == 13) combineExperts();
}
