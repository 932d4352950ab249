/** A table that fits into a terminal: where it is too wide, the columns that matter least are left out and named. */
import { escapeUnprintable } from "../quantity/printable-text.ts";
import { type Column, textTable } from "./text-table.ts";

export interface RankedColumn extends Column {
  /** 1 matters most and always stays. */
  readonly rank: number;
}

export interface NarrowTable {
  readonly text: string;
  /** Titles of the columns that had no room, in their order. */
  readonly leftOut: readonly string[];
}

const gap = 2;

/** The columns by rank as long as there is room for them; one that is too wide does not keep out a narrower one after it. */
export function narrowTable(
  columns: readonly RankedColumn[],
  rows: readonly (readonly string[])[],
  widthColumns: number,
): NarrowTable {
  const widths = columns.map(({ title }, i) =>
    Math.max([...title].length, ...rows.map((row) => [...escapeUnprintable(row[i] ?? "")].length)),
  );
  const kept = new Set<number>();
  let width = -gap;
  const byRank = columns.map((_, i) => i).sort((a, b) => columns[a]!.rank - columns[b]!.rank);
  for (const i of byRank) {
    const wider = width + gap + widths[i]!;
    if (columns[i]!.rank > 1 && wider > widthColumns) continue;
    width = wider;
    kept.add(i);
  }
  const stays = (_: unknown, i: number): boolean => kept.has(i);
  return {
    text: textTable(
      columns.filter(stays).map(({ title, align = "right" }) => ({ title, align })),
      rows.map((row) => row.filter(stays)),
    ),
    leftOut: columns.filter((_, i) => !kept.has(i)).map(({ title }) => title),
  };
}

/** A line below a table that says what it lacks; nothing where it lacks nothing. */
export function leftOutText(leftOut: readonly string[]): string {
  return leftOut.length === 0 ? "" : `no room for ${leftOut.join(", ")} (--json has them)\n`;
}
