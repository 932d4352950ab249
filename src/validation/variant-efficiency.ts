/**
 * What attention kernels reach by how their query heads share keys and values, and where sharing more does not pay.
 *   efficiency   K and V bytes, read once, / (seconds × read ceiling); of rows whose bytes exceed the last-level cache, so that
 *                neither start-ups nor what a cache still held is counted for the kernel
 *   slower       two rows alike but for their K/V heads, of which the one with fewer, and so fewer bytes, takes longer
 * Fewer bytes promise a time, a kernel keeps it or does not: one that gives each K/V head to one processor is slowest with one head.
 */
import type { Hardware } from "../hardware/hardware.ts";
import { type AttentionRow, softwareOf, variantOfHeads } from "../measurement/measurement-row.ts";
import type { MeasurementTable } from "../measurement/measurement-table.ts";
import { median } from "../quantity/sample-statistics.ts";
import { rowFormats } from "./row-formats.ts";

/** Share by which the row of fewer bytes must be slower to be told: kernels' times scatter by less. */
const tolerance = 0.1;

export interface VariantEfficiency {
  readonly kernel: string | null;
  readonly format: string;
  readonly headDim: number;
  /** "MHA", "GQA-8" for 8 query heads a K/V head, "MQA-64" for 64 on a single one. */
  readonly variant: string;
  readonly rows: number;
  readonly medianEfficiency: number;
  readonly bestEfficiency: number;
}

export interface SlowerVariant {
  readonly kernel: string | null;
  readonly format: string;
  readonly heads: number;
  readonly headDim: number;
  /** K/V heads of the slower rows, and of those that they are held against. */
  readonly kvHeads: number;
  readonly thanKvHeads: number;
  /** Pairs of the two, and those among them whose row of fewer bytes is slower. */
  readonly pairs: number;
  readonly slowerPairs: number;
  /** Of its time over the other's, among all pairs. */
  readonly medianRatio: number;
  readonly worstRatio: number;
  readonly worst: {
    readonly batch: number;
    readonly context: number;
    readonly seconds: number;
    readonly thanSeconds: number;
  };
}

interface DecodeRow {
  readonly row: AttentionRow;
  readonly format: string;
  readonly kvBytes: number;
}

/**
 * Of the decode rows, by kernel, format, head size and variant, in order of first appearance; variants without a row of enough
 * bytes are absent. `bytesPerSecond` is the read ceiling of the machine that was measured.
 * @throws InvalidInput for a row's format that isn't known
 * @example 2.147 GB of keys and values in 1.392 ms at a ceiling of 3.085 TB/s are 50 %
 */
export function variantEfficiencies(
  tables: readonly MeasurementTable[],
  hardware: Hardware,
  bytesPerSecond: number,
  leftOut: (table: string, line: number) => boolean = () => false,
): VariantEfficiency[] {
  const cacheBytes = hardware.caches.at(-1)?.bytes ?? 0;
  const groups = new Map<string, { first: DecodeRow; efficiencies: number[] }>();
  for (const one of decodeRows(tables, hardware, leftOut)) {
    const { row, format, kvBytes } = one;
    if (kvBytes <= cacheBytes) continue;
    const key = [row.gpu, softwareOf(row), format, row.headDim, variantName(row)].join("|");
    const group = groups.get(key) ?? { first: one, efficiencies: [] };
    groups.set(key, group);
    group.efficiencies.push(kvBytes / (row.seconds * bytesPerSecond));
  }
  return [...groups.values()].map(({ first: { row, format }, efficiencies }) => ({
    ...{ kernel: softwareOf(row), format, headDim: row.headDim, variant: variantName(row) },
    rows: efficiencies.length,
    medianEfficiency: median(efficiencies),
    bestEfficiency: efficiencies.reduce((best, each) => Math.max(best, each), 0),
  }));
}

/**
 * Pairs of K/V head counts of which the smaller is slower by more than 10 % in half of their pairs at least, the worst first.
 * @throws InvalidInput for a row's format that isn't known
 */
