/** How much of the processors other programs use while this one measures. */
import { cpus } from "node:os";

interface ProcessorTimes {
  readonly busyMilliseconds: number;
  readonly allMilliseconds: number;
}

/**
 * Begins to watch; the function that comes back answers the share of all processor time since then that other programs
 * used, 0 to 1. Where the system does not count, it answers 0.
 */
export function watchOtherPrograms(
  times: () => ProcessorTimes = processorTimes,
  own: () => NodeJS.CpuUsage = process.cpuUsage,
): () => number {
  const [before, ownBefore] = [times(), own()];
  return () => {
    const [after, ownAfter] = [times(), own()];
    const ownMicroseconds = ownAfter.user + ownAfter.system - ownBefore.user - ownBefore.system;
    const others = after.busyMilliseconds - before.busyMilliseconds - ownMicroseconds / 1000;
    const all = after.allMilliseconds - before.allMilliseconds;
    return all > 0 ? Math.min(1, Math.max(0, others / all)) : 0;
  };
}

function processorTimes(): ProcessorTimes {
  let [busyMilliseconds, allMilliseconds] = [0, 0];
  for (const { times } of cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq;
    busyMilliseconds += busy;
    allMilliseconds += busy + times.idle;
  }
  return { busyMilliseconds, allMilliseconds };
}
