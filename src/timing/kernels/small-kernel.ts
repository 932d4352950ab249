import type { KernelForm } from "../kernel-form.ts";
import type { SmallKernelCall } from "./kernel-calls.ts";

export const smallKernel: KernelForm<SmallKernelCall> = {
  kind: "small-kernel",
  parameters: [
    { name: "startSeconds", meaning: "start-up", unit: "s", lowest: 1e-7, highest: 1e-4, starts: [2.6e-6] },
    { name: "bandwidthEfficiency", meaning: "share", unit: "share", lowest: 0.05, highest: 1.03, starts: [0.78] },
  ],
  time(p, call, machine, into) {
    into.startSeconds = p[0]!;
    into.memorySeconds = call.bytes / (p[1]! * machine.bytesPerSecond);
    into.computeSeconds = 0;
    into.linkSeconds = 0;
    into.seconds = into.startSeconds + into.memorySeconds;
  },
};