export function slowerVariants(
  tables: readonly MeasurementTable[],
  hardware: Hardware,
  leftOut: (table: string, line: number) => boolean = () => false,
): SlowerVariant[] {
  const cacheBytes = hardware.caches.at(-1)?.bytes ?? 0;
  const alike = new Map<string, DecodeRow[]>();
  for (const one of decodeRows(tables, hardware, leftOut)) {
    const { row, format } = one;
    const machine = [row.gpu, softwareOf(row), row.threads, row.tp, row.cold, row.activations, row.multiplies];
    const key = [...machine, format, row.heads, row.headDim, row.batch, row.context, row.window].join("|");
    const rows = alike.get(key) ?? [];
    alike.set(key, rows);
    rows.push(one);
  }
  const found = new Map<string, { first: DecodeRow; than: DecodeRow; pairs: (readonly [DecodeRow, DecodeRow])[] }>();
  for (const rows of alike.values()) {
    for (const fewer of rows) {
      for (const more of rows) {
        // Where both fit into the cache, start-ups decide and not what is read.
        if (fewer.row.kvHeads >= more.row.kvHeads || more.kvBytes <= cacheBytes) continue;
        const { gpu, heads, headDim, kvHeads } = fewer.row;
        const key = [gpu, softwareOf(fewer.row), fewer.format, heads, headDim, kvHeads, more.row.kvHeads].join("|");
        const pair = found.get(key) ?? { first: fewer, than: more, pairs: [] };
        found.set(key, pair);
        pair.pairs.push([fewer, more]);
      }
    }
  }
  return [...found.values()]
    .map(slowerVariant)
    .filter(({ pairs, slowerPairs }) => 2 * slowerPairs >= pairs)
    .sort((a, b) => b.medianRatio - a.medianRatio);
}

/** One line for a reader. @example "MQA-64 is not faster than GQA-8 in torch_flow: 4.2 times slower (median of 14 pairs) with 1/8 of the bytes" */
export function describeSlowerVariant(slower: SlowerVariant): string {
  const { kernel, heads, kvHeads, thanKvHeads, medianRatio, pairs } = slower;
  const [name, than] = [variantName({ heads, kvHeads }), variantName({ heads, kvHeads: thanKvHeads })];
  const where = kernel === null ? "" : ` in ${kernel}`;
  const count = pairs === 1 ? "one pair" : `median of ${pairs} pairs`;
  return `${name} is not faster than ${than}${where}: ${medianRatio.toPrecision(2)} times its time (${count}) with ${kvHeads}/${thanKvHeads} of the bytes`;
}

function slowerVariant({
  first: { row, format },
  than,
  pairs,
}: {
  first: DecodeRow;
  than: DecodeRow;
  pairs: (readonly [DecodeRow, DecodeRow])[];
}): SlowerVariant {
  const ratioOf = ([fewer, more]: readonly [DecodeRow, DecodeRow]): number => fewer.row.seconds / more.row.seconds;
  const ratios = pairs.map(ratioOf);
  const worst = pairs.reduce((one, other) => (ratioOf(other) > ratioOf(one) ? other : one));
  return {
    ...{ kernel: softwareOf(row), format, heads: row.heads, headDim: row.headDim },
    ...{ kvHeads: row.kvHeads, thanKvHeads: than.row.kvHeads, pairs: pairs.length },
    slowerPairs: ratios.filter((ratio) => ratio > 1 + tolerance).length,
    medianRatio: median(ratios),
    worstRatio: ratioOf(worst),
    worst: {
      ...{ batch: worst[0].row.batch, context: worst[0].row.context },
      ...{ seconds: worst[0].row.seconds, thanSeconds: worst[1].row.seconds },
    },
  };
}

function decodeRows(
  tables: readonly MeasurementTable[],
  hardware: Hardware,
  leftOut: (table: string, line: number) => boolean,
): DecodeRow[] {
  return tables.flatMap(({ name, rows }) =>
    rows.flatMap((row): DecodeRow[] => {
      if (row.kind !== "attention" || row.queryTokens !== 1 || !(row.seconds > 0) || leftOut(name, row.line)) return [];
      const { kvCache } = rowFormats(row, hardware, name);
      const seen = Math.min(row.context, row.window ?? row.context);
      const kvBytes = (2 * row.batch * row.kvHeads * seen * row.headDim * kvCache.bits) / 8;
      return [{ row, format: kvCache.id, kvBytes }];
    }),
  );
}

function variantName({ heads, kvHeads }: { readonly heads: number; readonly kvHeads: number }): string {
  const variant = variantOfHeads(heads, kvHeads);
  return variant === "MHA" ? variant : `${variant}-${heads / kvHeads}`;
}
