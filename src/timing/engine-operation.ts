/**
 * A counted operation of a plan as the engine form times it, and the machine that it runs on. What an engine's kernels do with it
 * is said by a few rules, such as whether decode attention runs on matrix units.
 */
import type { Hardware } from "../hardware/hardware.ts";
import type { AttentionCoreShape } from "../operations/attention-core.ts";
import type { NumberFormat } from "../quantity/number-format.ts";
import type { StepTape } from "../step/count-step.ts";
import type { StepPlan } from "../step/step-plan.ts";
import type { EngineMachine, EngineOperation, OperationWork } from "./engine-form.ts";
import { issueFlopsPerSecond } from "./issue-rate.ts";

/** What is known of an engine's kernels. */
export interface EngineRules {
  /** Whether matrix units multiply the weights of a decode step; else vector units do, after widening them. */
  readonly matricesOnMatrixUnits: boolean;
  /** Whether a decode step's attention runs on matrix units where this many query heads share a K/V head. */
  readonly attentionOnMatrixUnits: (group: number) => boolean;
  /** Whether a version records its kernels and replays them; null: the newest. */
  readonly records: (version: string | null) => boolean;
  /** Whether weights of a format take work of their own before vector units multiply them; null: the published formats. */
  readonly unpacks: (weights: NumberFormat | null) => boolean;
}

/** From as many tokens on, kernels that multiply on vector units give way to those of the matrix units. */
const mostRowsOfVectorUnits = 8;

const workOfKind: Readonly<Record<string, OperationWork>> = {
  projection: "matrix",
  logits: "matrix",
  "latent-absorption": "matrix",
  "mixture-of-experts": "experts",
  "attention-core": "attention",
  "latent-attention-core": "attention",
  "linear-attention-core": "attention",
  collective: "collective",
};

/**
 * Over PCIe alone each byte that devices exchange crosses the host, written to it by one and read from it by the other: half of
 * what one of them can send. Where no link is known, PCIe 4.0 with 16 lanes is taken.
 */
function linkBytesPerSecond({ link }: Hardware): number {
  if (link === null) return 32e9 / 2;
  return /^pcie/i.test(link.name) ? link.bytesPerSecond / 2 : link.bytesPerSecond;
}

/** @param bytesPerSecond the read ceiling: measured where it is, else the datasheet's */
export function engineMachine(
  hardware: Hardware,
  bytesPerSecond: number,
  weights: NumberFormat | null,
  rules: Pick<EngineRules, "unpacks" | "records">,
  version: string | null,
): EngineMachine {
  const peaks = hardware.peakFlopsPerSecond;
  const half = peaks.fp16 ?? peaks.bf16 ?? peaks.fp32 ?? 1;
  return {
    bytesPerSecond,
    halfFlopsPerSecond: half,
    issueFlopsPerSecond: issueFlopsPerSecond(hardware),
    linkBytesPerSecond: linkBytesPerSecond(hardware),
    records: rules.records(version),
    unpacks: rules.unpacks(weights),
  };
}

export function emptyEngineOperation(): EngineOperation {
  return {
    work: "small",
    instances: 0,
    weightBytes: 0,
    cacheBytes: 0,
    activationBytes: 0,
    flops: 0,
    peakFlopsPerSecond: 1,
    onMatrixUnits: true,
    onVectorUnits: false,
    weights: 0,
    linkBytes: 0,
    sequences: 0,
  };
}

/** An operation of a plan, ready to be counted at any workload. */
export interface PlannedEngineOperation {
  readonly index: number;
  /** As counted last. */
  readonly operation: EngineOperation;
  /** Whether matrix units do it for one token, and for many. */
  readonly fewOnMatrixUnits: boolean;
  readonly manyOnMatrixUnits: boolean;
  readonly startsSequences: boolean;
}

export function planEngineOperations(
  plan: StepPlan,
  rules: EngineRules,
  hardware: Hardware,
): readonly PlannedEngineOperation[] {
  const decode = plan.options.phase === "decode";
  const peaks = hardware.peakFlopsPerSecond;
  return plan.operations.map(({ definition, instances, shape, computeFormat }, index) => {
    const work = workOfKind[definition.kind] ?? "small";
    const peakFlopsPerSecond = peaks[computeFormat] ?? peaks.fp16 ?? peaks.fp32 ?? 1;
    const isAttention = work === "attention";
    const attention = !decode || rules.attentionOnMatrixUnits(groupOf(shape as unknown as AttentionCoreShape));
    return {
      index,
      operation: {
        ...{ ...emptyEngineOperation(), work, instances, peakFlopsPerSecond },
        onVectorUnits: !isAttention && !rules.matricesOnMatrixUnits,
      },
      fewOnMatrixUnits: isAttention ? attention : rules.matricesOnMatrixUnits,
      manyOnMatrixUnits: isAttention ? attention : true,
      startsSequences: isAttention && decode,
    };
  });
}

/** Fills the operation with what the tape of its plan counted last. */
export function countEngineOperation(planned: PlannedEngineOperation, tape: StepTape): EngineOperation {
  const counts = tape.counts[planned.index]!;
  const { operation } = planned;
  const { tokens, sequences } = tape.point;
  const isSmall = operation.work === "small";
  operation.weightBytes = isSmall ? 0 : counts.weightBytes;
  operation.cacheBytes = isSmall ? 0 : counts.kvBytes;
  operation.activationBytes = counts.activationBytes + (isSmall ? counts.weightBytes + counts.kvBytes : 0);
  operation.flops = counts.flops;
  operation.onMatrixUnits = tokens > mostRowsOfVectorUnits ? planned.manyOnMatrixUnits : planned.fewOnMatrixUnits;
  operation.weights = counts.matmulFlops / (2 * tokens);
  operation.linkBytes = counts.linkBytes;
  operation.sequences = planned.startsSequences ? sequences : 0;
  return operation;
}

/** Query heads that share a K/V head; latent and linear attention share all. */
function groupOf({ heads, headDim, rowElements }: AttentionCoreShape): number {
  return rowElements > 0 ? (2 * heads * headDim) / rowElements : heads;
}
