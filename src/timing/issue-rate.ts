/**
 * What vector units can be asked for a second, as FLOPs: each NVIDIA processor issues 4 warps of 32 threads a clock, on chips with
 * 128 fp32 lanes a processor (two FLOPs a clock each) as on those with 64 (V100, T4, A30, A100), which take two clocks for an fp32
 * multiply-add but none for the loads and conversions that most instructions of these kernels are.
 *   rate = fp32 peak × 128 / lanes a processor; lanes are told by the peak of a processor, at clocks of 1 to 3 GHz:
 *          64 lanes reach at most 0.2 TFLOP/s, 128 at least 0.26
 */
import type { Hardware } from "../hardware/hardware.ts";

const fewLanesFlopsPerSecond = 0.25e12;

/** @example an A100 (108 processors, 19.5 TFLOP/s) issues 39e12 FLOPs' instructions a second, an H100 (132, 67 TFLOP/s) 67e12 */
export function issueFlopsPerSecond({ vendor, processors, peakFlopsPerSecond: peaks }: Hardware): number {
  const peak = peaks.fp32 ?? peaks.fp16 ?? peaks.bf16 ?? 1;
  const hasFewLanes = vendor === "NVIDIA" && processors !== null && peak / processors < fewLanesFlopsPerSecond;
  return hasFewLanes ? 2 * peak : peak;
}
