/** Kernels that a table says are of another engine than the one whose fit is made of them. */
import type { MeasurementTable } from "../measurement/measurement-table.ts";
import { type EngineId, engineIds } from "../timing/execution-profile.ts";

/**
 * A sentence for each engine that a table names beside the one asked for, with its rows; names that are of none of ours are passed over.
 * @example ["attention.csv: 120 rows of vllm fitted as kernels of pytorch-graph (--engine vllm if that is whose they are)"]
 */
export function otherSoftwareNotes(tables: readonly MeasurementTable[], engine: EngineId): string[] {
  return tables.flatMap(({ name, rows }) => {
    const counts = new Map<EngineId, number>();
    for (const row of rows) {
      const named = row.kind === "engine" ? undefined : engineIds.find((id) => plain(id) === plain(row.engine ?? ""));
      if (named !== undefined && named !== engine) counts.set(named, (counts.get(named) ?? 0) + 1);
    }
    const table = name.replace(/^.*[\\/]/, "");
    return [...counts].map(
      ([named, count]) =>
        `${table}: ${count} ${count === 1 ? "row" : "rows"} of ${named} fitted as kernels of ${engine} (--engine ${named} if that is whose they are)`,
    );
  });
}

/** As tables spell it: "trtllm", "VLLM". */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}
