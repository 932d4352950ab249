/** This project's own measurements, where the installation holds them: the repository does, the package does not. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { MeasurementTable } from "../measurement/measurement-table.ts";
import { loadMeasurementTables } from "./load-measurement-table.ts";

export interface OwnMeasurements {
  readonly tables: readonly MeasurementTable[];
  /** ceilings.json of the machine. */
  readonly ceilingsPath: string;
}

/**
 * Tables of measurements/MACHINE/ by their names, such as "attention"; null where the folder is not there.
 * @throws InvalidInput for a table that can't be read
 */
export async function ownMeasurements(machine: string, kinds: readonly string[]): Promise<OwnMeasurements | null> {
  const folder = folderOf(machine);
  if (folder === null) return null;
  const loaded = await loadMeasurementTables(kinds.map((kind) => join(folder, `${kind}.csv`)));
  const tables = loaded.map((table, i) => ({ ...table, name: `${kinds[i]}.csv` }));
  return { tables, ceilingsPath: join(folder, "ceilings.json") };
}

/** measurements/MACHINE of the repository that this module belongs to, from its sources and from any depth of a bundle. */
function folderOf(machine: string): string | null {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = join(folder, "measurements", machine);
    if (existsSync(join(candidate, "ceilings.json"))) return candidate;
    const parent = dirname(folder);
    if (parent === folder) return null;
    folder = parent;
  }
}
