/**
 * What a software makes of a step: which kernels it runs, which operations share one, how kernels are launched, and the time that
 * it adds around them. The same model on the same machine differs by it.
 *   fused    operations that a neighbour's kernel serves: their bytes are moved, nothing is started for them
 *   graph    kernels follow each other inside a recorded graph: the gap between two lies in each kernel's start-up
 *   eager    the processor launches each kernel; launches run ahead of the kernels, so a step lasts the longer of both
 *   alone    one kernel, as it was when it was measured: nothing is known of how it was launched
 *   ideal    no start-up, no gap: kernels at the shares of the ceilings that measured ones reach
 */
import type { FormKind } from "./operation-call.ts";

export const engineIds = ["ideal", "pytorch-graph", "pytorch-eager", "vllm", "trt-llm", "sglang", "llama.cpp"] as const;
export type EngineId = (typeof engineIds)[number];

export interface EngineConstants {
  /** Host work between two steps that nothing hides: scheduling, sampling, copying of inputs. */
  readonly stepSeconds: number;
  /** The same for each sequence of the batch. */
  readonly sequenceSeconds: number;
  /** What a layer takes beyond its kernels: kernels that the counted operations do not name. */
  readonly layerSeconds: number;
  /** What the processor needs to launch one kernel; counts where launches are eager. */
  readonly launchSeconds: number;
}

export interface ExecutionProfile {
  readonly id: EngineId;
  readonly name: string;
  /** The vendor on whose machines alone it runs; absent where it runs on those of several. */
  readonly onlyOn?: string;
  readonly launch: "graph" | "eager" | "ideal" | "alone";
  /** Engines whose measured kernels stand for its own, the nearest first. */
  readonly kernelsOf: readonly EngineId[];
  /** Kernels by kind of work, the preferred one first. */
  readonly kernels: Readonly<Partial<Record<FormKind, readonly string[]>>>;
  /** Kinds of operation that a neighbour's kernel serves, with that kernel's name. */
  readonly fused: Readonly<Record<string, string>>;
  readonly constants: EngineConstants;
  /** Where the constants come from; null where there are none. */
  readonly source: string | null;
}
