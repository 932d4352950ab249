/**
 * The engines whose published runs are fitted: which rows are theirs, and which constants of engine-form.ts their runs can tell.
 * Constants that the runs do not show keep a value at which they cost nothing, or one from elsewhere.
 */
import { type EngineFit, engineFits } from "../../timing/engine-fits.ts";

export interface RunEngine {
  readonly id: string;
  readonly fit: EngineFit;
  /** The engine's name as rows spell it. */
  readonly spelling: RegExp;
  /** Constants that keep a value; the others are fitted. */
  readonly fixed: Readonly<Record<string, number>>;
  /** Layers of one step run on one device after the other (no tensor parallelism). */
  readonly splitsLayers: boolean;
  /** Machines are told apart for the halves; one machine alone is told apart by its models. */
  readonly halvesBy: "machine" | "model";
  /** Whether its prefills run on kernels that the form describes. */
  readonly prefills: boolean;
}

const noWeightCosts = { byteCost: 1, unpackCost: 1 };
const noCollectives = { collectiveStartSeconds: 1e-7, linkEfficiency: 1 };
const noStages = { stageSeconds: 1e-7 };
const noRecords = { recordedStartShare: 1 };

/** One sequence: its activations stay in caches, its attention is small, its experts are multiplied as all matrices are. */
const oneSequence = { activationEfficiency: 1, vectorEfficiency: 1, expertEfficiency: 1, sequenceSeconds: 1e-9 };

/** What an all-reduce of a few kB among eight devices takes. */
const smallCollective = { collectiveStartSeconds: 1e-5 };

function engine(id: string, rest: Omit<RunEngine, "id" | "fit">): RunEngine {
  const fit = engineFits.find((each) => each.id === id);
  if (fit === undefined) throw new RangeError(`no engine ${id}`);
  return { id, fit, ...rest };
}

export const runEngines: readonly RunEngine[] = [
  engine("trt-llm", {
    spelling: /^(tensorrt|trt)[-_ ]?llm$/i,
    fixed: { ...noStages, ...noWeightCosts, ...noRecords },
    splitsLayers: false,
    halvesBy: "machine",
    prefills: true,
  }),
  engine("vllm-rocm", {
    spelling: /^vllm/i,
    fixed: {
      // One machine's runs cannot tell it from the start-up of its kernels.
      bandwidthEfficiency: 1,
      ...smallCollective,
      ...noStages,
      ...noWeightCosts,
      ...noRecords,
      activationEfficiency: 1,
      vectorEfficiency: 1,
      expertEfficiency: 1,
    },
    splitsLayers: false,
    halvesBy: "model",
    prefills: true,
  }),
  engine("llama.cpp-cuda", {
    // Not its Vulkan back end, nor Ollama, whose builds are not known.
    spelling: /^llama\.?cpp( \(cuda\))?$/i,
    fixed: { ...oneSequence, ...noCollectives, computeEfficiency: 1, unpackCost: 1 },
    splitsLayers: true,
    halvesBy: "machine",
    // cuBLAS for 16 bits, integer kernels or widening first for others, by size and generation.
    prefills: false,
  }),
  engine("llama.cpp-metal", {
    spelling: /^llama\.?cpp( \(metal\))?$/i,
    fixed: { ...oneSequence, ...noCollectives, ...noStages },
    splitsLayers: true,
    halvesBy: "machine",
    prefills: true,
  }),
  engine("gpt-fast", {
    spelling: /^gpt-fast/i,
    // What one token asks devices to exchange is small: the start of a collective is all that its runs show.
    fixed: { ...oneSequence, ...noStages, ...noRecords, linkEfficiency: 1, computeEfficiency: 1 },
    splitsLayers: false,
    halvesBy: "model",
    prefills: true,
  }),
];

/** The engine that a label names on a vendor's machine; null where none of these. */
export function engineOfLabel(label: string, vendor: string): RunEngine | null {
  return runEngines.find(({ fit, spelling }) => fit.vendor === vendor && spelling.test(label)) ?? null;
}
