/**
 * A machine with the ceilings that were measured on it in the place of its datasheet's: what it reads a second, what it
 * multiplies a second in each format measured, and the memory and the processors it reports. Formats that were not measured keep the datasheet's.
 */
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { ComputeFormat } from "../quantity/number-format.ts";
import type { Hardware } from "./hardware.ts";
import { withoutCaches } from "./memory-levels.ts";

/** Keys of a ceilings.json (docs/measurement-format.md) and what they say. */
const peakKeys: Readonly<Record<string, ComputeFormat>> = {
  fp64_flops: "fp64",
  fp32_flops: "fp32",
  bf16_flops: "bf16",
  fp16_flops: "fp16",
  fp8_flops: "fp8",
  int8_ops: "int8",
  fp4_flops: "fp4",
};

/** Whether a JSON value is in the layout of a ceilings.json. */
export function isCeilings(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "read_bytes_per_s");
}

/**
 * The machine with measured ceilings; reading decides a decode step, so the bandwidth is the read bandwidth.
 * @throws InvalidInput for a figure that is no positive number
 * @example withCeilings(h100, { read_bytes_per_s: 3.085e12, bf16_flops: 803e12 }) has a ridge point of 260 FLOP/byte
 */
export function withCeilings(hardware: Hardware, ceilings: Readonly<Record<string, unknown>>): Hardware {
  const peaks: Partial<Record<ComputeFormat, number>> = { ...hardware.peakFlopsPerSecond };
  const measuredPeaks = new Set<ComputeFormat>();
  for (const [key, format] of Object.entries(peakKeys)) {
    if (!Object.hasOwn(ceilings, key)) continue;
    peaks[format] = figure(ceilings, key);
    measuredPeaks.add(format);
  }
  const measuredMemory = Object.hasOwn(ceilings, "mem_bytes");
  return {
    // A datasheet's or somebody else's bandwidth of a cache is no ceiling of this machine.
    ...withoutCaches(hardware),
    memoryBandwidthBytesPerSecond: figure(ceilings, "read_bytes_per_s"),
    peakFlopsPerSecond: peaks,
    statedPeaks: unmeasured(peaks, measuredPeaks),
    datasheetPeaks: hardware.datasheetPeaks ?? hardware.peakFlopsPerSecond,
    processors: Object.hasOwn(ceilings, "sms") ? figure(ceilings, "sms") : hardware.processors,
    memoryCapacityBytes: measuredMemory ? figure(ceilings, "mem_bytes") : hardware.memoryCapacityBytes,
    memoryCapacityNote: measuredMemory ? "reported by the device" : hardware.memoryCapacityNote,
    basis: "measured",
  };
}

/** The formats of `peaks` that are not among the measured ones. */
export function unmeasured(
  peaks: Readonly<Partial<Record<ComputeFormat, number>>>,
  measured: ReadonlySet<string>,
): ComputeFormat[] {
  return (Object.keys(peaks) as ComputeFormat[]).filter((format) => !measured.has(format));
}

function figure(ceilings: Readonly<Record<string, unknown>>, key: string): number {
  const value = ceilings[key];
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw new InvalidInput(`ceilings ${key}`, value, "wants a positive number in SI units");
}
