/**
 * Constants of engines that were fitted on published whole runs, for machines on which no kernel of theirs was measured, with the
 * rules that are known of their kernels. `ridgepoint`'s accuracy report fits them anew; the band is that of runs on machines (of one
 * machine alone: of models) that a fit did not see.
 */
import type { Hardware } from "../hardware/hardware.ts";
import type { NumberFormat } from "../quantity/number-format.ts";
import type { Calibration } from "./calibration.ts";
import { engineForm } from "./engine-form.ts";
import type { EngineId } from "./execution-profile.ts";
import { type ErrorBand, fittedEngine } from "./fitted-engine.ts";

export interface EngineFit {
  readonly id: string;
  readonly engine: EngineId;
  readonly name: string;
  /** Whose machines its kernels are written for. */
  readonly vendor: string;
  /** Whether matrix units multiply the weights of a decode step; else vector units do, after widening them. */
  readonly matricesOnMatrixUnits: boolean;
  /** Whether matrix units do a decode step's attention where `group` query heads share a K/V head; version null: the newest. */
  readonly attentionOnMatrixUnits: (group: number, version: string | null) => boolean;
  /** Whether a version records its kernels and replays them (recordedStartShare); null: the newest. */
  readonly records: (version: string | null) => boolean;
  /** Formats of weights that take unpacking before vector units multiply them. */
  readonly unpacks: (weights: NumberFormat | null) => boolean;
  /** Share of the datasheet's bandwidth that is taken for the read ceiling where none was measured. */
  readonly readShare: number;
  /** By the names of engineForm; a share that is not named is 1, any other cost 0. */
  readonly constants: Readonly<Record<string, number>>;
  /** ln(measured / predicted) at 5 % and at 95 % of the decoding runs held out. */
  readonly band: ErrorBand;
  /** Of prefills held out; null where there are none. */
  readonly prefillBand: ErrorBand | null;
  readonly source: string;
}

const never = (): boolean => false;

/**
 * llama.cpp replays recorded CUDA graphs, and runs Metal's kernels side by side, in builds from the second half of 2024 on: not those
 * that call themselves of 2023 or early 2024, nor those of a number below 3000.
 */
