/** Random tensors of each use of a model's weights, in the formats of a step, drawn one after the other from one generator. */
import type { Model } from "../../architecture/model.ts";
import type { SeededRandom } from "../../quantity/seeded-random.ts";
import type { WeightFormats } from "../../step/step-options.ts";
import { bytesPerWeight } from "../../step/weight-bytes.ts";
import type { Processor, Tensor } from "./processor.ts";

export interface LinearWeights {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** [n, k]. */
  readonly matrix: Tensor;
  readonly bias: Tensor | null;
}

/** Both null in a plain norm. */
export interface NormWeights {
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
}

/** Draws tensors of one use after the other. */
export interface WeightSource {
  readonly model: Model;
  linear(inFeatures: number, outFeatures: number, bias: boolean, bytesPerElement?: number): LinearWeights;
  /** Numbers around `mean`, stored as norms are. */
  vector(length: number, mean: number): Tensor;
  norm(features: number): NormWeights;
}

export function weightSource(p: Processor, model: Model, formats: WeightFormats, random: SeededRandom): WeightSource {
  const matrixBytes = (columns: number): number => bytesPerWeight(formats.matrices, "matrix", columns);
  const normBytes = bytesPerWeight(formats.matrices, "norm", model.dModel);
  const vector = (length: number, mean: number): Tensor =>
    p.tensor("weights", random.normals(length, 0.1, mean), normBytes);
  return {
    model,
    vector,
    linear: (inFeatures, outFeatures, bias, bytesPerElement = matrixBytes(inFeatures)) => ({
      inFeatures,
      outFeatures,
      matrix: p.tensor("weights", random.normals(inFeatures * outFeatures, 1 / Math.sqrt(inFeatures)), bytesPerElement),
      bias: bias ? vector(outFeatures, 0) : null,
    }),
    norm: (features) => ({
      weight: model.norm === "plain" ? null : vector(features, 1),
      bias: model.norm === "layer" && model.normBias ? vector(features, 0) : null,
    }),
  };
}
