/**
 * The operations of one step, in the order in which they run: a plan is made once for a model and its options, then counted
 * at any batch and context. With parallelism it holds the operations of one device of each pipeline stage, so that the
 * stages' times add up to the step's.
 */
import type { Layer, Model, Stack } from "../architecture/model.ts";
import { dataParallelGroups, shardModel } from "../architecture/shard.ts";
import { embeddingWidth } from "../architecture/weights.ts";
import { collective } from "../operations/collective.ts";
import { type EmbeddingLookupShape, embeddingLookup } from "../operations/embedding-lookup.ts";
import { logits } from "../operations/logits.ts";
import { residual } from "../operations/residual.ts";
import {
  crossAttentionOperations,
  crossKeyValueOperations,
  encoderAttentionOperations,
  selfAttentionOperations,
} from "./attention-operations.ts";
import { feedForwardOperations } from "./feed-forward-operations.ts";
import { mergeOperations, type PlannedOperation, plannedOperation } from "./planned-operation.ts";
import { linear, norm } from "./shared-operations.ts";
import { normBytesOf, type StepContext, stepContext } from "./step-context.ts";
import type { StepOptions, WeightFormats } from "./step-options.ts";
import { finerShare, layersInAll, logitsBytes, positionBytes, tableBytes } from "./weight-bytes.ts";

export interface StepPlan {
  /** The whole model. */
  readonly model: Model;
  /** The model as one device of its tensor and expert group holds it. */
  readonly deviceModel: Model;
  readonly options: StepOptions;
  readonly formats: WeightFormats;
  readonly operations: readonly PlannedOperation[];
}

/**
 * Plans a step. In a prefill an encoder-decoder runs its encoder and makes the keys and values that its decoder will read.
 * @throws InvalidInput where the parallelism doesn't divide the model
 */
export function planStep(model: Model, options: StepOptions): StepPlan {
  const deviceModel = shardModel(model, options.parallelism);
  const context = stepContext(deviceModel, options);
  const encoding = options.phase === "prefill" && deviceModel.encoder !== null;
  const operations = encoding ? encoderOperations(context, deviceModel.encoder as Stack) : decoderOperations(context);
  return { model, deviceModel, options, formats: context.formats, operations: mergeOperations(operations) };
}

type Named = { kindName: string; operation: PlannedOperation };

function decoderOperations(context: StepContext): Named[] {
  const model = context.model;
  const parallelism = context.options.parallelism;
  const operations: Named[] = lookupOperations(context, false);
  if (model.outerNorms > 1) operations.push(outer(outerNorm(context, "embedding norm")));
  operations.push(...stackOperations(context, model.decoder, decoderLayer));
  if (parallelism.pipeline > 1) operations.push(outer(pipelineSend(context)));
  if (model.outerNorms > 0) operations.push(outer(outerNorm(context, "final norm")));
  const width = embeddingWidth(model);
  if (width !== model.dModel) operations.push(outer(linear(context, "logits projection", model.dModel, width)));
  operations.push(outer(logitsOperation(context)));
  if (parallelism.tensor > 1) {
    operations.push(
      outer(
        exchange(
          context,
          "logits all-gather",
          "all-gather",
          parallelism.tensor,
          context.model.vocab * parallelism.tensor,
          true,
        ),
      ),
    );
  }
  return operations;
}

function encoderOperations(context: StepContext, encoder: Stack): Named[] {
  const operations: Named[] = lookupOperations(context, true);
  operations.push(...stackOperations(context, encoder, encoderLayer));
  operations.push(outer({ ...outerNorm(context, "encoder norm"), encoder: true }));
  operations.push(
    ...stackOperations(context, context.model.decoder, (c, layer, finer) =>
      layer.crossAttention === null ? [] : crossKeyValueOperations(c, layer.crossAttention, finer),
    ),
  );
  return operations;
}

type LayerOperations = (context: StepContext, layer: Layer, finer: number) => PlannedOperation[];

function stackOperations(context: StepContext, stack: Stack, of: LayerOperations): Named[] {
  const operations: Named[] = [];
  stack.kinds.forEach((layer, kind) => {
    const depths = stack.order.flatMap((index, depth) => (index === kind ? [depth] : []));
    if (depths.length === 0) return;
    const first = stack.part?.first ?? 0;
    const wholeDepths = depths.map((depth) => first + depth);
    const finer = finerShare(context.formats.matrices, wholeDepths, layersInAll(stack));
    for (const operation of of(context, layer, finer)) {
      operations.push({
        kindName: layer.name,
        operation: { ...operation, instances: operation.instances * depths.length },
      });
    }
  });
  return operations;
}

