/**
 * The hardware profile of a machine from its measured ceilings: what every command takes with --hardware. Each figure says
 * when, with what and on how many threads it was measured, and how far its samples lie apart.
 *   bandwidths   of reading, since a decode step reads nearly all its bytes
 *   peaks        of multiply-adds on operands stored in each format, widened first where the kernels widen
 *   kernelStart  from the start of one kernel to the next
 */
import type { CacheProfile, HardwareProfile, ProfileFigure } from "../hardware/hardware-profile.ts";
import type { StorageFormat } from "../kernels/kernel.ts";
import {
  formatBandwidth,
  formatBytesBinary,
  formatFlopsPerSecond,
  formatSeconds,
} from "../quantity/format-quantity.ts";
import type { ComputeFormat } from "../quantity/number-format.ts";
import { escapeUnprintable } from "../quantity/printable-text.ts";
import type { CeilingFigure, Ceilings } from "./ceilings.ts";
import { type MachineDescription, machineLabel } from "./machine-description.ts";
import { type MountainLevel, mountainLevels } from "./memory-mountain.ts";
import { otherProgramsText } from "./other-programs.ts";

export interface MachineProfileRequest {
  readonly ceilings: Ceilings;
  readonly machine: MachineDescription;
  /** The profile is of this many threads. */
  readonly threads: number;
  /** The share of the processors that other programs used meanwhile; null or absent where nobody watched. */
  readonly otherPrograms?: number | null;
}

/** The format in a profile of what a kernel stores; f64 is only the reference's. */
const computeFormatOf: Readonly<Record<StorageFormat, ComputeFormat>> = {
  f64: "fp64",
  f32: "fp32",
  f16: "fp16",
  bf16: "bf16",
  int8: "int8",
};

/**
 * @throws RangeError where no read bandwidth or no multiply-add rate was measured on so many threads
 * @example 21.9 GB/s of reads beyond the caches become memory.bandwidth.value "21.9 GB/s"
 */
