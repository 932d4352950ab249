/**
 * Which measured kernels a fit may see. Within a family (of attention: and a head size), in the order of their ideal time,
 * every third is held out, never the first or last, so that held-out ones lie between fitted ones; rows that are asked for
 * besides are held out too. It depends on shapes alone, never on what was measured; rows of the same shape and format are on
 * one side together.
 */
import type { Hardware } from "../hardware/hardware.ts";
import type { MeasurementRow } from "../measurement/measurement-row.ts";
import { describeRow } from "./describe-row.ts";
import { kernelSamples } from "./kernel-samples.ts";

export interface SplitRows<Row> {
  readonly fitted: readonly Row[];
  readonly heldOut: readonly Row[];
}

/**
 * @param rows of single kernels, none of a whole step
 * @param besides rows to hold out whatever their place
 */
export function splitRows<Row extends MeasurementRow>(
  rows: readonly Row[],
  hardware: Hardware,
  besides: ReadonlySet<MeasurementRow> = new Set(),
): SplitRows<Row> {
  const samples = kernelSamples(rows, hardware);
  const families = new Map<string, Map<string, number>>();
  const placeOf = (index: number): { family: string; shape: string } => ({
    family: groupOf(rows[index]!, samples[index]?.families[0] ?? "other"),
    shape: describeRow(rows[index]!),
  });
  samples.forEach(({ memorySeconds, computeSeconds }, i) => {
    const { family, shape } = placeOf(i);
    const shapes = families.get(family) ?? new Map<string, number>();
    families.set(family, shapes.set(shape, memorySeconds + computeSeconds));
  });
  const held = new Set<string>();
  for (const [family, shapes] of families) {
    const ordered = [...shapes].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
    ordered.slice(0, -1).forEach(([shape], i) => {
      if (i % 3 === 1) held.add(`${family}|${shape}`);
    });
  }
  rows.forEach((row, i) => {
    const { family, shape } = placeOf(i);
    if (besides.has(row)) held.add(`${family}|${shape}`);
  });
  const isHeld = (i: number): boolean => {
    const { family, shape } = placeOf(i);
    return held.has(`${family}|${shape}`);
  };
  return { fitted: rows.filter((_, i) => !isHeld(i)), heldOut: rows.filter((_, i) => isHeld(i)) };
}

/** Head sizes cost differently for each logit, so that both parts have each of them. */
function groupOf(row: MeasurementRow, family: string): string {
  return row.kind === "attention" ? `${family}, heads of ${row.headDim}` : family;
}
