/**
 * The memory mountain: bandwidth against working set, both axes logarithmic, a line for each stream and number of threads (fewer
 * are dashed), with the capacities of the caches as rules.
 * Source of the picture: Bryant and O'Hallaron, Computer Systems: A Programmer's Perspective, chapter 6.
 */
import { logDomain, logTicks, unitLabelExpr, unitNames } from "./axis-units.ts";
import { type ChartSpec, type ChartTitle, chartSpec, inOrder } from "./chart-spec.ts";
import { requirePositive } from "./drawable.ts";
import type { JsonObject } from "./json.ts";
import { plotSize, seriesColour, seriesShape } from "./series-legend.ts";

export interface MemoryMountainRow {
  /** What is done with the memory: "read", "write", "copy", "triad". */
  readonly series: string;
  readonly threads: number;
  readonly workingSetBytes: number;
  readonly bytesPerSecond: number;
  /** Of all samples. */
  readonly leastBytesPerSecond: number;
  readonly largestBytesPerSecond: number;
}

export interface MemoryMountainInput extends ChartTitle {
  readonly rows: readonly MemoryMountainRow[];
  /** Capacities, for the number of threads that the chart is about. */
  readonly caches: readonly { readonly name: string; readonly bytes: number }[];
}

/** @throws InvalidInput for no rows, or a working set or rate that is not a positive number */
export function memoryMountainChart(input: MemoryMountainInput): ChartSpec {
  const { rows, caches } = input;
  for (const [index, row] of rows.entries()) {
    requirePositive(`rows[${index}].workingSetBytes`, row.workingSetBytes);
    requirePositive(`rows[${index}].bytesPerSecond`, row.bytesPerSecond);
    requirePositive(`rows[${index}].leastBytesPerSecond`, row.leastBytesPerSecond);
    requirePositive(`rows[${index}].largestBytesPerSecond`, row.largestBytesPerSecond);
    requirePositive(`rows[${index}].threads`, row.threads);
  }
  const series = inOrder(rows.map((row) => row.series));
  const threads = inOrder(rows.map((row) => row.threads)).sort((a, b) => b - a);
  const sets = inOrder(rows.map((row) => row.workingSetBytes)).sort((a, b) => a - b);
  const [first = 1, last = 1] = [sets[0], sets.at(-1)];
  const rates = rows.map((row) => row.bytesPerSecond);
  const [low, high] = logDomain(rates);
  const x = {
    field: "workingSetBytes",
    type: "quantitative",
    title: "Working set (bytes; Ki, Mi, Gi are powers of 1024)",
    scale: { type: "log", base: 2, domain: first < last ? [first, last] : [first / 2, first * 2], nice: false },
    axis: { values: binaryTicks(first, last), labelExpr: binaryLabelExpr, grid: false, labelOverlap: "greedy" },
  };
  const y = {
    field: "bytesPerSecond",
    type: "quantitative",
    title: `Bandwidth (${unitNames("bytesPerSecond", logTicks(low, high))})`,
    scale: { type: "log", domain: [low, high], nice: false },
    axis: { values: logTicks(low, high), labelExpr: unitLabelExpr("bytesPerSecond") },
  };
  const shown = caches.filter((cache) => cache.bytes > first && cache.bytes < last);
  return chartSpec({
    ...input,
    chart: "memory-mountain",
    description:
      `Lines: bandwidth against working set, both logarithmic, one line each for ${series.join(", ")} on ${threads.map(threadsText).join(" and ")}` +
      (shown.length === 0
        ? ""
        : `; vertical rules at the capacities of ${shown.map((cache) => cache.name).join(", ")}`),
    notes:
      shown.length === 0
        ? []
        : ["vertical rules: what the caches hold; a pass moves each byte of the working set once"],
    columns: [
      { field: "series", title: "Stream" },
      { field: "threads", title: "Threads" },
      { field: "workingSetBytes", title: "Working set (B)" },
      { field: "bytesPerSecond", title: "Bandwidth, median (B/s)" },
      { field: "leastBytesPerSecond", title: "Least (B/s)" },
      { field: "largestBytesPerSecond", title: "Largest (B/s)" },
    ],
    rows: rows.map((row): JsonObject => ({ ...row, on: threadsText(row.threads) })),
    view: {
      ...plotSize(330),
      encoding: { x, y },
      layer: [
        ...(shown.length === 0 ? [] : cacheRules(shown, high, x, y)),
        {
          mark: { type: "line", strokeCap: "round" },
          encoding: { color: seriesColour(series), strokeDash: dashes(threads.map(threadsText)) },
        },
        {
          mark: { type: "point", filled: true, size: 30, opacity: 1 },
          encoding: { color: seriesColour(series), shape: seriesShape(series) },
        },
      ],
    },
  });
}

function threadsText(threads: number): string {
  return `${threads} thread${threads === 1 ? "" : "s"}`;
}

/** The most threads as a full line, fewer with ever shorter dashes. */
function dashes(domain: readonly string[]): JsonObject {
  const range = domain.map((_, i): number[] => (i === 0 ? [1, 0] : [Math.max(1, 6 - 2 * i), 3]));
  return {
    field: "on",
    type: "nominal",
    scale: { domain, range },
    legend: domain.length < 2 ? null : { title: null, columns: domain.length, symbolType: "stroke", symbolSize: 300 },
  };
}

/** A rule at each capacity with the cache's name at its top. */
function cacheRules(caches: MemoryMountainInput["caches"], top: number, x: JsonObject, y: JsonObject): JsonObject[] {
  const values = caches.map(({ name, bytes }) => ({ workingSetBytes: bytes, bytesPerSecond: top, name }));
  return [
    { data: { values }, mark: { type: "rule", style: "ridge" }, encoding: { x } },
    ...["halo", "muted"].map((style) => ({
      data: { values },
      mark: { type: "text", style, align: "right", baseline: "top", dx: -4, dy: 4 },
      encoding: { x, y, text: { field: "name", type: "nominal" } },
    })),
  ];
}

/** Powers of 4 from the first power of 2 on. */
function binaryTicks(low: number, high: number): number[] {
  const from = Math.ceil(Math.log2(low) - 1e-9);
  const ticks: number[] = [];
  for (let power = from; 2 ** power <= high * 1.0001; power += 2) ticks.push(2 ** power);
  return ticks;
}

const binaryLabelExpr =
  "datum.value >= 1073741824 ? format(datum.value / 1073741824, '.4~g') + ' GiB' : " +
  "datum.value >= 1048576 ? format(datum.value / 1048576, '.4~g') + ' MiB' : " +
  "datum.value >= 1024 ? format(datum.value / 1024, '.4~g') + ' KiB' : format(datum.value, '.4~g') + ' B'";