function recordsKernels(version: string | null): boolean {
  if (version === null) return true;
  if (/^(2023|2024-0[1-6])/.test(version)) return false;
  const build = /(?:build |\(|\bb)(\d{3,5})\b/.exec(version)?.[1];
  return build === undefined || Number(build) >= 3000;
}

/** llama.cpp's K blocks hold scales of scales; its plain blocks are multiplied as they are read. */
const nestedScales = (weights: NumberFormat | null): boolean => weights?.id === "q4_k_m";

const narrow = (weights: NumberFormat | null): boolean => weights !== null && weights.bits < 16;

/** Share of the peak that products of many rows are taken to reach where no prefill was fitted. */
const unfittedPrefill = 0.5;

export const engineFits: readonly EngineFit[] = [
  {
    id: "trt-llm",
    engine: "trt-llm",
    name: "TensorRT-LLM 0.5 to 0.9",
    vendor: "NVIDIA",
    matricesOnMatrixUnits: true,
    // The XQA kernel (docs/source/blogs/XQA-kernel.md of its repository) since 0.8, seen with groups of 8; the older one runs on vector units.
    attentionOnMatrixUnits: (group, version) => group === 8 && !/^0\.[0-7](\D|$)/.test(version ?? ""),
    records: never,
    unpacks: never,
    // The mean of what A100, H100 and H200 were measured to read.
    readShare: 0.92,
    constants: {
      bandwidthEfficiency: 1,
      activationEfficiency: 0.406,
      computeEfficiency: 0.93,
      vectorEfficiency: 0.135,
      expertEfficiency: 0.488,
      startSeconds: 10.3e-6,
      collectiveStartSeconds: 28.1e-6,
      linkEfficiency: 0.49,
      sequenceSeconds: 0.103e-6,
    },
    band: { low: -0.17, high: 0.151 },
    prefillBand: { low: -0.195, high: 0.394 },
    source:
      "fitted on 348 figures for a fixed batch on A100, H100, H200 and L40S: NVIDIA/TensorRT-LLM docs/source/performance.md and blogs, 0.5 to 0.9",
  },
  {
    id: "vllm-rocm",
    engine: "vllm",
    name: "vLLM on ROCm",
    vendor: "AMD",
    matricesOnMatrixUnits: true,
    attentionOnMatrixUnits: () => true,
    records: never,
    unpacks: never,
    // What an MI300A, of the same memory and chiplets, reaches in BabelStream's triad.
    readShare: 0.78,
    constants: {
      computeEfficiency: 1,
      startSeconds: 5.15e-6,
      collectiveStartSeconds: 10e-6,
      linkEfficiency: 0.122,
      sequenceSeconds: 0.687e-6,
    },
    band: { low: -0.162, high: 0.104 },
    prefillBand: null,
    source:
      "fitted on 192 latencies of Llama 3.1 70B and 405B in FP8 on eight MI300X: ROCm/vllm docs/dev-docker/README.md, March to July 2025",
  },
  {
    id: "llama.cpp-cuda",
    engine: "llama.cpp",
    name: "llama.cpp, CUDA",
    vendor: "NVIDIA",
    matricesOnMatrixUnits: false,
    attentionOnMatrixUnits: () => false,
    records: recordsKernels,
    unpacks: never,
    readShare: 1,
    constants: {
      bandwidthEfficiency: 0.974,
      computeEfficiency: unfittedPrefill,
      startSeconds: 8.18e-6,
      recordedStartShare: 0.493,
      stageSeconds: 198e-6,
      byteCost: 38.2,
    },
    band: { low: -0.138, high: 0.21 },
    prefillBand: null,
    source:
      "fitted on 43 decoding rates of RTX 3090, RTX 4090 and A100, 2024 and 2025: XiongjieDai/GPU-Benchmarks-on-LLM-Inference, " +
      "ggml-org/llama.cpp discussions",
  },
  {
    id: "llama.cpp-metal",
    engine: "llama.cpp",
    name: "llama.cpp, Metal",
    vendor: "Apple",
    matricesOnMatrixUnits: false,
    attentionOnMatrixUnits: () => false,
    records: recordsKernels,
    unpacks: nestedScales,
    readShare: 1,
    constants: {
      bandwidthEfficiency: 0.94,
      computeEfficiency: 0.674,
      startSeconds: 15.7e-6,
      recordedStartShare: 0.744,
      byteCost: 23.7,
      unpackCost: 14.4,
    },
    band: { low: -0.139, high: 0.178 },
    prefillBand: { low: -0.136, high: 0.339 },
    source:
      "fitted on 115 rates of M1 and M2 chips: ggml-org/llama.cpp discussions, XiongjieDai/GPU-Benchmarks-on-LLM-Inference; " +
      "the bandwidth's share is of the datasheet",
  },
  {
    id: "gpt-fast",
    engine: "pytorch-graph",
    name: "GPT-Fast (torch.compile)",
    vendor: "NVIDIA",
    matricesOnMatrixUnits: false,
    attentionOnMatrixUnits: () => false,
    records: never,
    unpacks: narrow,
    // What an A100 was measured to read.
    readShare: 0.87,
    constants: {
      bandwidthEfficiency: 0.957,
      computeEfficiency: unfittedPrefill,
      startSeconds: 3.77e-6,
      collectiveStartSeconds: 14.4e-6,
      byteCost: 16.3,
      unpackCost: 11.4,
    },
    band: { low: -0.123, high: 0.3 },
    prefillBand: null,
    source:
      "fitted on 31 decoding rates of one to eight A100 at 330 W: pytorch-labs/gpt-fast README.md, nightly of September 2024",
  },
];

/** The fit of an engine on a vendor's machines; null where none is known, as of all processors: runs of graphics chips were fitted. */
export function engineFitOf(engine: EngineId, { vendor, kind }: Hardware): EngineFit | null {
  if (kind === "cpu") return null;
  return engineFits.find((fit) => fit.engine === engine && fit.vendor === vendor) ?? null;
}

/** The fit with the constants and bands of a user's own, where the calibrations hold some. */
export function withFittedRuns(fit: EngineFit, calibrations: readonly Pick<Calibration, "engines">[]): EngineFit {
  const own = fittedEngine("runs", fit.id, calibrations);
  if (own === null) return fit;
  const { constants, source } = own;
  return {
    ...fit,
    constants,
    source: `fitted on ${source}`,
    band: own.band ?? fit.band,
    prefillBand: own.firstTokenBand ?? fit.prefillBand,
  };
}

/** All constants in the order of engineForm. */
export function engineParameters({ constants }: Pick<EngineFit, "constants">): Float64Array {
  return Float64Array.from(engineForm.parameters, ({ name, unit }) => constants[name] ?? (unit === "share" ? 1 : 0));
}
