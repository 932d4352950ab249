/**
 * A published run as what the engine form times: from a row of an engine table, the machine and the model that its labels name,
 * and what its figure is of. Rows that cannot be placed are left out with a reason that a reader can count.
 *   tokens a second, or a latency, of a whole run    batch × answer / rate: the prefill and answer − 1 decode steps
 *   tokens a second of decoding, time an output token    one decode step, in the middle of the answer
 *   tokens a second of a prefill, time to first token   the prefill
 */
import type { Model } from "../../architecture/model.ts";
import type { Hardware } from "../../hardware/hardware.ts";
import type { EngineRow } from "../../measurement/measurement-row.ts";
import { engineOfLabel, type RunEngine } from "./run-engines.ts";
import { type LabelledMachine, machineOfLabel, modelOfLabel } from "./run-labels.ts";

export interface PublishedRun {
  readonly row: EngineRow;
  readonly engine: RunEngine;
  readonly hardware: Hardware;
  readonly model: Model;
  readonly weights: string | null;
  readonly kvCache: string;
  readonly activations: string;
  readonly batch: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly devices: number;
  readonly tensorParallel: number;
  readonly part: "run" | "decode" | "prefill";
  /** Of the part; of decoding, of one step. */
  readonly seconds: number;
}

/** Profiles by id; null where there is none. */
export interface ProfileLookup {
  readonly hardware: (id: string) => Hardware | null;
  readonly model: (id: string) => Model | null;
}

/** Tokens of an answer whose length a table of decoding rates leaves out: it hardly matters, since caches of one sequence are small. */
const usualAnswer = 256;

/** The run of a row, or in words why there is none. */
export function publishedRun(row: EngineRow, profiles: ProfileLookup): PublishedRun | string {
  const stat = row.stat ?? "";
  if (/max load/i.test(stat)) return "requests queue: not a fixed batch";
  const labelled = row.gpu === null ? null : machineOfLabel(row.gpu);
  if (labelled === null) return "the label names no one machine";
  const machine = profiles.hardware(labelled.hardware);
  if (machine === null) return "no profile of the machine";
  const hardware = withCores(machine, labelled);
  const engine = engineOfLabel(row.engine, hardware.vendor);
  if (engine === null) return "another engine";
  const model = profiles.model(modelOfLabel(row.model));
  if (model === null) return "no profile of the model";
  const formats = formatsOf(row, engine);
  if (formats === null) return "the number format is not stated";
  if (row.devices !== row.tp * row.pp) return "how the devices share the work is not stated";
  const { concurrency: batch, isl, osl } = row;
  if (batch === null) return "the batch is not stated";
  const part = partOf(row, stat);
  if (isl === null || (part === "run" && osl === null)) return "the lengths are not stated";
  if (part !== "decode" && isl === 0) return "the lengths are not stated";
  if (part === "prefill" && !engine.prefills) return "prefill kernels of this engine are not modelled";
  if (part === "prefill" && row.devices > 1 && engine.splitsLayers)
    return "a prefill that several devices share in parts";
  const outputTokens = osl === null || osl === 0 ? usualAnswer : osl;
  return {
    ...{ row, engine, hardware, model, ...formats, batch, inputTokens: isl, outputTokens, part },
    seconds: row.seconds * tokensOf(row, part, isl, outputTokens),
    devices: row.devices,
    tensorParallel: engine.splitsLayers ? 1 : row.tp,
  };
}

function partOf(row: EngineRow, stat: string): PublishedRun["part"] {
  if (row.metric === "ttft_ms" || /prefill/i.test(stat)) return "prefill";
  return row.metric === "tpot_ms" || /decode|eval rate/i.test(stat) ? "decode" : "run";
}

/** Of a rate the tokens a sequence that the part's time is of; a time stands for itself. */
function tokensOf(row: EngineRow, part: PublishedRun["part"], inputTokens: number, outputTokens: number): number {
  if (!row.metric.startsWith("tokens") || part === "decode") return 1;
  return part === "run" ? outputTokens : inputTokens;
}

/** The chip with as many of its cores as the label states. */
function withCores(hardware: Hardware, { cores }: LabelledMachine): Hardware {
  if (cores === null || hardware.processors === null) return hardware;
  const share = cores / hardware.processors;
  const peaks = Object.entries(hardware.peakFlopsPerSecond).map(([format, peak]) => [format, peak * share]);
  return { ...hardware, processors: cores, peakFlopsPerSecond: Object.fromEntries(peaks) };
}

const precisions: Readonly<Record<string, string>> = {
  fp16: "fp16",
  f16: "fp16",
  bf16: "bf16",
  fp8: "fp8",
  int8: "int8",
  q8_0: "q8_0",
  q4_0: "q4_0",
  q4_k_m: "q4_k_m",
};

/** Null where the label is none of one format ("4-bit", "mostly Q4_K_M"). */
function formatsOf(
  row: EngineRow,
  engine: RunEngine,
): Pick<PublishedRun, "weights" | "kvCache" | "activations"> | null {
  const label = (row.dtype.toLowerCase().split(" ")[0] ?? "").trim();
  const group = /^int4(?:-g|:)(\d+)$/.exec(label)?.[1];
  const weights = group === undefined ? precisions[label] : `int4:${group}`;
  const half = weights === "bf16" ? "bf16" : "fp16";
  // The experts alone are stored so, as the model is published; the rest in 16 bits.
  if (label === "mxfp4") return { weights: null, kvCache: half, activations: half };
  if (weights === undefined) return null;
  const eightBits = weights === "fp8" && engine.fit.matricesOnMatrixUnits;
  const kvCache = precisions[(row.kvDtype ?? "").toLowerCase()] ?? (eightBits ? "fp8" : half);
  return { weights, kvCache, activations: eightBits ? "fp8" : half };
}
