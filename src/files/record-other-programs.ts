/** Keeps beside measurements how much of the processors other programs used while they were taken: the most of all runs. */
import { join } from "node:path";
import { parseJson } from "../architecture/parse-json.ts";
import { readTextFile } from "./read-text-file.ts";
import { writeFileAtomically } from "./write-file-atomically.ts";

/**
 * Adds otherProgramsPercent to the folder's machine.json.
 * @param share of all processor time, 0 to 1
 */
export async function recordOtherPrograms(folder: string, share: number): Promise<void> {
  const path = join(folder, "machine.json");
  const stored = parseJson(await readTextFile(path, "out"), path) as Readonly<Record<string, unknown>>;
  const before = Number(stored["otherProgramsPercent"] ?? 0);
  const percent = Math.max(before, Math.round(1000 * share) / 10);
  await writeFileAtomically(path, `${JSON.stringify({ ...stored, otherProgramsPercent: percent }, null, 2)}\n`);
}
