/** The operations of one layer's feed-forward network or mixture of experts. */
import type { DenseFeedForward, FeedForward, MixtureOfExperts } from "../architecture/model.ts";
import { dataParallelGroups } from "../architecture/shard.ts";
import { feedForwardWeights, mixtureWeights } from "../architecture/weights.ts";
import { feedForwardActivation } from "../operations/feed-forward-activation.ts";
import { mixtureOfExperts } from "../operations/mixture-of-experts.ts";
import { type PlannedOperation, plannedOperation } from "./planned-operation.ts";
import { linear } from "./shared-operations.ts";
import type { StepContext } from "./step-context.ts";
import { bytesPerWeight, meanBytes, tensorShards, wholeExpertWidth } from "./weight-bytes.ts";

/** `finer` is the share of the layers concerned that a mixed format stores finer. */
export function feedForwardOperations(context: StepContext, f: FeedForward, finer: number): PlannedOperation[] {
  if (f.kind === "dense") return denseOperations(context, f, "feed-forward", finer);
  const operations = [router(context, f), experts(context, f, finer)];
  if (f.sharedDFf > 0) {
    const shared: DenseFeedForward = { kind: "dense", dFf: f.sharedDFf, gated: f.gated, bias: false };
    operations.push(...denseOperations(context, shared, "shared experts", finer));
    if (f.sharedGate) operations.push(linear(context, "shared experts gate", context.model.dModel, 1));
  }
  return operations;
}

function denseOperations(context: StepContext, f: DenseFeedForward, name: string, finer: number): PlannedOperation[] {
  const d = context.model.dModel;
  const inputs = f.gated ? 2 : 1;
  return [
    linear(context, `${name} up`, d, inputs * f.dFf, { bias: f.bias ? inputs * f.dFf : 0 }),
    plannedOperation(
      `${name} activation`,
      feedForwardActivation,
      { dFf: f.dFf, gated: f.gated, activationBytesPerElement: context.activationBytes },
      context.elementFormat,
    ),
    linear(context, `${name} down`, f.dFf, d, {
      bias: f.bias ? d : 0,
      role: "down",
      finer,
      columns: f.dFf * tensorShards(context.model),
    }),
  ];
}

function router(context: StepContext, f: MixtureOfExperts): PlannedOperation {
  const w = mixtureWeights(f, context.model.dModel);
  return {
    ...linear(context, "router", context.model.dModel, w.router / context.model.dModel, {
      bias: w.routerBias,
      role: "router",
    }),
    computeFormat: context.elementFormat,
  };
}

function experts(context: StepContext, f: MixtureOfExperts, finer: number): PlannedOperation {
  const w = feedForwardWeights(f, context.model.dModel);
  const format = context.formats.experts;
  return plannedOperation(
    "experts",
    mixtureOfExperts,
    {
      experts: f.experts,
      expertsPerToken: f.expertsPerToken,
      dModel: context.model.dModel,
      dFf: f.dFf,
      gated: f.gated,
      biasElements: w.bias,
      biasBytesPerElement: context.normBytes,
      weightBytesPerElement: meanBytes([
        [w.up, bytesPerWeight(format, "matrix", context.model.dModel)],
        [w.down, bytesPerWeight(format, "down", wholeExpertWidth(context.model, f), finer)],
      ]),
      activationBytesPerElement: context.activationBytes,
      tokenGroups: dataParallelGroups(context.options.parallelism),
      touched: context.options.touchedExperts,
    },
    context.expertFormat,
  );
}
