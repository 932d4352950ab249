/** A folder that takes files: tried out before work whose result would otherwise be lost. */
import { open, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "./make-folder.ts";
import { systemErrorReason } from "./system-error-reason.ts";
import { WorkFailed } from "./work-failed.ts";

export interface WritableFolder {
  /** Removes what was made of it and is still empty. */
  leave(): Promise<void>;
}

/**
 * Makes the folder where missing, writes a file there and removes it.
 * @throws WorkFailed where either cannot be done; nothing is left behind then
 */
export async function writableFolder(path: string): Promise<WritableFolder> {
  const made = await makeFolder(path);
  const leave = async (): Promise<void> => {
    for (const folder of [...made].reverse()) await rmdir(folder).catch(() => undefined);
  };
  const probe = join(path, `.ridgepoint-${process.pid}.tmp`);
  try {
    const file = await open(probe, "w");
    try {
      // A full disk takes names, and no bytes.
      await file.writeFile(new Uint8Array(4096));
    } finally {
      await file.close();
      await rm(probe, { force: true });
    }
  } catch (error) {
    await leave();
    throw new WorkFailed(`write into ${path}`, systemErrorReason(error));
  }
  return { leave };
}
