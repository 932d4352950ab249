/** Machines for reading: their list, and one in full. */
import type { Hardware, HardwareNode } from "../hardware/hardware.ts";
import { formatBandwidth, formatBytes, formatFlopsPerSecond, formatSeconds } from "../quantity/format-quantity.ts";
import type { ComputeFormat } from "../quantity/number-format.ts";
import { cutTo } from "./list-arguments.ts";
import type { ShownHardware } from "./shown-hardware.ts";
import { type Column, textTable } from "./text-table.ts";

/** One machine of the list; the source is that of its bandwidth. */
export interface HardwareRow {
  readonly id: string;
  readonly name: string;
  readonly vendor: string;
  readonly kind: Hardware["kind"];
  readonly memoryCapacityBytes: number;
  readonly memoryBandwidthBytesPerSecond: number;
  readonly peakFlopsPerSecond: Readonly<Record<ComputeFormat, number | null>>;
  readonly linkBytesPerSecond: number | null;
  readonly powerWatts: number | null;
  readonly pricePerHourUsd: number | null;
  readonly basis: Hardware["basis"];
  readonly source: string | null;
}

/** A line a machine: the peak is that of bf16, fp16 or fp32, the first it has; sources are cut to what is left. */
export function hardwareListText(rows: readonly HardwareRow[], widthColumns: number): string {
  const columns: Column[] = [
    { title: "id" },
    { title: "name", align: "left" },
    { title: "memory" },
    { title: "bandwidth" },
    { title: "peak" },
    { title: "in", align: "left" },
    { title: "ridge, FLOP/B" },
  ];
  const cells = rows.map((row) => {
    const peak = widestPeak(row);
    return [
      row.id,
      row.name,
      formatBytes(row.memoryCapacityBytes),
      formatBandwidth(row.memoryBandwidthBytesPerSecond),
      peak === null ? "-" : formatFlopsPerSecond(peak.flopsPerSecond),
      peak?.format ?? "-",
      peak === null ? "-" : threeDigits(peak.flopsPerSecond / row.memoryBandwidthBytesPerSecond),
    ];
  });
  const used = Math.max(
    ...textTable(columns, cells)
      .split("\n")
      .map((line) => line.length),
  );
  const left = Math.max(12, widthColumns - used - 2);
  const withSource = cells.map((line, i) => [...line, cutTo(rows[i]?.source ?? "-", left)]);
  return textTable([...columns, { title: "source", align: "left" }], withSource);
}

function widestPeak(row: HardwareRow): { format: ComputeFormat; flopsPerSecond: number } | null {
  for (const format of ["bf16", "fp16", "fp32", "int8"] as const) {
    const flopsPerSecond = row.peakFlopsPerSecond[format];
    if (flopsPerSecond !== null) return { format, flopsPerSecond };
  }
  return null;
}

/** Everything about one machine. */
export function hardwareText(machine: ShownHardware): string {
  const type = machine.memoryType === null ? "" : `${machine.memoryType}, `;
  const why = machine.memoryCapacityNote === null ? "" : ` (${machine.memoryCapacityNote})`;
  const lines: [string, string][] = [
    [
      "kind",
      `${machine.kind}, ${machine.vendor}, figures from ${machine.basis === "datasheet" ? "the datasheet" : "measurements"}`,
    ],
    ["memory", `${type}${formatBytes(machine.memoryCapacityBytes)}${why}`],
    ["bandwidth", formatBandwidth(machine.memoryBandwidthBytesPerSecond)],
    ...(machine.processors === null ? [] : ([["processors", `${machine.processors}`]] as [string, string][])),
    ...machine.caches.map((cache): [string, string] => [
      `cache ${cache.name}`,
      `${formatBytes(cache.bytes)}${cache.bandwidthBytesPerSecond === null ? "" : `, ${formatBandwidth(cache.bandwidthBytesPerSecond)}`}`,
    ]),
    [
      "link",
      machine.link === null
        ? "unknown"
        : `${machine.link.name}, ${formatBandwidth(machine.link.bytesPerSecond)} in one direction`,
    ],
    ...(machine.node === null ? [] : ([["node", nodeText(machine.node)]] as [string, string][])),
    ...(machine.kernelStartSeconds === null
      ? []
      : ([["kernel start", formatSeconds(machine.kernelStartSeconds)]] as [string, string][])),
    ["power", machine.powerWatts === null ? "unknown" : `${machine.powerWatts} W`],
    ...(machine.pricePerHourUsd === null
      ? []
      : ([["price", `${machine.pricePerHourUsd} USD/h a device`]] as [string, string][])),
  ];
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  const parts = [
    `${machine.name} (${machine.id})\n`,
    lines.map(([name, value]) => `${name.padEnd(width)}${value}\n`).join(""),
    textTable(
      [{ title: "format" }, { title: "dense peak" }, { title: "ridge point, FLOP/B" }],
      machine.peaks.map((peak) => [
        peak.format,
        formatFlopsPerSecond(peak.flopsPerSecond),
        threeDigits(peak.ridgePoint),
      ]),
    ),
    machine.notes.map((note) => `note: ${note}\n`).join(""),
    figuresText(machine),
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function nodeText({ devices, link }: HardwareNode): string {
  const held = devices === 1 ? "1 device" : `${devices} devices`;
  if (link === null) return held;
  return `${held}, ${link.name} to the next: ${formatBandwidth(link.bytesPerSecond)} a device in one direction`;
}

/** As printed by the sources: each figure, then where it stands. */
function figuresText(machine: ShownHardware): string {
  if (machine.figures.length === 0) return "";
  const lines = machine.figures.map(({ figure, value, source, note }) => {
    const said = note === null ? "" : `\n    ${note}`;
    return `  ${figure}: ${value}\n    ${source}${said}\n`;
  });
  return `figures and their sources:\n${lines.join("")}`;
}

function threeDigits(value: number): string {
  return value < 99.95 ? value.toPrecision(3) : value.toFixed(0);
}
