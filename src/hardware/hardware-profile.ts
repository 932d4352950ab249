/**
 * A hardware profile as its JSON file holds it: quantities as text with units, every figure with its source.
 * Rates are dense, never sparse; a link's rate is one device's in one direction to its peers together.
 * Nothing here loads zod: hardware-profile-schema.ts checks a file's content against this form.
 */
import type { ComputeFormat } from "../quantity/number-format.ts";
import {
  parseBytes,
  parseBytesPerSecond,
  parseFlopsPerSecond,
  parsePricePerHour,
  parseSeconds,
  parseWatts,
} from "../quantity/parse-quantity.ts";
import type { Cache, Hardware, HardwareNode, Link } from "./hardware.ts";
import { parseNodeDevices } from "./node-devices.ts";
import { parseProcessors } from "./processors.ts";

/** One figure as its source prints it. */
export interface ProfileFigure {
  /** A number and a unit: "3.35 TB/s". */
  readonly value: string;
  /** Where the figure stands; a figure nobody checked says "recalled". */
  readonly source: string;
  /** Why this figure, where sources disagree or it needs a word. */
  readonly note?: string;
}

export interface CacheProfile {
  readonly name: string;
  readonly capacity: ProfileFigure;
  readonly bandwidth?: ProfileFigure;
}

export interface LinkProfile {
  readonly name: string;
  readonly bandwidth: ProfileFigure;
}

export interface NodeProfile {
  /** How many devices `link` joins: "8". */
  readonly devices: ProfileFigure;
  /** To other nodes; a device's share of it. */
  readonly link?: LinkProfile;
}

export interface HardwareProfile {
  readonly id: string;
  readonly name: string;
  readonly vendor: string;
  readonly kind: Hardware["kind"];
  /** Other names that users type; no two devices share one. */
  readonly aliases: readonly string[];
  /** "datasheet" where absent. */
  readonly basis?: Hardware["basis"];
  readonly note?: string;
  readonly memory: {
    readonly type: string;
    /** As printed: GB is a power of 1000 unless GiB is printed. */
    readonly capacity: ProfileFigure;
    /** What the device itself reports, where somebody read it off. */
    readonly reportedCapacity?: ProfileFigure;
    readonly bandwidth: ProfileFigure;
  };
  /** A format without a unit of its own is absent. */
  readonly peak: Readonly<Partial<Record<ComputeFormat, ProfileFigure>>>;
  /** Streaming multiprocessors, compute units or GPU cores: "132 SMs", "304 CUs", "40 cores". */
  readonly processors?: ProfileFigure;
  /** From the one nearest to the arithmetic outwards; of each core's own all together. */
  readonly caches: readonly CacheProfile[];
  readonly link: LinkProfile | null;
  /** How devices stand together; absent where unknown. */
  readonly node?: NodeProfile;
  /** What starting a kernel costs, from one to the next: "4 us". */
  readonly kernelStart?: ProfileFigure;
  readonly power: ProfileFigure | null;
  readonly pricePerHour?: ProfileFigure;
}

/** Every number format that a peak can be given for, in the order lists print them. */
export const computeFormats: readonly ComputeFormat[] = ["fp64", "fp32", "bf16", "fp16", "fp8", "int8", "fp4"];

/**
 * The machine that a checked profile describes, in SI units.
 * @throws InvalidInput naming the figure ("memory.bandwidth.value") whose text is no quantity of its kind
 * @example "3.35 TB/s" in memory.bandwidth.value becomes memoryBandwidthBytesPerSecond 3.35e12
 */
export function hardwareFromProfile(profile: HardwareProfile): Hardware {
  const { memory } = profile;
  return {
    id: profile.id,
    name: profile.name,
    vendor: profile.vendor,
    kind: profile.kind,
    memoryBandwidthBytesPerSecond: parseBytesPerSecond(memory.bandwidth.value, "memory.bandwidth.value"),
    ...capacity(memory),
    peakFlopsPerSecond: peaks(profile.peak),
    processors: profile.processors === undefined ? null : parseProcessors(profile.processors.value, "processors.value"),
    caches: profile.caches.map(cache),
    link: profile.link === null ? null : link(profile.link, "link"),
    node: profile.node === undefined ? null : node(profile.node),
    kernelStartSeconds:
      profile.kernelStart === undefined ? null : parseSeconds(profile.kernelStart.value, "kernelStart.value"),
    powerWatts: profile.power === null ? null : parseWatts(profile.power.value, "power.value"),
    pricePerHourUsd:
      profile.pricePerHour === undefined ? null : parsePricePerHour(profile.pricePerHour.value, "pricePerHour.value"),
    basis: profile.basis ?? "datasheet",
  };
}

function capacity(memory: HardwareProfile["memory"]): Pick<Hardware, "memoryCapacityBytes" | "memoryCapacityNote"> {
  const printed = memory.capacity;
  const printedBytes = parseBytes(printed.value, "memory.capacity.value");
  const reported = memory.reportedCapacity;
  if (reported === undefined) {
    const why = `printed figure, ${printed.value}; what the device reports is not known`;
    return { memoryCapacityBytes: printedBytes, memoryCapacityNote: withNote(why, printed) };
  }
  return {
    memoryCapacityBytes: parseBytes(reported.value, "memory.reportedCapacity.value"),
    memoryCapacityNote: withNote(`what the device reports, ${reported.value}; printed as ${printed.value}`, reported),
  };
}

function withNote(text: string, figure: ProfileFigure): string {
  return figure.note === undefined ? text : `${text}; ${figure.note}`;
}

function peaks(profile: HardwareProfile["peak"]): Hardware["peakFlopsPerSecond"] {
  const rates: Partial<Record<ComputeFormat, number>> = {};
  for (const format of computeFormats) {
    const figure = profile[format];
    if (figure !== undefined) rates[format] = parseFlopsPerSecond(figure.value, `peak.${format}.value`);
  }
  return rates;
}

function cache(profile: CacheProfile, index: number): Cache {
  const field = `caches[${index}]`;
  return {
    name: profile.name,
    bytes: parseBytes(profile.capacity.value, `${field}.capacity.value`),
    bandwidthBytesPerSecond:
      profile.bandwidth === undefined ? null : parseBytesPerSecond(profile.bandwidth.value, `${field}.bandwidth.value`),
  };
}

function link(profile: LinkProfile, field: string): Link {
  const bytesPerSecond = parseBytesPerSecond(profile.bandwidth.value, `${field}.bandwidth.value`);
  return { name: profile.name, bytesPerSecond };
}

function node(profile: NodeProfile): HardwareNode {
  return {
    devices: parseNodeDevices(profile.devices.value, "node.devices.value"),
    link: profile.link === undefined ? null : link(profile.link, "node.link"),
  };
}
