/**
 * An operation of a plan as the call that its kernel form times: which form, and the sizes, of which those that a workload
 * changes are set anew at each point. Null where no form stands for the operation: its roofline's time is taken then.
 *   linear             projections, the LM head, latent absorption (a product a head: as one matrix of all heads' columns)
 *   quantized-linear   the same, multiplied in 8 bits or fewer: inputs are quantized first
 *   decode-attention   one or a few query tokens a sequence over the cache; query tokens count as query heads, which share each row
 *   prefill-attention  causal attention of a prompt or a part of it
 *   small-kernel       norms, rotary embedding, activations, residuals, cache appends, lookups
 */
import { computePeak } from "../hardware/compute-peak.ts";
import type { Hardware } from "../hardware/hardware.ts";
import type { AttentionCoreShape } from "../operations/attention-core.ts";
import { visibleRows } from "../operations/attention-span.ts";
import type { CollectiveShape } from "../operations/collective.ts";
import type { LatentAbsorptionShape } from "../operations/latent-absorption.ts";
import type { LatentAttentionCoreShape } from "../operations/latent-attention-core.ts";
import type { LogitsShape } from "../operations/logits.ts";
import { expectedExperts, type MixtureOfExpertsShape } from "../operations/mixture-of-experts.ts";
import type { Counts, StepPoint } from "../operations/operation.ts";
import type { ProjectionShape } from "../operations/projection.ts";
import type { PlannedOperation } from "../step/planned-operation.ts";
import type { StepPlan } from "../step/step-plan.ts";
import { smallKinds } from "./kernel-family.ts";
import { busiestExperts } from "./kernels/busiest-experts.ts";
import type {
  CollectiveCall,
  DecodeAttentionCall,
  LatentAttentionCall,
  LinearCall,
  MixtureOfExpertsCall,
  PrefillAttentionCall,
  SmallKernelCall,
} from "./kernels/kernel-calls.ts";

export const formKinds = [
  "linear",
  "quantized-linear",
  "decode-attention",
  "prefill-attention",
  "latent-attention",
  "mixture-of-experts",
  "small-kernel",
  "collective",
] as const;
export type FormKind = (typeof formKinds)[number];

export type KernelCall =
  | LinearCall
  | DecodeAttentionCall
  | PrefillAttentionCall
  | LatentAttentionCall
  | MixtureOfExpertsCall
  | SmallKernelCall
  | CollectiveCall;

export interface OperationCall {
  readonly kind: FormKind;
  /** Number format that the kernel is chosen by: of the weights, of keys and values, or of what is sent. */
  readonly format: string;
  readonly call: KernelCall;
  /** Sets the sizes that the workload changes; `counts` are those of all instances of the operation. */
  readonly at: (point: StepPoint, counts: Counts) => void;
}

/** Where a kind of kernel was not measured, another one that does the same work. */
export const standInKinds: Readonly<Partial<Record<FormKind, FormKind>>> = { "quantized-linear": "linear" };

/**
 * @param cold whether keys, values and weights come from memory, as in a whole step, and not from a cache that the same call filled
 * @throws InvalidInput where a format must be multiplied natively and can't be
 */
