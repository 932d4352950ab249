/**
 * A counted operation of a plan as the engine form times it, and the machine that it runs on. What an engine's kernels do with it
 * is said by a few rules, such as whether decode attention runs on matrix units.
 */
import type { Hardware } from "../hardware/hardware.ts";
import type { AttentionCoreShape } from "../operations/attention-core.ts";
import type { NumberFormat } from "../quantity/number-format.ts";
import type { StepTape } from "../step/count-step.ts";
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
    weights: 0,
    linkBytes: 0,
    sequences: 0,
  };
}

/** Fills `into` with what the tape counted for an operation of its plan. */
export function setEngineOperation(
  tape: StepTape,
  index: number,
  rules: EngineRules,
  hardware: Hardware,
  into: EngineOperation,
): void {
  const operation = tape.plan.operations[index]!;
  const counts = tape.counts[index]!;
  const work = workOfKind[operation.definition.kind] ?? "small";
  const decode = tape.plan.options.phase === "decode";
  const isAttention = work === "attention";
  into.work = work;
  into.instances = operation.instances;
  into.weightBytes = work === "small" ? 0 : counts.weightBytes;
  into.cacheBytes = work === "small" ? 0 : counts.kvBytes;
  into.activationBytes = counts.activationBytes + (work === "small" ? counts.weightBytes + counts.kvBytes : 0);
  into.flops = counts.flops;
  const peaks = hardware.peakFlopsPerSecond;
  into.peakFlopsPerSecond = peaks[operation.computeFormat] ?? peaks.fp16 ?? peaks.fp32 ?? 1;
  into.onMatrixUnits = isAttention
    ? !decode || rules.attentionOnMatrixUnits(groupOf(operation.shape as unknown as AttentionCoreShape))
    : rules.matricesOnMatrixUnits || tape.point.tokens > mostRowsOfVectorUnits;
  into.weights = counts.matmulFlops / (2 * tape.point.tokens);
  into.linkBytes = counts.linkBytes;
  into.sequences = isAttention && decode ? tape.point.sequences : 0;
}

/** Query heads that share a K/V head; latent and linear attention share all. */
function groupOf({ heads, headDim, rowElements }: AttentionCoreShape): number {
  return rowElements > 0 ? (2 * heads * headDim) / rowElements : heads;
}
