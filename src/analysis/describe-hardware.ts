/** What a machine is to the roofline, and where each of its figures comes from. */
import type { Hardware } from "../hardware/hardware.ts";
import type { HardwareProfile, ProfileFigure } from "../hardware/hardware-profile.ts";
import type { ComputeFormat } from "../quantity/number-format.ts";

/** One number format's peak and ridge point. */
export interface PeakDescription {
  readonly format: ComputeFormat;
  readonly flopsPerSecond: number;
  /** FLOPs a byte at which a kernel turns from memory-bound to compute-bound: peak / bandwidth. */
  readonly ridgePoint: number;
}

export interface HardwareDescription extends Hardware {
  readonly peaks: readonly PeakDescription[];
}

/** One figure of a profile as its source prints it. */
export interface SourcedFigure {
  readonly figure: string;
  readonly value: string;
  readonly source: string;
  readonly note: string | null;
}

const formatOrder: readonly ComputeFormat[] = ["fp64", "fp32", "bf16", "fp16", "fp8", "int8", "fp4"];

/**
 * The machine with the ridge point of each number format.
 * @example 989 TFLOP/s in bf16 at 3.35 TB/s: 295 FLOPs a byte
 */
export function describeHardware(hardware: Hardware): HardwareDescription {
  const peaks = formatOrder.flatMap((format) => {
    const flopsPerSecond = hardware.peakFlopsPerSecond[format];
    if (flopsPerSecond === undefined) return [];
    return [{ format, flopsPerSecond, ridgePoint: flopsPerSecond / hardware.memoryBandwidthBytesPerSecond }];
  });
  return { ...hardware, peaks };
}

/** Every figure of a profile with its source, in the profile's order. */
export function sourcedFigures(profile: HardwareProfile): SourcedFigure[] {
  const { memory, peak, processors, link, node, kernelStart, power, pricePerHour } = profile;
  const figures: [string, ProfileFigure | null | undefined][] = [
    ["memory capacity", memory.capacity],
    ["memory capacity reported", memory.reportedCapacity],
    ["memory bandwidth", memory.bandwidth],
    ...formatOrder.map((format): [string, ProfileFigure | undefined] => [`peak ${format}`, peak[format]]),
    ["processors", processors],
    ...profile.caches.flatMap((cache): [string, ProfileFigure | undefined][] => [
      [`${cache.name} capacity`, cache.capacity],
      [`${cache.name} bandwidth`, cache.bandwidth],
    ]),
    ...(link ? [[`link ${link.name}`, link.bandwidth] as [string, ProfileFigure]] : []),
    ["devices a node", node?.devices],
    ...(node?.link ? [[`link between nodes, ${node.link.name}`, node.link.bandwidth] as [string, ProfileFigure]] : []),
    ["start of a kernel", kernelStart],
    ["power", power],
    ["price an hour", pricePerHour],
  ];
  return figures.flatMap(([figure, value]) =>
    value === null || value === undefined
      ? []
      : [{ figure, value: value.value, source: value.source, note: value.note ?? null }],
  );
}
