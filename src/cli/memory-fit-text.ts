/** What fits on one machine as tables: memory by part, then the largest batches and the longest contexts, as wide as the terminal. */
import type { Hardware } from "../hardware/hardware.ts";
import { layoutText } from "../planning/layout.ts";
import type { MemoryFitRow } from "../planning/memory-fit.ts";
import { formatBytes } from "../quantity/format-quantity.ts";
import type { KeptMemory } from "../serving/kept-memory.ts";
import { type Column, textTable } from "./text-table.ts";

export interface MemoryFitText {
  readonly machine: Hardware;
  readonly kept: KeptMemory;
  readonly memoryShare: number | null;
  /** Of this machine alone. */
  readonly rows: readonly MemoryFitRow[];
  readonly widthColumns: number;
  /** Also each part of what the engine keeps. */
  readonly verbose: boolean;
}

export function memoryFitText(text: MemoryFitText): string {
  const { rows, widthColumns } = text;
  const had = rows.filter((row) => row.refused === null);
  if (had.length === 0) return `${heading(text)}\n${refusals(rows)}`;
  const layouts = new Set(had.map(({ parallelism }) => layoutText(parallelism)));
  const keys = keyColumns(layouts.size > 1);
  const tables = [
    "Memory of the device that is full first:",
    ...columnsWithin(keys, memoryColumns(text), had, widthColumns),
    answersCaption(had),
    ...columnsWithin(keys, answerColumns(had), had, widthColumns),
  ];
  const past = had.some((row) => row.longestContexts.some((each) => each.context !== each.usableContext));
  const limit = had[0]?.maxContext ?? null;
  const star = past && limit !== null ? `* memory allows it; the model was made for ${whole(limit)} tokens\n` : "";
  return `${heading(text)}\n${tables.join("\n")}${star}${shortages(had)}${refusals(rows)}`;
}

/** A column of the tables, which fills itself from a row. */
interface Filled extends Column {
  readonly cell: (row: MemoryFitRow) => string;
}

function heading({ machine, kept, memoryShare, rows }: MemoryFitText): string {
  const layouts = new Set(rows.map(({ parallelism }) => layoutText(parallelism)));
  const [first] = rows;
  const devices = first === undefined || layouts.size > 1 ? 1 : first.parallelism.devices;
  const layout = devices > 1 ? `, ${[...layouts].join()}` : "";
  const number = devices > 1 ? `${devices} × ` : "";
  const each = devices > 1 ? " each" : "";
  return `${number}${machine.name} (${machine.id})${layout}\n${keptWords(kept, memoryShare, machine, each)}`;
}

/** @example "85.0 GB each, of which vllm keeps a part; caches in pages of 16 rows" */
function keptWords({ id, memory }: KeptMemory, memoryShare: number | null, machine: Hardware, each: string): string {
  const capacity = `${formatBytes(machine.memoryCapacityBytes)}${each}`;
  const pages = memory.pageRows > 1 ? `; caches in pages of ${memory.pageRows} rows` : "";
  if (memoryShare !== null) return `${percent(memoryShare)} of ${capacity} for weights and caches${pages}`;
  if (id === "ideal") return `all of ${capacity} for weights and caches`;
  return `${capacity}, of which ${id} keeps a part${pages}`;
}

function keyColumns(hasLayouts: boolean): Filled[] {
  const layout: Filled = { title: "layout", align: "left", cell: ({ parallelism }) => layoutText(parallelism) };
  return [
    { title: "attention", align: "left", cell: ({ attention }) => attention },
    { title: "cache", align: "left", cell: ({ kvCache }) => kvCache },
    ...(hasLayouts ? [layout] : []),
  ];
}

