/**
 * Formulas that other tools predict runs with, on the same counts and the datasheet's rates, operation by operation:
 *   roofline        the longer of bytes / bandwidth and FLOPs / peak; what devices exchange at the link's rate
 *   rule of thumb   the same at 80 % of all rates, and 3 µs a kernel
 */
import type { EngineOperation, EngineRunCall } from "../../timing/engine-form.ts";

export type PeerFormula = "roofline" | "80 % + 3 µs";

export const peerFormulas: readonly PeerFormula[] = ["roofline", "80 % + 3 µs"];

/** @param bytesPerSecond the datasheet's bandwidth */
export function peerSeconds(formula: PeerFormula, call: EngineRunCall, bytesPerSecond: number): number {
  return formula === "roofline"
    ? ceilingSeconds(call, bytesPerSecond, 1, 0)
    : ceilingSeconds(call, bytesPerSecond, 0.8, 3e-6);
}

function ceilingSeconds(call: EngineRunCall, bytesPerSecond: number, share: number, startSeconds: number): number {
  const phase = (operations: readonly EngineOperation[] | null): number => {
    let sum = 0;
    for (const each of operations ?? []) {
      const bytes = each.weightBytes + each.cacheBytes + each.activationBytes;
      const longer = Math.max(bytes / bytesPerSecond, each.flops / each.peakFlopsPerSecond);
      sum += (longer + each.linkBytes / call.linkBytesPerSecond) / share + each.instances * startSeconds;
    }
    return sum;
  };
  return phase(call.prefill) + call.steps * phase(call.decode);
}
