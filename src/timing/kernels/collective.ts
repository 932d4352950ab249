/**
 * A collective among N devices, each with one link to all others at w bytes/s in one direction:
 *   t = knee(host, start + h · hop + min(quick, bulk))
 *   quick   (1 − d) f + d g, over quickEfficiency × w: low-latency protocols, and one-shot all-reduces that send all to everyone
 *   bulk    bulkStart + f / (linkEfficiency × w): whole slices, pipelined; an all-reduce that the switch between the devices can
 *           add up takes bulkStart + (N + 1) / N b / (switchEfficiency × w) where that is less
 *   f       bytes a device sends through rings or in slices: 2 (N − 1) / N b for an all-reduce, (N − 1) / N b for the others, b for a send
 *   g       bytes a device sends where it sends all it has to everyone: (N − 1) b of an all-reduce, f of the others
 *   h       stages one after the other: N − 1 in a ring, twice as many in an all-reduce; in all-to-all each peer costs one
 *   host    what the processor needs to launch it where nothing hides that: eager calls
 * Knee and minimum are smooth; their smoothness is fixed. Source: Thakur et al. 2005 (rings, start-up and stages); vLLM's custom
 * all-reduce (one-shot up to a size, two-shot beyond); NCCL's protocols (low latency at half the rate or less, simple) and NVLink
 * SHARP (each device sends its vector once and the sum of its slice to all).
 */
import type { FormParameter, KernelForm, KernelMachine, KernelTime } from "../kernel-form.ts";
import { smoothKnee } from "../smooth-knee.ts";
import type { CollectiveCall } from "./kernel-calls.ts";

const smoothness = 0.1;

const parameters: readonly FormParameter[] = [
  {
    name: "startSeconds",
    meaning: "start-up of a collective among any number of devices",
    unit: "s",
    lowest: 1e-7,
    highest: 1e-4,
    starts: [5e-6, 4e-6],
  },
  {
    name: "hopSeconds",
    meaning: "latency of one stage from device to device",
    unit: "s",
    lowest: 1e-9,
    highest: 1e-5,
    starts: [7e-7, 8e-8],
  },
  {
    name: "quickEfficiency",
    meaning: "share of the link's rate that the low-latency way reaches",
    unit: "share",
    lowest: 0.01,
    highest: 1,
    starts: [0.3, 0.5, 0.5],
  },
  {
    name: "directShare",
    meaning: "how far the low-latency way sends all to everyone (1) rather than in slices (0)",
    unit: "share",
    lowest: 1e-3,
    highest: 1,
    starts: [0.01, 0.8, 0.8],
  },
  {
    name: "bulkStartSeconds",
    meaning: "further start-up of the way that large messages take",
    unit: "s",
    lowest: 1e-7,
    highest: 1e-4,
    starts: [1.5e-5, 6e-6, 6e-6],
  },
  {
    name: "linkEfficiency",
    meaning: "share of the link's rate that large messages reach",
    unit: "share",
    lowest: 0.05,
    highest: 1,
    starts: [0.65],
  },
  {
    name: "switchEfficiency",
    meaning: "share of the link's rate that a reduction inside the switch reaches; at its lowest where there is none",
    unit: "share",
    lowest: 0.05,
    highest: 1,
    starts: [0.6],
  },
  {
    name: "hostSeconds",
    meaning: "launch by the processor where nothing hides it",
    unit: "s",
    lowest: 1e-7,
    highest: 1e-3,
    starts: [1e-6, 1e-6, 2e-5],
  },
];

export const collective: KernelForm<CollectiveCall> = {
  kind: "collective",
  parameters,
  time(p: ArrayLike<number>, call: CollectiveCall, machine: KernelMachine, into: KernelTime): void {
    const { devices, messageBytes: b } = call;
    into.memorySeconds = 0;
    into.computeSeconds = 0;
    if (devices < 2) {
      into.seconds = into.startSeconds = into.linkSeconds = 0;
      return;
    }
    const rate = machine.linkBytesPerSecond ?? machine.bytesPerSecond;
    const start = p[0]! + stagesOf(call) * p[1]!;
    const sliced = slicedBytes(call);
    let direct = sliced;
    let bulk = sliced / p[5]!;
    if (call.algorithm === "all-reduce") {
      direct = (devices - 1) * b;
      bulk = Math.min(bulk, ((devices + 1) / devices) * (b / p[6]!));
    }
    const quickSeconds = (sliced + p[3]! * (direct - sliced)) / (p[2]! * rate);
    const bulkSeconds = p[4]! + bulk / rate;
    const link = quickSeconds + bulkSeconds - smoothKnee(quickSeconds, bulkSeconds, smoothness);
    into.linkSeconds = link;
    into.seconds = smoothKnee(p[7]!, start + link, smoothness);
    into.startSeconds = Math.max(0, into.seconds - link);
  },
};

function slicedBytes({ algorithm, devices, messageBytes }: CollectiveCall): number {
  if (algorithm === "send") return messageBytes;
  const others = ((devices - 1) / devices) * messageBytes;
  return algorithm === "all-reduce" ? 2 * others : others;
}

function stagesOf({ algorithm, devices }: CollectiveCall): number {
  if (algorithm === "send") return 1;
  return algorithm === "all-reduce" ? 2 * (devices - 1) : devices - 1;
}
