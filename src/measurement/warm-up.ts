/**
 * Runs before anything counts: until a round is no longer faster than the one before. V8 runs WebAssembly quickly compiled
 * first and compiles it well on a thread of its own meanwhile, so that rounds have pauses between them: without one, kernels
 * that keep every core busy hold that thread back.
 */
import type { BatchTime, BatchTimer } from "./batch-timer.ts";
import type { Clock } from "./clock.ts";

/** A round that is less than this share faster than the one before is as fast as it gets. */
const settledShare = 0.05;
const leastRounds = 3;
/** A round lasts this share of the time asked for, a pause half as long as a round and no longer than this. */
const roundShare = 0.2;
const longestPauseSeconds = 0.02;
/** Kernels that don't settle are given up after so many times what was asked for. */
const patience = 3;

/**
 * Warms up and answers the time of one run at the end.
 * @param seconds how long at least; work of which one run takes longer is run once
 */
export async function warmUp(batch: BatchTimer, clock: Clock, seconds: number): Promise<BatchTime> {
  const from = clock.nowSeconds();
  const roundSeconds = roundShare * seconds;
  let runs = 1;
  let before = Number.POSITIVE_INFINITY;
  for (let rounds = 1; ; rounds++) {
    const timed = await batch(runs);
    const runSeconds = timed.seconds / runs;
    const elapsed = clock.nowSeconds() - from;
    const settled = runSeconds >= (1 - settledShare) * before;
    const enough = rounds >= leastRounds && elapsed >= seconds && settled;
    await clock.pause(Math.min(longestPauseSeconds, roundSeconds / 2));
    if (enough || elapsed >= patience * seconds || runSeconds >= seconds) {
      return { seconds: runSeconds, clock: timed.clock };
    }
    before = runSeconds;
    // At most ten times as many at once: the first run is slow by far and says little.
    runs = Math.max(1, Math.min(10 * runs, Math.round(roundSeconds / Math.max(runSeconds, roundSeconds / 1e5))));
  }
}
