/** Bytes an element of each use of a model's weights, in the formats of a step. */
import type { Model } from "../architecture/model.ts";
import { moreBitsLayer, type NumberFormat, type WeightRole, weightBits } from "../quantity/number-format.ts";
import type { WeightFormats } from "./step-options.ts";

/** Share of the layers given that llama.cpp's mixture stores finer; 0 for formats without a mixture. */
export function finerShare(format: NumberFormat, layers: readonly number[], layersInAll: number): number {
  if (Object.keys(format.finerBits).length === 0 || layers.length === 0) return 0;
  return layers.filter((layer) => moreBitsLayer(layer, layersInAll)).length / layers.length;
}

/** Bytes an element of a weight of this use. */
export function bytesPerWeight(format: NumberFormat, role: WeightRole, share = 0): number {
  return weightBits(format, role, share) / 8;
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

/** Bytes an element of the embedding table: where it serves as the LM head too, the wider of the two uses. */
export function tableBytes(model: Model, formats: WeightFormats): number {
  const embedding = bytesPerWeight(formats.matrices, "embedding");
  return model.tiedEmbeddings ? Math.max(embedding, bytesPerWeight(formats.logits, "logits")) : embedding;
}

/** Bytes an element of the LM head. */
export function logitsBytes(model: Model, formats: WeightFormats): number {
  return model.tiedEmbeddings ? tableBytes(model, formats) : bytesPerWeight(formats.logits, "logits");
}
