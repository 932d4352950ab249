import type { KernelForm } from "../kernel-form.ts";
import { smoothKnee } from "../smooth-knee.ts";
import type { LinearCall } from "./kernel-calls.ts";

export const linear: KernelForm<LinearCall> = {
  kind: "linear",
  parameters: [
    { name: "startSeconds", meaning: "start-up", unit: "s", lowest: 1e-7, highest: 1e-4, starts: [3e-6] },
    { name: "bandwidthEfficiency", meaning: "share", unit: "share", lowest: 0.05, highest: 1.03, starts: [0.85] },
    { name: "computeEfficiency", meaning: "share", unit: "share", lowest: 0.05, highest: 1.03, starts: [0.8] },
    { name: "knee", meaning: "overlap", unit: "number", lowest: 0.01, highest: 1, starts: [0.2] },
  ],
  time(p, call, machine, into) {
    const { m, n, k } = call;
    into.startSeconds = p[0]!;
    into.memorySeconds =
      (n * k * call.weightBytesPerElement + m * (k * call.inputBytesPerElement + n * call.outputBytesPerElement)) /
      (p[1]! * machine.bytesPerSecond);
    into.computeSeconds = (2 * m * n * k) / (p[2]! * call.peakFlopsPerSecond);
    into.linkSeconds = 0;
    into.seconds = into.startSeconds + smoothKnee(into.memorySeconds, into.computeSeconds, p[3]!);
  },
};
