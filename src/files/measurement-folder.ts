/**
 * The folder that measurements are kept in: a table a kind and machine.json beside them. Opened again on the same machine it
 * says which rows stand there already; another machine's is refused, never written over. One process at a time is let in.
 */
import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { parseJson } from "../architecture/parse-json.ts";
import type { MachineDescription } from "../measurement/machine-description.ts";
import { type RowResult, resultCells, storedRowKey, tableColumns } from "../measurement/measured-cells.ts";
import { type MeasuredKind, measuredKinds } from "../measurement/measurement-row.ts";
import { isWorthRetrying } from "../measurement/memory-lack.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { type AppendedTable, openTable, type TableFile } from "./append-table.ts";
import { lockFolder } from "./folder-lock.ts";
import { makeFolder } from "./make-folder.ts";
import { readTextFile } from "./read-text-file.ts";
import { systemErrorReason } from "./system-error-reason.ts";
import { WorkFailed } from "./work-failed.ts";
import { writeFileAtomically } from "./write-file-atomically.ts";

export interface MeasurementFolder {
  /** Keys of the rows that stand there (measurement/measured-cells.ts). */
  readonly keys: ReadonlySet<string>;
  /** Those of them that failed when last measured, or lacked memory. */
  readonly failedKeys: ReadonlySet<string>;
  /** Tables whose last line was torn and cut away. */
  readonly cut: readonly string[];
  tablePath(kind: MeasuredKind): string;
  /** Settles when the row is on the disk. @throws WorkFailed */
  record(result: RowResult): Promise<void>;
  close(): Promise<void>;
}

/** What must be the same for rows to stand in one table. */
const identity = ["processor", "architecture", "cores", "node", "version", "adapter"] as const;
const machineFile = "machine.json";

/**
 * Opens the folder for rows of these kinds; it and its tables are made where missing.
 * @throws InvalidInput where it holds another machine's measurements or a table that can't be continued, WorkFailed where it
 *   can't be written or another process measures into it
 */
export async function openMeasurementFolder(
  folder: string,
  machine: MachineDescription,
  kinds: readonly MeasuredKind[],
  openFile?: (path: string) => Promise<TableFile>,
): Promise<MeasurementFolder> {
  await makeFolder(folder);
  const unlock = await lockFolder(folder);
  const tablePath = (kind: MeasuredKind): string => join(folder, `${kind}.csv`);
  const tables = new Map<MeasuredKind, AppendedTable>();
  const close = async (): Promise<void> => {
    for (const table of tables.values()) await table.close().catch(() => undefined);
    await unlock();
  };
  try {
    const isKept = await holdsMachine(folder, machine);
    for (const kind of kinds) tables.set(kind, await openTable(tablePath(kind), tableColumns(kind), openFile));
    if (!isKept) await writeFileAtomically(join(folder, machineFile), `${JSON.stringify(machine, null, 2)}\n`);
  } catch (error) {
    await close();
    throw error;
  }
  const statuses = new Map<string, string>();
  for (const [kind, { stored }] of tables) {
    for (const cells of stored) statuses.set(storedRowKey(kind, cells), cells["status"] ?? "");
  }
  const failed = [...statuses].flatMap(([key, status]) => (isWorthRetrying(status) ? [key] : []));
  const labels = { machine: machine.label, date: machine.date };
  return {
    keys: new Set(statuses.keys()),
    failedKeys: new Set(failed),
    cut: [...tables].flatMap(([kind, { cut }]) => (cut ? [tablePath(kind)] : [])),
    tablePath,
    async record(result) {
      const table = tables.get(result.row.shape.kind);
      if (table === undefined) throw new RangeError(`no table of ${result.row.shape.kind} was opened`);
      await table.append(resultCells(result, labels));
    },
    close,
  };
}

/**
 * Moves what was measured before into a folder of its own inside, so that a grid begins anew and nothing is lost.
 * @returns the folder, null where nothing stood there
 * @throws WorkFailed where it can't be done, or another process measures into the folder
 */
export async function setMeasurementsAside(folder: string): Promise<string | null> {
  const names = [...measuredKinds.map((kind) => `${kind}.csv`), machineFile];
  const there = await readdir(folder).catch(() => [] as string[]);
  const moved = names.filter((name) => there.includes(name));
  if (moved.length === 0) return null;
  const unlock = await lockFolder(folder);
  try {
    let number = 1;
    while (there.includes(`before-${number}`)) number += 1;
    const aside = join(folder, `before-${number}`);
    await mkdir(aside);
    for (const name of moved) await rename(join(folder, name), join(aside, name));
    return aside;
  } catch (error) {
    throw new WorkFailed(`set aside the measurements in ${folder}`, systemErrorReason(error));
  } finally {
    await unlock();
  }
}

/** Whether the machine's description stands there; @throws InvalidInput where another's does. */
async function holdsMachine(folder: string, machine: MachineDescription): Promise<boolean> {
  const path = join(folder, machineFile);
  const there = await readdir(folder).catch(() => [] as string[]);
  if (!there.includes(machineFile)) return false;
  const stored = parseJson(await readTextFile(path, "out"), path);
  const isObject = typeof stored === "object" && stored !== null;
  for (const name of identity) {
    const was = isObject ? (stored as Readonly<Record<string, unknown>>)[name] : undefined;
    // The processor's rows say nothing of an adapter, a GPU's rows may be added to them.
    const isNoOther = was === machine[name] || (name === "adapter" && (was === null || machine.adapter === null));
    if (isNoOther) continue;
    const said = typeof was === "object" && was !== null ? JSON.stringify(was) : (was ?? "missing");
    const difference = `there ${name} is ${said}, here ${machine[name] ?? "none"}`;
    const wants = `holds measurements taken with another machine, Node or version: ${difference}; name another folder with --out, or set them aside with --fresh`;
    throw new InvalidInput("out", folder, wants);
  }
  return (stored as MachineDescription).adapter !== null || machine.adapter === null;
}
