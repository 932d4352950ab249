/** Bytes an element of each use of a model's weights, in the formats of a step. */
import type { MixtureOfExperts, Model, SoftmaxAttention, Stack } from "../architecture/model.ts";
import { embeddingWidth, softmaxAttentionWeights } from "../architecture/weights.ts";
import { moreBitsLayer, type NumberFormat, type WeightRole, weightBits } from "../quantity/number-format.ts";
import type { WeightFormats } from "./step-options.ts";

/** Share of the layers given that llama.cpp's mixture stores finer; 0 for formats without a mixture. */
export function finerShare(format: NumberFormat, layers: readonly number[], layersInAll: number): number {
  if (Object.keys(format.finerBits).length === 0 || layers.length === 0) return 0;
  return layers.filter((layer) => moreBitsLayer(layer, layersInAll)).length / layers.length;
}

/** Bytes an element of a weight of this use; `columns` are the inputs of the whole matrix, not of a device's part. */
export function bytesPerWeight(format: NumberFormat, role: WeightRole, columns: number, share = 0): number {
  return weightBits(format, role, columns, share) / 8;
}

/** Layers of the stack that this one is, or is a pipeline stage's part of. */
export function layersInAll(stack: Stack): number {
  return stack.part?.of ?? stack.order.length;
}

/** Devices that the heads and widths of a model are divided over. */
export function tensorShards(model: Model): number {
  return model.tensorShards ?? 1;
}

/** Width of a routed expert before it was divided: tensor groups divide it where the experts themselves leave devices. */
export function wholeExpertWidth(model: Model, f: MixtureOfExperts): number {
  const groups = expertsInAll(f) / f.experts;
  return f.dFf * Math.max(1, tensorShards(model) / groups);
}

/** Bytes an element of a softmax attention's queries, keys and values, the mean where they differ. */
export function queryKeyValueBytes(model: Model, format: NumberFormat, a: SoftmaxAttention, finer: number): number {
  const d = model.dModel;
  if (model.fusedQkv === true) return bytesPerWeight(format, "fused", d);
  const w = softmaxAttentionWeights(a, d);
  const key = d * a.kvHeads * a.headDim;
  return meanBytes([
    [w.queryKey - key, bytesPerWeight(format, "matrix", d)],
    [key, bytesPerWeight(format, keyRole(model), d)],
    [w.value, bytesPerWeight(format, valueRole(model, a), d, finer)],
  ]);
}

/** Bytes an element of the keys' and values' projections alone, which are equally large. */
export function keyValueBytes(model: Model, format: NumberFormat, a: SoftmaxAttention, finer: number): number {
  const d = model.dModel;
  return (bytesPerWeight(format, keyRole(model), d) + bytesPerWeight(format, valueRole(model, a), d, finer)) / 2;
}

/** What the output projection of an attention counts as. */
export function outputRole(model: Model): WeightRole {
  return hasEightExperts(model) ? "eightExpertsOutput" : "matrix";
}

function keyRole(model: Model): WeightRole {
  return hasEightExperts(model) ? "eightExpertsKeyValue" : "matrix";
}

/** llama.cpp calls 80 layers with fewer K/V heads than heads its 70B model, whatever its size. */
function valueRole(model: Model, a: SoftmaxAttention): WeightRole {
  if (hasEightExperts(model)) return "eightExpertsKeyValue";
  return layersInAll(model.decoder) === 80 && a.kvHeads < a.heads ? "groupedValue" : "value";
}

function hasEightExperts(model: Model): boolean {
  return model.decoder.kinds.some(({ feedForward: f }) => f.kind === "mixture" && expertsInAll(f) === 8);
}

function expertsInAll(f: MixtureOfExperts): number {
  return f.routerWidth ?? f.experts;
}

type Part = readonly [elements: number, bytes: number];

/** Mean bytes an element of a matrix made of parts in different bits; exact where they agree. */
export function meanBytes(parts: readonly [Part, ...Part[]]): number {
  const first = parts[0][1];
  if (parts.every(([elements, bytes]) => elements === 0 || bytes === first)) return first;
  let elements = 0;
  let bytes = 0;
  for (const [n, each] of parts) {
    elements += n;
    bytes += n * each;
  }
  return bytes / elements;
}

/** Bytes an element of the table of learned positions. */
export function positionBytes(model: Model, formats: WeightFormats): number {
  return bytesPerWeight(formats.matrices, "position", model.dModel);
}

/** Bytes an element of the embedding table: where it serves as the LM head too, the wider of the two uses. */
export function tableBytes(model: Model, formats: WeightFormats): number {
  const width = embeddingWidth(model);
  const embedding = bytesPerWeight(formats.matrices, "embedding", width);
  return model.tiedEmbeddings ? Math.max(embedding, bytesPerWeight(formats.logits, "logits", width)) : embedding;
}

/** Bytes an element of the LM head. */
export function logitsBytes(model: Model, formats: WeightFormats): number {
  return model.tiedEmbeddings
    ? tableBytes(model, formats)
    : bytesPerWeight(formats.logits, "logits", embeddingWidth(model));
}