function memoryColumns({ verbose, rows }: MemoryFitText): Filled[] {
  type Memory = NonNullable<MemoryFitRow["memory"]>;
  const part = (title: string, of: (memory: Memory) => number): Filled => ({
    title,
    cell: ({ memory }) => (memory === null ? "-" : formatBytes(of(memory))),
  });
  const state: Filled = { title: "state", cell: ({ stateBytes }) => formatBytes(stateBytes ?? 0) };
  const kept = [
    part("runtime", (memory) => memory.runtimeBytes),
    part("collective", (memory) => memory.collectiveBytes),
    part("fragments", (memory) => memory.fragmentationBytes),
    part("reserve", (memory) => memory.reserveBytes),
  ];
  const ofAll = ({ runtimeBytes, collectiveBytes, fragmentationBytes, reserveBytes }: Memory): number =>
    runtimeBytes + collectiveBytes + fragmentationBytes + reserveBytes;
  return [
    { title: "B a token", cell: ({ cacheBytesPerToken }) => whole(cacheBytesPerToken ?? 0) },
    { title: "on each", cell: ({ deviceCacheBytesPerToken }) => whole(deviceCacheBytesPerToken ?? 0) },
    ...(rows.some(({ stateBytes }) => (stateBytes ?? 0) > 0) ? [state] : []),
    part("weights", (memory) => memory.weightBytes),
    part("activations", (memory) => memory.activationBytes),
    ...(verbose ? kept : [part("kept", ofAll)]),
    part("room", (memory) => memory.roomBytes),
  ];
}

function answerColumns(rows: readonly MemoryFitRow[]): Filled[] {
  const [first] = rows;
  const batches = (first?.largestBatches ?? []).map(
    ({ context }, i): Filled => ({ title: whole(context), cell: (row) => any(row.largestBatches[i]?.batch) }),
  );
  const longest = (first?.longestContexts ?? []).map(({ batch }, i): Filled => {
    const cell = (row: MemoryFitRow): string => {
      const found = row.longestContexts[i];
      return found === undefined ? "-" : `${any(found.context)}${found.context === found.usableContext ? "" : "*"}`;
    };
    return { title: batch === 1 ? "longest" : `longest of ${whole(batch)}`, cell };
  });
  return [...batches, ...longest];
}

function answersCaption(rows: readonly MemoryFitRow[]): string {
  const several = (rows[0]?.longestContexts.length ?? 0) > 1;
  return `Most requests of so many tokens, and the longest context of ${several ? "so many requests" : "a request"}:`;
}

/** The columns as one table, or as many as the width takes, each with the key columns before it. */
function columnsWithin(
  keys: readonly Filled[],
  columns: readonly Filled[],
  rows: readonly MemoryFitRow[],
  widthColumns: number,
): string[] {
  const tables: string[] = [];
  let taken: Filled[] = [];
  const print = (those: readonly Filled[]): string => {
    const all = [...keys, ...those];
    return textTable(
      all,
      rows.map((row) => all.map(({ cell }) => cell(row))),
    );
  };
  for (const column of columns) {
    const wider = [...taken, column];
    const fits = print(wider)
      .split("\n")
      .every((line) => [...line].length <= widthColumns);
    if (!fits && taken.length > 0) {
      tables.push(print(taken));
      taken = [column];
    } else taken = wider;
  }
  return [...tables, print(taken)];
}

function shortages(rows: readonly MemoryFitRow[]): string {
  return rows
    .filter((row) => !row.fits)
    .map(({ attention, kvCache, missingBytes, largestBatches }) => {
      const shortest = Math.min(...largestBatches.map(({ context }) => context));
      return `${attention}, ${kvCache}: does not fit: one request of ${whole(shortest)} tokens lacks ${formatBytes(missingBytes ?? 0)} on a device\n`;
    })
    .join("");
}

function refusals(rows: readonly MemoryFitRow[]): string {
  const refused = new Map(rows.flatMap((row) => (row.refused === null ? [] : [[row.attention, row.refused] as const])));
  return [...refused].map(([attention, reason]) => `${attention}: ${reason}\n`).join("");
}

function any(value: number | null | undefined): string {
  return value === null || value === undefined ? "any" : whole(value);
}

function whole(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(4))} %`;
}