export function operationCall(
  operation: PlannedOperation,
  plan: StepPlan,
  hardware: Hardware,
  cold = true,
): OperationCall | null {
  const { kind } = operation.definition;
  const shape: unknown = operation.shape;
  const { matrices, experts, logits } = plan.formats;
  const { kvCache, activations } = plan.options;
  const peakFlopsPerSecond = computePeak(hardware, operation.computeFormat, activations.id).flopsPerSecond;
  switch (kind) {
    case "projection":
      return projectionCall(shape as ProjectionShape, linearKind(operation), matrices.id, peakFlopsPerSecond);
    case "logits":
      return logitsCall(shape as LogitsShape, linearKind(operation), logits.id, peakFlopsPerSecond);
    case "latent-absorption":
      return absorptionCall(shape as LatentAbsorptionShape, linearKind(operation), matrices.id, peakFlopsPerSecond);
    case "attention-core":
      return attentionCall(shape as AttentionCoreShape, plan, kvCache.id, peakFlopsPerSecond, cold);
    case "latent-attention-core":
      return latentCall(shape as LatentAttentionCoreShape, kvCache.id, peakFlopsPerSecond, cold);
    case "mixture-of-experts":
      return expertsCall(shape as MixtureOfExpertsShape, plan, experts.id, peakFlopsPerSecond);
    case "collective":
      return collectiveCall(shape as CollectiveShape, activations.id);
    default:
      return smallKinds.has(kind) ? smallCall(operation, activations.id) : null;
  }
}

function linearKind({ computeFormat }: PlannedOperation): FormKind {
  return computeFormat === "fp8" || computeFormat === "int8" || computeFormat === "fp4" ? "quantized-linear" : "linear";
}

function projectionCall(s: ProjectionShape, kind: FormKind, format: string, peak: number): OperationCall {
  const call = linearCall(s.outFeatures, s.inFeatures, s.weightBytesPerElement, s.activationBytesPerElement, peak);
  return setTokens(kind, format, call, (point) => point.tokens);
}

function logitsCall(s: LogitsShape, kind: FormKind, format: string, peak: number): OperationCall {
  const call = linearCall(s.vocab, s.dModel, s.weightBytesPerElement, s.activationBytesPerElement, peak);
  return setTokens(kind, format, call, (point) => point.logitsTokens);
}

function absorptionCall(s: LatentAbsorptionShape, kind: FormKind, format: string, peak: number): OperationCall {
  const columns = s.heads * s.kvRank;
  const call = linearCall(columns, s.headDim, s.weightBytesPerElement, s.activationBytesPerElement, peak);
  // Each head has inputs of its own.
  call.inputBytesPerElement = s.heads * s.activationBytesPerElement;
  return setTokens(kind, format, call, (point) => point.tokens);
}

/** Calls are written out field by field: records spread together are read some ten times slower, and forms read little else. */
function linearCall(
  n: number,
  k: number,
  weightBytesPerElement: number,
  activationBytesPerElement: number,
  peakFlopsPerSecond: number,
): LinearCall {
  return {
    m: 1,
    n,
    k,
    weightBytesPerElement,
    inputBytesPerElement: activationBytesPerElement,
    outputBytesPerElement: Math.max(2, activationBytesPerElement),
    peakFlopsPerSecond,
  };
}

function setTokens(kind: FormKind, format: string, call: LinearCall, m: (point: StepPoint) => number): OperationCall {
  return {
    ...{ kind, format, call },
    at: (point) => {
      call.m = m(point);
    },
  };
}

function attentionCall(
  shape: AttentionCoreShape,
  plan: StepPlan,
  format: string,
  peakFlopsPerSecond: number,
  cold: boolean,
): OperationCall | null {
  if (shape.mode === "bidirectional") return null;
  const { heads, headDim, kvBytesPerElement, activationBytesPerElement } = shape;
  const kvHeads = shape.rowElements / (2 * headDim);
  if (shape.mode === "causal" && plan.options.phase === "prefill") {
    const window = shape.reach.window ?? shape.reach.chunk ?? Number.POSITIVE_INFINITY;
    const call: PrefillAttentionCall = {
      batch: 1,
      heads,
      kvHeads,
      headDim,
      queryTokens: 1,
      context: 1,
      window,
      kvBytesPerElement,
      activationBytesPerElement,
      peakFlopsPerSecond,
    };
    return {
      ...{ kind: "prefill-attention", format, call },
      at: (point) => {
        call.batch = point.sequences;
        call.queryTokens = point.queryTokens;
        call.context = point.context;
      },
    };
  }
  const windowed = (shape.reach.window ?? shape.reach.chunk) !== null;
  const call: DecodeAttentionCall = {
    batch: 1,
    heads,
    kvHeads,
    headDim,
    rows: 1,
    windowed: false,
    cold,
    kvBytesPerElement,
    activationBytesPerElement,
    peakFlopsPerSecond,
  };
  const crossed = shape.mode === "cross";
  return {
    ...{ kind: "decode-attention", format, call },
    at: (point) => {
      // An encoder's rows are a request's: its beams' queries share them as those of one sequence do.
      call.batch = crossed ? point.requests : point.sequences;
      call.heads = (heads * point.queryTokens * point.sequences) / call.batch;
      call.windowed = windowed && point.context > (shape.reach.window ?? shape.reach.chunk ?? 0);
      call.rows = crossed ? point.sourceContext : visibleRows(point.queryTokens, point.context, shape.reach);
    },
  };
}

