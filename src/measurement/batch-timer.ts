/** Times batches of runs: the seconds of the device's clock where it has one, else of the caller's. */
import type { KernelBackend, PreparedKernel } from "../kernels/kernel.ts";
import type { Clock } from "./clock.ts";

export interface BatchTime {
  /** Of all runs together. */
  readonly seconds: number;
  readonly clock: "device" | "host";
}

/** Runs so many, one after the other, each on the next copy. */
export type BatchTimer = (runs: number) => Promise<BatchTime>;

/**
 * @param kernels copies of one piece of work, taken in turn over all batches
 * @throws from each batch: the signal's reason where it was interrupted before, and whatever a run throws
 */
export function batchTimer(
  backend: KernelBackend,
  kernels: readonly PreparedKernel[],
  clock: Clock,
  interrupted?: AbortSignal,
): BatchTimer {
  let next = 0;
  return async (runs) => {
    interrupted?.throwIfAborted();
    const order: PreparedKernel[] = [];
    for (let i = 0; i < runs; i++) order.push(kernels[(next + i) % kernels.length] as PreparedKernel);
    next = (next + runs) % kernels.length;
    const from = clock.nowSeconds();
    const deviceSeconds = await backend.runInOrder(order);
    const hostSeconds = clock.nowSeconds() - from;
    return deviceSeconds === null
      ? { seconds: hostSeconds, clock: "host" }
      : { seconds: deviceSeconds, clock: "device" };
  };
}
