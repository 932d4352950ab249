/** The operations of linear attention with a fixed state (Gated DeltaNet). */
import { stateElements } from "../architecture/cache-row.ts";
import type { LinearAttention } from "../architecture/model.ts";
import { convolutionChannels, linearAttentionWeights } from "../architecture/weights.ts";
import { linearAttentionCore } from "../operations/linear-attention-core.ts";
import { type PlannedOperation, plannedOperation } from "./planned-operation.ts";
import { linear, reorder } from "./shared-operations.ts";
import type { StepContext } from "./step-context.ts";
import { tensorShards } from "./weight-bytes.ts";

/** Self-attention of a layer with linear attention. */
export function linearOperations(context: StepContext, a: LinearAttention): PlannedOperation[] {
  const d = context.model.dModel;
  const w = linearAttentionWeights(a, d);
  const channels = convolutionChannels(a);
  const values = a.valueHeads * a.valueDim;
  const state = stateElements(a);
  // A fixed state is gathered as one row is: its fp32 matrix in elements of the cache's format.
  const gathered = (state.matrix * linearStateBytes) / context.kvBytes + state.convolution;
  const concatenated = context.options.phase === "decode" && context.options.cacheUpdate === "concat";
  return [
    linear(context, "linear attention projection", d, w.input / d),
    linear(context, "linear attention gates", d, w.gates / d),
    plannedOperation(
      "linear attention",
      linearAttentionCore,
      {
        valueHeads: a.valueHeads,
        keyDim: a.keyDim,
        valueDim: a.valueDim,
        channels,
        convolution: a.convolution,
        weightBytes: (w.convolution + w.norms) * context.normBytes,
        // The state is kept in fp32 by the models that have one (mamba_ssm_dtype in Qwen3.5's config.json).
        stateBytesPerElement: linearStateBytes,
        kvBytesPerElement: context.kvBytes,
        activationBytesPerElement: context.activationBytes,
      },
      context.cacheFormat,
    ),
    ...(concatenated ? [reorder(context, gathered, 1)] : []),
    linear(context, "output projection", values, d, { columns: values * tensorShards(context.model) }),
  ];
}

/** Bytes an element of a linear attention's state: fp32. */
export const linearStateBytes = 4;
