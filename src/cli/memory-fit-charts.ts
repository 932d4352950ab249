/** The charts of what fits: the largest batch by context, and the memory of a device by part, a line or a bar a row. */
import type { Model } from "../architecture/model.ts";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { largestBatchChart } from "../charts/largest-batch.ts";
import { planMemoryChart } from "../charts/plan-memory.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { layoutText } from "../planning/layout.ts";
import type { MemoryFitRow } from "../planning/memory-fit.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";

export interface MemoryFitDrawing {
  readonly model: Model;
  readonly hardware: readonly Hardware[];
  readonly rows: readonly MemoryFitRow[];
}

/** More lines than these no reader tells apart. */
const mostLines = 8;

/** @throws InvalidInput for more lines than a reader can tell apart */
export function memoryFitChart(drawing: MemoryFitDrawing): ChartSpec {
  const rows = drawing.rows.filter((row) => row.refused === null);
  if (rows.length > mostLines) {
    throw new InvalidInput(
      "chart",
      `${rows.length} lines`,
      `takes at most ${mostLines}: leave out some of --attention, --kv-cache or --hardware`,
    );
  }
  return largestBatchChart({
    title: `${drawing.model.name}: the most requests that fit`,
    subtitle: subtitle(drawing, rows),
    lines: rows.map((row) => ({
      label: labelOf(row, rows),
      points: row.largestBatches.flatMap(({ context, batch }) => (batch === null ? [] : [{ context, batch }])),
      longestContext: longestOfOne(row),
    })),
  });
}

/** The memory of the device that is full first; a bar for all cache formats together, which the parts do not depend on. */
export function memoryFitPartsChart(drawing: MemoryFitDrawing): ChartSpec {
  const rows = distinctMemories(drawing.rows);
  return planMemoryChart({
    title: `${drawing.model.name}: memory of a device`,
    subtitle: subtitle(drawing, rows),
    bars: rows.map(({ memory, ...row }) => ({
      label: labelOf(row, rows, false),
      parts: [
        { name: "weights", bytes: memory.weightBytes },
        { name: "room for caches", bytes: Math.max(0, memory.roomBytes) },
        { name: "activations", bytes: memory.activationBytes },
        { name: "runtime", bytes: memory.runtimeBytes },
        { name: "collective buffers", bytes: memory.collectiveBytes },
        { name: "fragmentation", bytes: memory.fragmentationBytes },
        { name: "reserve", bytes: memory.reserveBytes },
      ],
      capacityBytes: memory.capacityBytes,
    })),
  });
}

type Had = MemoryFitRow & { readonly memory: NonNullable<MemoryFitRow["memory"]> };

function distinctMemories(rows: readonly MemoryFitRow[]): Had[] {
  const found = new Map<string, Had>();
  for (const row of rows) {
    const { memory, hardware, attention, parallelism } = row;
    if (memory === null) continue;
    const key = JSON.stringify({ hardware, attention, parallelism, memory });
    if (!found.has(key)) found.set(key, { ...row, memory });
  }
  return [...found.values()];
}

function subtitle({ model, hardware }: MemoryFitDrawing, rows: readonly MemoryFitRow[]): string {
  const machines = hardware.map(({ name }) => name).join(", ");
  const [first] = rows;
  if (first === undefined) return machines;
  const layouts = new Set(rows.map(({ parallelism }) => layoutText(parallelism)));
  const layout = layouts.size > 1 ? "" : `${first.parallelism.devices > 1 ? `, ${[...layouts].join()}` : ""}`;
  const engine = first.engine === "ideal" ? "nothing kept for an engine" : first.engine;
  const weights = first.weights === "published" ? (model.publishedWeights?.format ?? "bf16") : first.weights;
  return `${machines}${layout}, weights ${weights}, ${engine}`;
}

type Named = Pick<MemoryFitRow, "hardware" | "attention" | "heads" | "kvCache" | "parallelism">;

/** Heads that are told in more characters than these make a legend of their own. */
const longestHeads = 12;

/** What of machine, variant, format and layout tells the rows apart. */
function labelOf(row: Named, rows: readonly Named[], byFormat = true): string {
  const attention = (each: Named): string =>
    each.attention === "as-is" && each.heads.length <= longestHeads ? each.heads : variantName(each.attention);
  const parts: ((row: Named) => string)[] = [
    ({ hardware }) => hardware,
    attention,
    ...(byFormat ? [({ kvCache }: Named) => kvCache] : []),
    ({ parallelism }) => layoutText(parallelism),
  ];
  const telling = parts.filter((of) => new Set(rows.map(of)).size > 1);
  return (telling.length === 0 ? [attention] : telling).map((of) => of(row)).join(" ");
}

function variantName(attention: string): string {
  return attention === "as-is" ? attention : attention.toUpperCase();
}

function longestOfOne(row: MemoryFitRow): number | null {
  const context = row.longestContexts.find(({ batch }) => batch === 1)?.context ?? null;
  return context === 0 ? null : context;
}
