/** A tape's numbers as fresh objects, which the next evaluation leaves alone. */
import type { StepTape } from "./count-step.ts";

/** One operation's counts, all its instances together. */
export interface OperationCounts {
  readonly name: string;
  readonly kind: string;
  readonly count: number;
  readonly flops: number;
  readonly matmulFlops: number;
  readonly bytes: number;
  readonly weightBytes: number;
  readonly kvBytes: number;
  readonly activationBytes: number;
  readonly linkBytes: number;
}

export type StepTotals = Omit<OperationCounts, "name" | "kind" | "count">;

/** The counts of one operation of the tape's plan. */
export function operationCounts(tape: StepTape, index: number): OperationCounts {
  const operation = tape.plan.operations[index]!;
  const c = tape.counts[index]!;
  return {
    name: operation.name,
    kind: operation.definition.kind,
    count: operation.instances,
    flops: c.flops,
    matmulFlops: c.matmulFlops,
    bytes: c.weightBytes + c.kvBytes + c.activationBytes,
    weightBytes: c.weightBytes,
    kvBytes: c.kvBytes,
    activationBytes: c.activationBytes,
    linkBytes: c.linkBytes,
  };
}

/** The sums over all operations; bytes are those of memory, the link's apart. */
export function stepTotals(tape: StepTape): StepTotals {
  const t = tape.totals;
  return { ...t, bytes: t.weightBytes + t.kvBytes + t.activationBytes };
}
