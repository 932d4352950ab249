/** One replica as an engine is to be started with it, and the text that all engines' commands are made of. */
import { InvalidInput } from "../quantity/invalid-input.ts";
import { type NumberFormatId, parseNumberFormat } from "../quantity/number-format.ts";
import type { ReplicaMemory } from "../serving/replica-memory.ts";

/** Shares of a device's memory, 0 to 1. */
export interface MemoryShares {
  /** Weights and the room for caches. */
  readonly memoryShare: number;
  /** Weights alone. */
  readonly weightShare: number;
  /** Activations, the runtime and collective buffers. */
  readonly bufferShare: number;
}

export interface EngineSetup extends MemoryShares {
  /** As the engine is to load it: a name on the Hugging Face hub, or a folder. */
  readonly modelId: string;
  readonly tensor: number;
  readonly pipeline: number;
  /** 1: experts are cut like all else. */
  readonly expert: number;
  /** Groups of devices that each hold a copy of the attention and a share of the requests. */
  readonly dataGroups: number;
  /** Null: the format that the model is published in. */
  readonly weights: NumberFormatId | null;
  readonly kvCache: NumberFormatId;
  /** Requests at once, over the replica. */
  readonly maxSequences: number;
  /** Rows of the longest request, prompt and answer. */
  readonly maxContext: number;
  /** Tokens that a step computes at most, over the replica. */
  readonly stepTokens: number;
  readonly prefixCaching: boolean;
  /** Draft null: a head of one layer on the model itself. */
  readonly speculative: { readonly tokens: number; readonly draft: string | null } | null;
  /** Which half of the work it does where prompts are computed elsewhere; null: both. */
  readonly separated: "prefill" | "decode" | null;
  readonly replicas: number;
  /** 8 unless given. */
  readonly devicesPerNode?: number;
}

export interface EngineArguments {
  readonly engine: "vllm" | "trt-llm" | "sglang";
  /** For a POSIX shell. */
  readonly command: string;
  /** What the command leaves to whoever runs it, and what the engine does otherwise than planned. */
  readonly notes: readonly string[];
}

/** @throws InvalidInput for a size that is not a whole number of at least 1, a share outside 0 to 1, an unknown format or an unusable name */
export function checkEngineSetup(setup: EngineSetup): void {
  const { tensor, pipeline, expert, dataGroups, maxSequences, maxContext, stepTokens, replicas } = setup;
  const counts = { tensor, pipeline, expert, dataGroups, maxSequences, maxContext, stepTokens, replicas };
  for (const [field, value] of Object.entries({ ...counts, devicesPerNode: nodeDevicesOf(setup) })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new InvalidInput(field, String(value), "a whole number of at least 1");
    }
  }
  const { memoryShare, weightShare, bufferShare, speculative } = setup;
  for (const [field, value] of Object.entries({ memoryShare, weightShare, bufferShare })) {
    if (!(value >= 0 && value <= 1)) throw new InvalidInput(field, String(value), "0 to 1");
  }
  if (weightShare >= memoryShare)
    throw new InvalidInput("weightShare", weightShare, `below memoryShare ${memoryShare}`);
  if (memoryShare + bufferShare > 1 + 1e-9) {
    throw new InvalidInput("bufferShare", bufferShare, `at most 1 with memoryShare ${memoryShare}`);
  }
  if (setup.weights !== null) parseNumberFormat(setup.weights, "weights");
  parseNumberFormat(setup.kvCache, "kvCache");
  checkName("modelId", setup.modelId);
  if (speculative === null) return;
  if (!Number.isSafeInteger(speculative.tokens) || speculative.tokens < 1) {
    throw new InvalidInput("speculative.tokens", String(speculative.tokens), "a whole number of at least 1");
  }
  if (speculative.draft !== null) checkName("speculative.draft", speculative.draft);
}

/** The shares of a planned replica's fullest device. */
export function memorySharesOf({ parts, roomBytes, capacityBytes }: ReplicaMemory): MemoryShares {
  const { weightBytes, activationBytes, runtimeBytes, collectiveBytes } = parts;
  return {
    memoryShare: (weightBytes + Math.max(0, roomBytes)) / capacityBytes,
    weightShare: weightBytes / capacityBytes,
    bufferShare: (activationBytes + runtimeBytes + collectiveBytes) / capacityBytes,
  };
}

/** Options of a command with what is to be said of them. */
export interface OptionPart {
  readonly options: readonly string[];
  readonly notes: readonly string[];
}

/** Formats that a 16-bit or 32-bit checkpoint is read in, by PyTorch's names. */
export const floatTypes: Readonly<Record<string, string>> = { fp32: "float32", bf16: "bfloat16", fp16: "float16" };

/**
 * Weights in the published format, in floats, or rounded to fp8 as they load.
 * @param other what the engine has for any other format
 */
export function weightOptions({ weights }: EngineSetup, other: (weights: string) => OptionPart): OptionPart {
  if (weights === null) return { options: [], notes: [] };
  const float = floatTypes[weights];
  if (float !== undefined) return { options: [`--dtype ${float}`], notes: [] };
  if (weights !== "fp8") return other(weights);
  return {
    options: ["--quantization fp8"],
    notes: ["--quantization fp8 rounds a 16-bit checkpoint as it loads; leave it out where the checkpoint is fp8"],
  };
}

/** Of a cache format that the engine has not. */
export function noCacheNote(engine: string, { kvCache }: EngineSetup): string {
  return `${engine} keeps no cache in ${kvCache}: this one has the model's own format`;
}

/** Of four-bit weights, which engines find in the checkpoint. */
export function fourBitNote(weights: string): string {
  return `${weights} weights: give a checkpoint of AWQ or GPTQ, whose format is found in it`;
}

/** Devices of one pipeline stage. */
export function stageDevices({ tensor, dataGroups }: EngineSetup): number {
  return tensor * dataGroups;
}

/** What every engine leaves to whoever starts it. */
export function commonNotes(setup: EngineSetup): string[] {
  const { replicas, separated } = setup;
  if (replicas === 1) return [];
  const kind = separated === null ? "" : `${separated} `;
  return [`start it ${replicas} times, once for each ${kind}replica, behind a load balancer`];
}

/** Nodes that one replica stands on. */
export function nodesOf(setup: EngineSetup): number {
  return Math.ceil((stageDevices(setup) * setup.pipeline) / nodeDevicesOf(setup));
}

/**
 * A share to three digits, rounded down, so that no more is asked for than planned.
 * @example shareText(0.8999) is "0.899", shareText(0.57) is "0.57"
 */
export function shareText(share: number): string {
  return String(Math.floor(share * 1000 + 1e-6) / 1000);
}

/**
 * A word of a POSIX shell: bare where it has no sign with a meaning, else in single quotes.
 * @example shellWord("it's") is "'it'\\''s'"
 */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A command and its options, an option a line. */
export function commandText(program: string, options: readonly string[]): string {
  return [program, ...options].join(" \\\n  ");
}

function nodeDevicesOf({ devicesPerNode = 8 }: EngineSetup): number {
  return devicesPerNode;
}

function checkName(field: string, name: string): void {
  const hasControl = [...name].some((sign) => sign < " " || sign === "\u007f");
  if (name === "" || name.startsWith("-") || hasControl) {
    throw new InvalidInput(field, name, "a model's name or folder, not an option");
  }
}
