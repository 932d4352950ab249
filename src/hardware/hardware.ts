/** What a machine is to the roofline: ceilings, capacity and links of one device, in SI units. */
import type { ComputeFormat } from "../quantity/number-format.ts";

export interface Cache {
  readonly name: string;
  readonly bytes: number;
  /** Null where nobody publishes it. */
  readonly bandwidthBytesPerSecond: number | null;
}

export interface Link {
  readonly name: string;
  /** One device's rate in one direction to its peers together. */
  readonly bytesPerSecond: number;
}

/** What stands together: the devices that `link` joins, and what joins them to those of the next node. */
export interface HardwareNode {
  /** How many of these devices a usual node holds; `link` reaches every one of them. */
  readonly devices: number;
  /** From one device to those of other nodes, in one direction; null where unknown or where there is none. */
  readonly link: Link | null;
}

export interface Hardware {
  readonly id: string;
  readonly name: string;
  readonly vendor: string;
  readonly kind: "gpu" | "tpu" | "accelerator" | "soc" | "cpu";
  readonly memoryBandwidthBytesPerSecond: number;
  /** What the device reports where known, else the printed figure. */
  readonly memoryCapacityBytes: number;
  /** Why the capacity is what it is, shown beside it. */
  readonly memoryCapacityNote: string | null;
  /** Dense rates, never sparse. A format that is absent has no native unit here. */
  readonly peakFlopsPerSecond: Readonly<Partial<Record<ComputeFormat, number>>>;
  /** Of a machine with measured ceilings, the formats whose peak is still the datasheet's. */
  readonly statedPeaks?: readonly ComputeFormat[];
  /** Of a machine with measured ceilings, the peaks that its datasheet states, by which its chip is known. */
  readonly datasheetPeaks?: Readonly<Partial<Record<ComputeFormat, number>>>;
  /** Streaming multiprocessors, compute units or GPU cores; null where unknown or where there is nothing of the kind. */
  readonly processors: number | null;
  readonly caches: readonly Cache[];
  readonly link: Link | null;
  /** Null where unknown. */
  readonly node: HardwareNode | null;
  /** What starting a kernel costs; null where it was not measured. */
  readonly kernelStartSeconds: number | null;
  readonly powerWatts: number | null;
  /** What renting one device costs, with its share of the machine around it; null where no price list was found. */
  readonly pricePerHourUsd: number | null;
  /** Datasheet figures, or ceilings measured on the machine itself. */
  readonly basis: "datasheet" | "measured";
}
