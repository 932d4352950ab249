/** Why rows of whole engines are left without a prediction: counted by reason, so that none is left out silently. */
import type { EngineRow } from "../../measurement/measurement-row.ts";

export interface EngineRowReasons {
  leave(row: EngineRow, reason: string): void;
  /** In the order in which the reasons first came up. */
  readonly counts: () => ReadonlyMap<string, number>;
}

export function engineRowReasons(): EngineRowReasons {
  const rows = new Map<string, Set<EngineRow>>();
  return {
    leave(row, reason) {
      const own = rows.get(reason) ?? new Set();
      rows.set(reason, own.add(row));
    },
    counts: () => new Map([...rows].map(([reason, own]) => [reason, own.size])),
  };
}

/** @example "56 rows of engines are not predicted: requests queue: not a fixed batch" */
export function reasonNotes({ counts }: EngineRowReasons): string[] {
  return [...counts()].map(
    ([reason, rows]) =>
      `${rows} ${rows === 1 ? "row of an engine is" : "rows of engines are"} not predicted: ${reason}`,
  );
}