function decoderLayer(context: StepContext, layer: Layer, finer: number): PlannedOperation[] {
  const parallelism = context.options.parallelism;
  const operations: PlannedOperation[] = [];
  if (layer.norms > 0) {
    operations.push({
      ...norm(context, "norms", context.model.dModel, 1, normBytesOf(context)),
      instances: layer.norms,
    });
  }
  operations.push(...selfAttentionOperations(context, layer, finer));
  if (layer.crossAttention !== null) operations.push(...crossAttentionOperations(context, layer.crossAttention));
  operations.push(...feedForwardOperations(context, layer.feedForward, finer));
  operations.push(additions(context, layer.crossAttention === null ? 2 : 3));
  if (parallelism.tensor > 1) {
    const blocks = layer.parallel ? 1 : layer.crossAttention === null ? 2 : 3;
    operations.push({
      ...exchange(context, "all-reduce", "all-reduce", parallelism.tensor, context.model.dModel, false),
      instances: blocks,
    });
  }
  if (layer.feedForward.kind === "mixture" && dataParallelGroups(parallelism) > 1) {
    // The devices of a tensor group share the sending of their group's tokens, k copies of each.
    const copies = (layer.feedForward.expertsPerToken * parallelism.expert) / parallelism.tensor;
    const sent = copies * context.model.dModel;
    operations.push({
      ...exchange(context, "expert all-to-all", "all-to-all", parallelism.expert, sent, false),
      instances: 2,
    });
  }
  return operations;
}

function encoderLayer(context: StepContext, layer: Layer, finer: number): PlannedOperation[] {
  const operations = [
    { ...norm(context, "norms", context.model.dModel, 1, normBytesOf(context)), instances: layer.norms },
    ...encoderAttentionOperations(context, layer, finer),
    ...feedForwardOperations(context, layer.feedForward, finer),
    additions(context, 2),
  ];
  const tensor = context.options.parallelism.tensor;
  if (tensor > 1) {
    operations.push({
      ...exchange(context, "all-reduce", "all-reduce", tensor, context.model.dModel, false),
      instances: 2,
    });
  }
  return operations
    .filter((operation) => operation.instances > 0)
    .map((operation) => ({ ...operation, encoder: true }));
}

/** The lookup, and with a divided vocabulary the sum of what each device found. */
function lookupOperations(context: StepContext, encoder: boolean): Named[] {
  const { dModel } = context.model;
  const width = embeddingWidth(context.model);
  const operations = [outer(lookup(context, encoder))];
  const tensor = context.options.parallelism.tensor;
  if (tensor > 1) {
    const reduce = exchange(context, "all-reduce", "all-reduce", tensor, width, false);
    operations.push(outer({ ...reduce, encoder }));
  }
  if (width !== dModel) {
    operations.push(outer({ ...linear(context, "embedding projection", width, dModel), encoder }));
    if (context.model.positions > 0) operations.push(outer(positionLookup(context, encoder)));
  }
  return operations;
}

/** Learned positions added after the table's rows were projected to dModel. */
function positionLookup(context: StepContext, encoder: boolean): PlannedOperation {
  const shape = { ...lookupShape(context), dModel: context.model.dModel, tableBytesPerElement: 0 };
  return plannedOperation("position lookup", embeddingLookup, shape, context.elementFormat, 1, encoder);
}

function lookup(context: StepContext, encoder: boolean): PlannedOperation {
  const shape = lookupShape(context);
  const own = shape.dModel === context.model.dModel ? shape : { ...shape, positionBytesPerElement: 0 };
  return plannedOperation("embedding lookup", embeddingLookup, own, context.elementFormat, 1, encoder);
}

function lookupShape(context: StepContext): EmbeddingLookupShape {
  const model = context.model;
  return {
    dModel: embeddingWidth(model),
    // A device finds the rows of its share of the vocabulary: one in N on average.
    tableBytesPerElement: tableBytes(model, context.formats) / context.options.parallelism.tensor,
    positionBytesPerElement: model.positions > 0 ? positionBytes(model, context.formats) : 0,
    activationBytesPerElement: context.activationBytes,
  };
}

function outerNorm(context: StepContext, name: string): PlannedOperation {
  return norm(context, name, context.model.dModel, 1, normBytesOf(context));
}

function logitsOperation(context: StepContext): PlannedOperation {
  const model = context.model;
  const shape = {
    dModel: embeddingWidth(model),
    vocab: model.vocab,
    weightBytesPerElement: logitsBytes(model, context.formats),
    biasBytesPerElement: model.logitsBias ? context.normBytes : 0,
    activationBytesPerElement: context.activationBytes,
  };
  return plannedOperation("logits", logits, shape, context.matrixFormat);
}

function additions(context: StepContext, instances: number): PlannedOperation {
  const shape = { dModel: context.model.dModel, activationBytesPerElement: context.activationBytes };
  return plannedOperation("residual", residual, shape, context.elementFormat, instances);
}

function exchange(
  context: StepContext,
  name: string,
  algorithm: "all-reduce" | "all-gather" | "all-to-all" | "send",
  devices: number,
  elements: number,
  ofLogits: boolean,
): PlannedOperation {
  const shape = { algorithm, devices, elements, bytesPerElement: context.activationBytes, ofLogits };
  return plannedOperation(name, collective, shape, context.elementFormat);
}

function pipelineSend(context: StepContext): PlannedOperation {
  const stages = context.options.parallelism.pipeline;
  const send = exchange(context, "pipeline send", "send", stages, context.model.dModel, false);
  return { ...send, instances: stages - 1 };
}

function outer(operation: PlannedOperation): Named {
  return { kindName: "model", operation };
}
