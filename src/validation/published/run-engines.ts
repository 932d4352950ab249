/**
 * The engines whose published runs are fitted: which rows are theirs, which constants of engine-form.ts their runs can tell, and
 * what is known of their kernels. Constants that a run does not show keep a value at which they cost nothing, or one from elsewhere.
 */
import type { Hardware } from "../../hardware/hardware.ts";
import type { EngineRow } from "../../measurement/measurement-row.ts";

export interface RunEngine {
  readonly id: string;
  readonly name: string;
  /** Whether a row is of this engine on a machine that it has kernels for. */
  readonly runs: (row: EngineRow, hardware: Hardware) => boolean;
  /** Constants that keep a value; the others are fitted. */
  readonly fixed: Readonly<Record<string, number>>;
  /** Whether matrix units multiply weights; else vector units do, after widening them. */
  readonly matricesOnMatrixUnits: boolean;
  /** Whether a decode step's attention runs on matrix units; `group` query heads share a K/V head; version null: the newest. */
  readonly attentionOnMatrixUnits: (group: number, version: string | null) => boolean;
  /** Layers of one step run on one device after the other (no tensor parallelism). */
  readonly splitsLayers: boolean;
  /** Machines are told apart for the halves; one machine alone is told apart by its models. */
  readonly halvesBy: "machine" | "model";
  /** Where the constants that are fixed come from, and what else a reader should know. */
  readonly note: string;
}

const noWeightCosts = { weightCostF16: 1, weightCostQ8: 1, weightCostQ4: 1, weightCostQ4K: 1 };
const noCollectives = { collectiveStartSeconds: 1e-7, linkEfficiency: 1 };
const noStages = { stageSeconds: 1e-7 };
const noExperts = { expertEfficiency: 1 };
const noSequences = { sequenceSeconds: 1e-9 };

/** Vector units do all that one sequence asks for; its activations stay in caches. */
const oneSequence = {
  ...noCollectives,
  ...noExperts,
  ...noSequences,
  activationEfficiency: 1,
  computeEfficiency: 1,
  vectorEfficiency: 1,
};

const isNamed = (row: EngineRow, pattern: RegExp): boolean => pattern.test(row.engine);

/** llama.cpp without the back ends that have kernels of their own (Vulkan). */
const isLlamaCpp = (row: EngineRow): boolean => isNamed(row, /^llama\.?cpp/i) && !isNamed(row, /vulkan|ollama/i);

export const runEngines: readonly RunEngine[] = [
  {
    id: "trt-llm",
    name: "TensorRT-LLM, fixed batch",
    runs: (row, { vendor }) => isNamed(row, /^(tensorrt|trt)[-_ ]?llm$/i) && vendor === "NVIDIA",
    fixed: { ...noStages, ...noWeightCosts },
    matricesOnMatrixUnits: true,
    attentionOnMatrixUnits: (group, version) => group === 8 && !/^0\.[0-7](\D|$)/.test(version ?? ""),
    splitsLayers: false,
    halvesBy: "machine",
    note:
      "Decode attention runs on vector units, but for groups of 8 query heads since version 0.8 (the XQA kernel of its release notes); " +
      "FP8 runs keep an FP8 cache, as the commands of its performance page do",
  },
  {
    id: "vllm-rocm",
    name: "vLLM on ROCm",
    runs: (row, { vendor }) => isNamed(row, /^vllm/i) && vendor === "AMD",
    fixed: {
      ...noStages,
      ...noWeightCosts,
      ...noExperts,
      bandwidthEfficiency: 0.78,
      vectorEfficiency: 1,
      activationEfficiency: 1,
      collectiveStartSeconds: 1e-5,
    },
    matricesOnMatrixUnits: true,
    attentionOnMatrixUnits: () => true,
    splitsLayers: false,
    halvesBy: "model",
    note:
      "All runs use the same eight devices, which cannot tell the start of a collective from that of a layer's kernels: " +
      "10 µs are taken, what small all-reduces of eight devices take",
  },
  {
    id: "llama.cpp-cuda",
    name: "llama.cpp, CUDA",
    runs: (row, { vendor }) => isLlamaCpp(row) && vendor === "NVIDIA",
    fixed: oneSequence,
    matricesOnMatrixUnits: false,
    attentionOnMatrixUnits: () => false,
    splitsLayers: true,
    halvesBy: "machine",
    note: "One sequence: vector units widen and multiply the weights",
  },
  {
    id: "llama.cpp-metal",
    name: "llama.cpp, Metal",
    runs: (row, { vendor }) => isLlamaCpp(row) && vendor === "Apple",
    fixed: { ...oneSequence, ...noStages },
    matricesOnMatrixUnits: false,
    attentionOnMatrixUnits: () => false,
    splitsLayers: true,
    halvesBy: "machine",
    note: "One sequence: vector units widen and multiply the weights; no read ceiling is published, so the efficiency is of the datasheet's bandwidth",
  },
  {
    id: "gpt-fast",
    name: "GPT-Fast (torch.compile)",
    runs: (row, { vendor }) => isNamed(row, /^gpt-fast/i) && vendor === "NVIDIA",
    fixed: {
      ...oneSequence,
      ...noStages,
      collectiveStartSeconds: 1e-5,
    },
    matricesOnMatrixUnits: false,
    attentionOnMatrixUnits: () => false,
    splitsLayers: false,
    halvesBy: "model",
    note: "One sequence on one to eight devices of one machine",
  },
];
