/**
 * What an attention that isn't fused moves beside its kernel: logits and weights written and read (of an absorbed latent attention
 * also its rows once more). Measured kernels are fused, so that these bytes come on top, at the read ceiling.
 */
import { emptyCounts, type StepPoint } from "../operations/operation.ts";
import type { PlannedOperation } from "../step/planned-operation.ts";

/**
 * Bytes of one instance at a point; null where the operation is fused or has no logits.
 * @example B 1, Hq 32, Q 1, 1024 rows, bf16: 4 × 32 × 1024 × 2 = 262_144 bytes
 */
export function unfusedBytes({ definition, shape }: PlannedOperation): ((point: StepPoint) => number) | null {
  if ((shape as { readonly materialized?: boolean }).materialized !== true) return null;
  const fused = { ...shape, materialized: false };
  const counts = emptyCounts();
  const bytes = (of: typeof shape, point: StepPoint): number => {
    definition.count(of, point, counts);
    return counts.kvBytes + counts.activationBytes;
  };
  return (point) => bytes(shape, point) - bytes(fused, point);
}