export function machineProfile(request: MachineProfileRequest): HardwareProfile {
  const { ceilings, machine, threads } = request;
  const levels = mountainLevels(ceilings.streams, threads, machine.caches);
  const memory = levels.at(-1) as MountainLevel;
  const conditions = conditionsOf(request);
  const { otherPrograms = null } = request;
  const others = otherPrograms === null ? "" : `; ${otherProgramsText(otherPrograms)}`;
  const peaks = ceilings.multiplyAdds.filter((each) => each.threads === threads);
  if (peaks.length === 0) throw new RangeError(`no multiply-adds were measured on ${threadsText(threads)}`);
  const start = ceilings.starts.find((each) => each.threads === threads);
  const byGpu = ceilings.backend === "webgpu";
  const isGpu = byGpu && !isSoftwareAdapter(machine.adapter);
  const processor = escapeUnprintable(byGpu ? adapterName(machine) : machine.processor);
  const system = `operating system (${escapeUnprintable(machine.operatingSystem)})`;
  return {
    id: profileId(ceilings.backend, machine, threads),
    name: `${processor}${byGpu ? "" : `, ${threadsText(threads)}`} (${ceilings.backend}, measured)`,
    vendor: processor.split(/[\s(,]/)[0] || "unknown",
    kind: isGpu ? "gpu" : "cpu",
    aliases: [],
    basis: "measured",
    note: `Ceilings measured by \`ridgepoint measure ceilings\` ${conditions}; peaks by format are of operands stored in it, widened to fp32 where the kernels widen${others}`,
    memory: {
      type: "main memory",
      capacity: {
        value: formatBytesBinary(machine.memoryBytes),
        source: system,
        ...(isGpu ? { note: "WebGPU does not tell a GPU's memory: this is the machine's main memory" } : {}),
      },
      reportedCapacity: { value: `${machine.memoryBytes} B`, source: system },
      bandwidth: levelFigure(memory, conditions),
    },
    peak: Object.fromEntries(
      peaks.map(({ format, flopsPerSecond }) => [
        computeFormatOf[format],
        figure(flopsPerSecond, "FLOP/s", formatFlopsPerSecond, `multiply-adds on ${format} operands, ${conditions}`),
      ]),
    ),
    caches: levels.slice(0, -1).map((level) => cacheProfile(level, conditions, system, threads)),
    link: null,
    ...(start === undefined
      ? {}
      : { kernelStart: figure(start.seconds, "s", formatSeconds, `empty kernels one after the other, ${conditions}`) }),
    power: null,
  };
}

/** Of small letters, digits and "-", at most 64. */
export function profileId(backend: Ceilings["backend"], machine: MachineDescription, threads: number): string {
  if (backend !== "webgpu") return machineLabel(machine.processor, threads);
  return `${machineLabel(adapterName(machine), 0).replace(/-0-threads$/, "")}-webgpu`;
}

/** Whether the processor plays the GPU, by what the adapter says of itself. */
export function isSoftwareAdapter(adapter: string | null): boolean {
  return /software|swiftshader|llvmpipe/i.test(adapter ?? "");
}

/** Of "WebGPU on NAME; features" the name. */
function adapterName({ adapter }: MachineDescription): string {
  return (
    (adapter ?? "")
      .replace(/^WebGPU on /, "")
      .split(";")[0]
      ?.trim() || "GPU"
  );
}

function conditionsOf({ ceilings, machine, threads }: MachineProfileRequest): string {
  const version = machine.version === null ? "" : ` ${machine.version}`;
  const on = ceilings.backend === "webgpu" ? "" : ` on ${threadsText(threads)}`;
  return `${machine.date}${on}, ridgepoint${version}, ${ceilings.backend}, Node ${machine.node} (V8 ${machine.v8})`;
}

function threadsText(threads: number): string {
  return `${threads} thread${threads === 1 ? "" : "s"}`;
}

function cacheProfile(level: MountainLevel, conditions: string, system: string, threads: number): CacheProfile {
  const bytes = level.bytes as number;
  const stated = level.statedBytes;
  const smaller = stated !== null && bytes < stated;
  const capacity = { value: `${bytes} B`, source: `${system}, what ${threadsText(threads)} have of it` };
  return {
    name: level.name,
    capacity:
      stated === null || smaller
        ? {
            value: `${bytes} B`,
            source: `measured ${conditions}: the largest set still read at about its bandwidth`,
            ...(smaller
              ? { note: `the operating system says ${formatBytesBinary(stated)}, the curve falls before` }
              : {}),
          }
        : capacity,
    bandwidth: levelFigure(level, conditions),
  };
}

function levelFigure(level: MountainLevel, conditions: string): ProfileFigure {
  const { points, least, largest } = level;
  const range =
    points === 1
      ? "one working set"
      : `median of ${points} working sets, ${formatBandwidth(least)} to ${formatBandwidth(largest)}`;
  return { value: quantity(level.bytesPerSecond, "B/s"), source: `measured ${conditions}: reads, ${range}` };
}

function figure(measured: CeilingFigure, unit: string, format: (value: number) => string, how: string): ProfileFigure {
  const { median, least, largest, deviation, samples } = measured;
  const spread = `${format(least)} to ${format(largest)}, median absolute deviation ${((100 * deviation) / median).toPrecision(2)} %`;
  return {
    value: quantity(median, unit),
    source: `measured: ${how}: median of ${samples} sample${samples === 1 ? "" : "s"}, ${spread}`,
  };
}

const prefixes: readonly (readonly [scale: number, prefix: string])[] = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
  [1, ""],
  [1e-3, "m"],
  [1e-6, "u"],
  [1e-9, "n"],
];

/** Four digits and a unit that quantity/parse-quantity.ts reads: "21.93 GB/s", "3.412 us". */
function quantity(value: number, unit: string): string {
  const [scale, prefix] = prefixes.find(([each]) => value >= each) ?? (prefixes.at(-1) as [number, string]);
  return `${Number((value / scale).toPrecision(4))} ${prefix}${unit}`;
}
