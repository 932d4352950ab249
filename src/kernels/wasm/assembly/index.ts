/** What the host calls: before, run on every thread, after. Word 0 of the job says which kernel. */
import { attention, combineSplit } from "./attention";
import { multiplyAddAll, readAll } from "./ceilings";
import { activate, addResidual, appendRows, normalize, rotate } from "./elementwise";
import { restartTasks, word } from "./job";
import { linear, packInput } from "./linear";

/** On the calling thread, before the others start. */
export function before(): void {
  restartTasks();
  if (word(0) == 2) packInput();
}

/** On every thread. */
export function run(thread: i32): void {
  const kernel = word(0);
  if (kernel == 1) attention(thread);
  else if (kernel == 2) linear(thread);
  else if (kernel == 3) normalize();
  else if (kernel == 4) rotate();
  else if (kernel == 5) activate();
  else if (kernel == 6) addResidual();
  else if (kernel == 7) appendRows();
  else if (kernel == 8) readAll();
  else if (kernel == 9) multiplyAddAll();
}

/** On the calling thread, once all have ended. */
export function after(): void {
  if (word(0) == 1) combineSplit();
}
