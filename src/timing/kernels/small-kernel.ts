/**
 * A small kernel (norm, rotary embedding, activation, residual, a row of K and V written): t = t0 + bytes / (e BW), bytes read and
 * written. Its bytes move at what copying reaches, about 0.79 of the read ceiling on the H100 here (2.43 of 3.085 TB/s).
 * @example 2,430,000 bytes, 3 TB/s, t0 2.6 µs, e 0.81: 2.6 + 1 = 3.6 µs
 */
import type { KernelForm, KernelMachine, KernelTime } from "../kernel-form.ts";
import type { SmallKernelCall } from "./kernel-calls.ts";

export const smallKernel: KernelForm<SmallKernelCall> = {
  kind: "small-kernel",
  parameters: [
    {
      ...{ name: "startSeconds", meaning: "start-up of a call, with the gap before it", unit: "s" },
      ...{ lowest: 1e-7, highest: 3e-5, starts: [2.6e-6] },
    },
    {
      ...{ name: "copyEfficiency", meaning: "share of the read ceiling that reading and writing reach", unit: "share" },
      ...{ lowest: 0.05, highest: 1.03, starts: [0.79] },
    },
  ],
  time(p: ArrayLike<number>, call: SmallKernelCall, machine: KernelMachine, into: KernelTime): void {
    const memory = call.bytes / (p[1]! * machine.bytesPerSecond);
    into.seconds = p[0]! + memory;
    into.startSeconds = p[0]!;
    into.memorySeconds = memory;
    into.computeSeconds = 0;
    into.linkSeconds = 0;
  },
};
