/** What a measured shape reads, writes and takes in memory, by the library's own counting. */
import { countDecodeStep } from "../analysis/count-decode-step.ts";
import { parseNumberFormat } from "../quantity/number-format.ts";
import { defaultStepOptions, type StepOptions } from "../step/step-options.ts";
import type { MeasuredShape, StepShape } from "./measured-shape.ts";
import { countRow, type RowFormats } from "./row-operation.ts";
import { stepModel } from "./step-model.ts";

/** The format of activations on every backend: kernels add and multiply in float32 (the reference in float64). */
export function activationFormat(dtype: string): string {
  return dtype === referenceFormat ? referenceFormat : "fp32";
}

/** How tables name what the reference computes in, whatever is asked for. */
export const referenceFormat = "bits:64";

/** The formats that a shape is counted with. */
export function shapeFormats(shape: MeasuredShape): RowFormats {
  const stored = parseNumberFormat(shape.dtype, "dtype");
  const activations = parseNumberFormat(activationFormat(shape.dtype));
  return { weights: stored, kvCache: shape.kind === "steps" ? parseNumberFormat(shape.kvDtype) : stored, activations };
}

/** The options of a whole step in the shape's formats. */
export function stepOptionsOf(shape: StepShape): StepOptions {
  return { ...defaultStepOptions, ...shapeFormats(shape) };
}

export interface ShapeBytes {
  /** Moved by one run. */
  readonly moved: number;
  /** Keys and values, without the new row. */
  readonly kv: number;
  readonly weights: number;
  /** Held by one prepared copy: a whole step also holds the embedding table. */
  readonly held: number;
  readonly matmulFlops: number;
}

/** @example one query over 8 K/V heads of 128 and 1024 rows in fp32 has 8_388_608 bytes of keys and values */
export function shapeBytes(shape: MeasuredShape): ShapeBytes {
  if (shape.kind === "steps") {
    const workload = { batch: shape.batch, context: shape.context };
    const { totals, footprint } = countDecodeStep(stepModel(shape), workload, stepOptionsOf(shape));
    const { bytes, weightBytes, matmulFlops } = totals;
    return { moved: bytes, kv: footprint.cacheBytes, weights: weightBytes, held: footprint.bytes, matmulFlops };
  }
  const counts = countRow(shape, shapeFormats(shape));
  const moved = counts.weightBytes + counts.kvBytes + counts.activationBytes;
  const { kvBytes, weightBytes, matmulFlops } = counts;
  return { moved, kv: kvBytes, weights: weightBytes, held: moved, matmulFlops };
}
