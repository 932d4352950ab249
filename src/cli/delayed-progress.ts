/** A progress bar for work that is mostly over at once: it appears only when a second has passed, on a terminal alone. */
import type { CommandIo } from "./command.ts";
import { noProgress, progressMaker, type SweepProgress } from "./sweep-progress.ts";

const quietMilliseconds = 1000;

/** @param now of a clock in milliseconds */
export async function delayedProgress(
  total: number,
  what: string,
  { isTerminal }: Pick<CommandIo, "isTerminal">,
  now: () => number = Date.now,
): Promise<SweepProgress> {
  if (!isTerminal || total === 0) return noProgress;
  const start = now();
  const make = await progressMaker();
  let bar: SweepProgress | null = null;
  return {
    update(done) {
      if (bar === null && now() - start >= quietMilliseconds) bar = make(total, what);
      bar?.update(done);
    },
    stop: () => bar?.stop(),
  };
}
