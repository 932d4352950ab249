/** The program for a piece of work, or why there is none. */
import type { KernelWork, StorageFormat } from "../kernel.ts";
import { attentionProgram } from "./attention-program.ts";
import { decodeStepProgram } from "./decode-step-program.ts";
import { emptyProgram } from "./empty-program.ts";
import { type GpuProgram, programRefusal } from "./gpu-program.ts";
import type { GpuTraits } from "./gpu-traits.ts";
import { linearProgram } from "./linear-program.ts";
import { multiplyAddProgram } from "./multiply-add-program.ts";
import {
  activationProgram,
  cacheAppendProgram,
  normalizationProgram,
  residualProgram,
  rotaryProgram,
} from "./small-programs.ts";
import { isGpuFormat } from "./stored-quads.ts";
import { streamProgram } from "./stream-program.ts";

export function gpuProgramOf(work: KernelWork, traits: GpuTraits): GpuProgram | string {
  const program = programOf(work, traits);
  return typeof program === "string" ? program : (programRefusal(program, traits) ?? program);
}

function programOf(work: KernelWork, traits: GpuTraits): GpuProgram | string {
  switch (work.kind) {
    case "attention":
      return isGpuFormat(work.format) ? attentionProgram(work, work.format, traits) : unknownFormat(work.format);
    case "linear":
      return isGpuFormat(work.format) ? linearProgram(work, work.format, traits) : unknownFormat(work.format);
    case "normalization":
      return normalizationProgram(work, traits);
    case "rotary-embedding":
      return rotaryProgram(work, traits);
    case "feed-forward-activation":
      return activationProgram(work, traits);
    case "residual":
      return residualProgram(work, traits);
    case "cache-append":
      return isGpuFormat(work.format) ? cacheAppendProgram(work, work.format, traits) : unknownFormat(work.format);
    case "decode-step":
      return decodeStepProgram(work, traits);
    case "stream":
      return streamProgram(work, traits);
    case "multiply-add":
      return isGpuFormat(work.format) ? multiplyAddProgram(work, work.format, traits) : unknownFormat(work.format);
    case "empty":
      return emptyProgram(traits);
  }
}

function unknownFormat(format: StorageFormat): string {
  return `the webgpu backend stores f32, f16, bf16 and int8, not ${format}`;
}