function latentCall(
  shape: LatentAttentionCoreShape,
  format: string,
  peakFlopsPerSecond: number,
  cold: boolean,
): OperationCall {
  const call: LatentAttentionCall = {
    batch: 1,
    heads: shape.heads,
    queryTokens: 1,
    context: 1,
    absorbed: shape.absorbed,
    latentDim: shape.kvRank,
    ropeDim: shape.ropeDim,
    nopeDim: shape.nopeDim,
    valueDim: shape.valueDim,
    kvBytesPerElement: shape.kvBytesPerElement,
    activationBytesPerElement: shape.activationBytesPerElement,
    peakFlopsPerSecond,
    cold,
  };
  const { topK } = shape;
  return {
    ...{ kind: "latent-attention", format, call },
    at: (point) => {
      call.batch = point.sequences;
      call.queryTokens = point.queryTokens;
      call.context = topK === null ? point.context : Math.min(point.context, topK * point.queryTokens);
    },
  };
}

function expertsCall(
  shape: MixtureOfExpertsShape,
  plan: StepPlan,
  format: string,
  peakFlopsPerSecond: number,
): OperationCall {
  const { expert: devices } = plan.options.parallelism;
  const call: MixtureOfExpertsCall = {
    tokens: 1,
    dModel: shape.dModel,
    dFf: shape.dFf,
    experts: shape.experts * devices,
    localExperts: shape.experts,
    topK: shape.expertsPerToken * devices,
    touchedExperts: 1,
    choices: 1,
    matrices: shape.gated ? 3 : 2,
    weightBytesPerElement: shape.weightBytesPerElement,
    activationBytesPerElement: shape.activationBytesPerElement,
    peakFlopsPerSecond,
  };
  return {
    ...{ kind: "mixture-of-experts", format, call },
    at: (point) => {
      call.tokens = point.tokens * shape.tokenGroups;
      call.choices = call.tokens * shape.expertsPerToken;
      const touched =
        shape.touched === "all" ? shape.experts : expectedExperts(shape.experts, shape.expertsPerToken, call.tokens);
      call.touchedExperts = busiestExperts(touched, shape.experts, devices);
    },
  };
}

function collectiveCall(shape: CollectiveShape, format: string): OperationCall {
  const { algorithm, devices, elements, bytesPerElement, ofLogits } = shape;
  const call: CollectiveCall = { algorithm, devices, messageBytes: 0 };
  return {
    ...{ kind: "collective", format, call },
    at: (point) => {
      call.messageBytes = (ofLogits ? point.logitsTokens : point.tokens) * elements * bytesPerElement;
    },
  };
}

function smallCall({ instances }: PlannedOperation, format: string): OperationCall {
  const call: SmallKernelCall = { bytes: 0 };
  return {
    ...{ kind: "small-kernel", format, call },
    at: (_point, counts) => {
      call.bytes = (counts.weightBytes + counts.kvBytes + counts.activationBytes) / instances;
    },
  };
}
