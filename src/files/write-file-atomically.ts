/** Writes a file whole or not at all: into a temporary file beside it, then renamed over it. */
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeFolder } from "./make-folder.ts";
import { systemErrorReason } from "./system-error-reason.ts";
import { WorkFailed } from "./work-failed.ts";

let written = 0;

/**
 * Writes the file, its folder too where missing; a reader sees the old content or the new, never a part.
 * @throws WorkFailed where the folder cannot be written or the disk is full; the temporary file is removed
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path).slice(0, 100)}.${process.pid}-${written++}.tmp`);
  await makeFolder(folder);
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(content);
      // A full disk is sometimes reported only here.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new WorkFailed(`write ${path}`, systemErrorReason(error));
  }
}
