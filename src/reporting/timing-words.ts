/** By what a time was predicted, in words. */
import { executionProfiles } from "../timing/engines.ts";
import type { EngineId } from "../timing/execution-profile.ts";

export interface TimedBy {
  readonly timing: "roofline" | "calibrated";
  readonly engine: string | null;
  readonly calibration: string | null;
}

/** @example "roofline"; "calibrated on h100-sxm-pytorch-graph: PyTorch with CUDA graphs, small kernels fused by torch.compile" */
export function timingWords({ timing, engine, calibration }: TimedBy): string {
  if (calibration === null || engine === null) return timing;
  return `${timing} on ${calibration}: ${engineName(engine)}`;
}

/** The software's name; the id where no profile has it. */
export function engineName(engine: string): string {
  return Object.hasOwn(executionProfiles, engine) ? executionProfiles[engine as EngineId].name : engine;
}
