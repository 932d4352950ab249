/**
 * The rate at which a machine multiplies in a number format: its own unit's where it has one.
 * 16-bit formats without a unit are widened to fp32, which loses nothing; 8- and 4-bit formats must be multiplied
 * natively, so that a missing rate is an error and never a guess.
 */
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { ComputeFormat } from "../quantity/number-format.ts";
import type { Hardware } from "./hardware.ts";

export interface ComputePeak {
  readonly flopsPerSecond: number;
  /** The format multiplied in, after widening. */
  readonly format: ComputeFormat;
  /** What was widened and why; null where nothing was. */
  readonly note: string | null;
}

/**
 * The peak rate of `format` on `hardware`.
 * @param asked the format of activations as it was given, for the message: nvfp4 multiplies in fp4
 * @throws InvalidInput naming activations where the machine has neither the format's rate nor one it may widen to
 * @example V100 has no bf16 unit: computePeak(v100, "bf16") is 15.7e12 FLOP/s in fp32, with a note
 */
export function computePeak(hardware: Hardware, format: ComputeFormat, asked: string = format): ComputePeak {
  const native = hardware.peakFlopsPerSecond[format];
  if (native !== undefined) return { flopsPerSecond: native, format, note: null };
  const widened = hardware.peakFlopsPerSecond.fp32;
  if ((format === "bf16" || format === "fp16") && widened !== undefined) {
    const note = `${hardware.name} has no ${format} peak: ${format} is widened to fp32 and multiplied at the fp32 peak`;
    return { flopsPerSecond: widened, format: "fp32", note };
  }
  const known = Object.keys(hardware.peakFlopsPerSecond);
  const has = known.length === 0 ? "it has no peak at all" : `it has ${known.join(", ")}`;
  throw new InvalidInput("activations", asked, `${hardware.id} has no ${format} peak; ${has}`);
}
