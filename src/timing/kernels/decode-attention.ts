import type { KernelForm } from "../kernel-form.ts";
import { smoothKnee } from "../smooth-knee.ts";
import type { DecodeAttentionCall } from "./kernel-calls.ts";

export const decodeAttention: KernelForm<DecodeAttentionCall> = {
  kind: "decode-attention",
  parameters: [
    { name: "startSeconds", meaning: "start-up", unit: "s", lowest: 1e-7, highest: 1e-4, starts: [5e-6] },
    { name: "bandwidthEfficiency", meaning: "share", unit: "share", lowest: 0.05, highest: 1.03, starts: [0.85] },
    { name: "knee", meaning: "overlap", unit: "number", lowest: 0.01, highest: 2, starts: [0.5] },
  ],
  time(p, c, machine, into) {
    const bytes = 2 * c.batch * c.rows * c.kvHeads * c.headDim * c.kvBytesPerElement;
    into.startSeconds = p[0]!;
    into.memorySeconds = bytes / (p[1]! * machine.bytesPerSecond);
    into.computeSeconds = 0;
    into.linkSeconds = 0;
    into.seconds = smoothKnee(into.startSeconds, into.memorySeconds, p[2]!);
  },
};
