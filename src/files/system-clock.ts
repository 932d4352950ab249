/** The clock of this process, with its resolution measured once it is asked for. */
import { type Clock, clockOf } from "../measurement/clock.ts";

export function systemClock(): Clock {
  return clockOf(
    () => performance.now() / 1000,
    (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds)),
  );
}
