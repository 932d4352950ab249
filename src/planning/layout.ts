/**
 * How a replica is laid out over devices: tensor, pipeline and expert parallelism, by the rules of real engines (architecture/shard.ts:
 * heads and widths divisible, K/V heads replicated beyond their number, latent caches not split, experts divisible) and of links:
 *   tensor groups stay inside a node, unless one is asked for that can't; experts may be spread over nodes, stages too
 *   what a group exchanges goes over the node's link while it fits into a node, else over that between nodes
 */

import type { Model } from "../architecture/model.ts";
import { deviceCount, type Parallelism, shardModel } from "../architecture/shard.ts";
import type { Hardware, Link } from "../hardware/hardware.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";

export interface LayoutLimits {
  /** Devices that one replica may take at most. */
  readonly devices: number;
  /** Devices of a node; the profile's unless given, one where it says nothing. */
  readonly devicesPerNode: number | null;
  /** Rate from one device to those of other nodes, in one direction; the profile's unless given. */
  readonly nodeLinkBytesPerSecond: number | null;
  /** Sizes to choose from; null: all that the rules allow. */
  readonly tensor: readonly number[] | null;
  readonly pipeline: readonly number[] | null;
  readonly expert: readonly number[] | null;
}

export interface Layout {
  readonly parallelism: Parallelism;
  readonly devices: number;
  /** The machine as a group of the layout sees it: with the link that its members exchange over. */
  readonly hardware: Hardware;
  readonly nodes: number;
  readonly devicesPerNode: number;
  /** Beyond the link inside a node, what a byte takes from one stage to the next, summed over the hand-overs that leave a node. */
  readonly handOverSecondsPerByte: number;
}

export interface RefusedLayout {
  readonly parallelism: Parallelism;
  readonly reason: string;
}

/** Sizes of groups that engines run: powers of two. */
function powersUpTo(most: number): number[] {
  const sizes: number[] = [];
  for (let size = 1; size <= most; size *= 2) sizes.push(size);
  return sizes;
}

export function nodeDevices(hardware: Hardware, { devicesPerNode }: Pick<LayoutLimits, "devicesPerNode">): number {
  return devicesPerNode ?? hardware.node?.devices ?? (hardware.link === null ? 1 : 8);
}

/** Every layout within the limits, smallest first, and those that the model or the machine refuses, with the reason. */
export function layoutsOf(
  model: Model,
  hardware: Hardware,
  limits: LayoutLimits,
): { readonly layouts: readonly Layout[]; readonly refused: readonly RefusedLayout[] } {
  const inNode = nodeDevices(hardware, limits);
  const tensors = limits.tensor ?? powersUpTo(Math.min(inNode, limits.devices));
  const hasExperts = model.decoder.kinds.some(({ feedForward }) => feedForward.kind === "mixture");
  const layers = model.decoder.order.length;
  const pipelines = limits.pipeline ?? powersUpTo(Math.min(limits.devices, layers, mostStages));
  const layouts: Layout[] = [];
  const refused: RefusedLayout[] = [];
  for (const pipeline of pipelines) {
    for (const tensor of tensors) {
      for (const expert of limits.expert ?? expertSizes(hasExperts, tensor, limits.devices / pipeline)) {
        const parallelism = { tensor, pipeline, expert };
        const devices = deviceCount(parallelism);
        if (devices > limits.devices) continue;
        const reason = refusal(model, hardware, parallelism, inNode, limits);
        if (reason !== null) refused.push({ parallelism, reason });
        else layouts.push(layoutOn(hardware, parallelism, inNode, limits));
      }
    }
  }
  return { layouts: layouts.sort((a, b) => a.devices - b.devices), refused };
}

/** More stages than nodes of a large fleet serve nobody: each adds its hand-over to every token. */
const mostStages = 8;

function expertSizes(hasExperts: boolean, tensor: number, devices: number): number[] {
  if (!hasExperts) return [1];
  const sizes = new Set([1, tensor]);
  for (let size = 2 * tensor; size <= devices; size *= 2) sizes.add(size);
  return [...sizes];
}

/** Why the model can't be split so, in the words of whoever refuses it; null where it can. */
function refusal(
  model: Model,
  hardware: Hardware,
  parallelism: Parallelism,
  inNode: number,
  limits: LayoutLimits,
): string | null {
  if (deviceCount(parallelism) > 1 && hardware.link === null) return `${hardware.id} has no link to other devices`;
  if (groupDevices(parallelism) > inNode && nodeLink(hardware, limits) === null) {
    return `${groupDevices(parallelism)} devices are more than a node's ${inNode}, and no link between nodes is known`;
  }
  try {
    shardModel(model, parallelism);
    return null;
  } catch (error) {
    if (error instanceof InvalidInput) return error.message;
    throw error;
  }
}

function layoutOn(hardware: Hardware, parallelism: Parallelism, inNode: number, limits: LayoutLimits): Layout {
  const devices = deviceCount(parallelism);
  const between = nodeLink(hardware, limits);
  const crosses = groupDevices(parallelism) > inNode && between !== null && hardware.link !== null;
  const slower = crosses && between.bytesPerSecond < hardware.link.bytesPerSecond;
  return {
    parallelism,
    devices,
    hardware: slower ? { ...hardware, link: between } : hardware,
    nodes: Math.ceil(devices / inNode),
    devicesPerNode: inNode,
    handOverSecondsPerByte: handOverSecondsPerByte(hardware, parallelism, inNode, between),
  };
}

/** Devices that exchange within a layer. */
function groupDevices({ tensor, expert }: Parallelism): number {
  return Math.max(tensor, expert);
}

/** Stages in turn over as few nodes as hold them: between two nodes a hand-over takes the slower link, whose time the steps don't know. */
function handOverSecondsPerByte(
  { link }: Hardware,
  parallelism: Parallelism,
  inNode: number,
  between: Link | null,
): number {
  const group = groupDevices(parallelism);
  if (parallelism.pipeline === 1 || group > inNode || between === null || link === null) return 0;
  const crossings = Math.ceil((parallelism.pipeline * group) / inNode) - 1;
  return crossings * Math.max(0, 1 / between.bytesPerSecond - 1 / link.bytesPerSecond);
}

function nodeLink(hardware: Hardware, { nodeLinkBytesPerSecond }: LayoutLimits): Link | null {
  if (nodeLinkBytesPerSecond !== null) return { name: "between nodes", bytesPerSecond: nodeLinkBytesPerSecond };
  return hardware.node?.link ?? null;
}

/** @example "TP 8", "TP 8 × PP 2", "TP 8 × EP 16" */
export function layoutText({ tensor, pipeline, expert }: Parallelism): string {
  const parts = [`TP ${tensor}`, ...(pipeline > 1 ? [`PP ${pipeline}`] : []), ...(expert > 1 ? [`EP ${expert}`] : [])];
  return parts.join(" × ");
}
