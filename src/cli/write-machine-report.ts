/** Writes what `validate --here` measured and found: tables, profile, fit, charts, and the page that shows them. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { writeFileAtomically } from "../files/write-file-atomically.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { chartFiles } from "./chart-files.ts";

export interface MachineFiles {
  readonly folder: string;
  /** Text by file name, written first. */
  readonly data: ReadonlyMap<string, string>;
  readonly charts: ReadonlyMap<string, ChartSpec>;
  readonly page: string;
}

const pageName = "README.md";
const pageMark = /^# One machine: .*\n+Written by `ridgepoint validate --here`/;

/**
 * The folder, if a report may be written there: it is missing, holds no files (hidden ones and folders aside), or an earlier
 * report, which its page shows. The names of charts follow from what is measured, so that any file might be written over.
 * @throws InvalidInput for a folder that holds something else
 */
export async function checkedReportFolder(folder: string): Promise<string> {
  const there = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found = there.find((entry) => !entry.isDirectory() && !entry.name.startsWith("."));
  if (found === undefined) return folder;
  const page = await readFile(join(folder, pageName), "utf8").catch(() => "");
  if (pageMark.test(page)) return folder;
  const named = there.some(({ name }) => name === pageName) ? pageName : found.name;
  throw new InvalidInput("out", folder, `holds ${named} and no earlier report of --here; wants another folder`);
}

/**
 * Writes all files, each whole or not at all, and answers their names; the page last, so that what it points to is there.
 * @throws WorkFailed where the folder cannot be written
 */
export async function writeMachineReport(files: MachineFiles): Promise<string[]> {
  const written: string[] = [];
  const write = async (name: string, content: string | Uint8Array): Promise<void> => {
    await writeFileAtomically(join(files.folder, name), content);
    written.push(name);
  };
  for (const [name, text] of files.data) await write(name, text);
  for (const [name, spec] of files.charts) {
    for (const [file, content] of await chartFiles(name, spec)) await write(file, content);
  }
  await write(pageName, files.page);
  return written;
}
