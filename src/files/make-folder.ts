/** Makes a folder and those above it. */
import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { systemErrorReason } from "./system-error-reason.ts";
import { WorkFailed } from "./work-failed.ts";

/**
 * Makes the folder where it is missing, and answers which it made, the outermost first. Step by step, since Node's own recursive mkdir never returns where a file system
 * answers "no such file" to every new folder, as /proc does (seen with Node 20.20).
 * @throws WorkFailed where it cannot be made, or a file has its name
 */
export async function makeFolder(path: string): Promise<string[]> {
  const whole = resolve(path);
  const missing: string[] = [];
  try {
    let at = whole;
    while (!(await isFolder(at))) {
      missing.push(at);
      at = dirname(at);
    }
    const made: string[] = [];
    for (const folder of missing.reverse()) {
      await mkdir(folder).then(
        () => made.push(folder),
        (error) => acceptFolder(folder, error),
      );
    }
    return made;
  } catch (error) {
    throw new WorkFailed(`make the folder ${path}`, systemErrorReason(error));
  }
}

/** False where nothing is there yet. */
async function isFolder(path: string): Promise<boolean> {
  try {
    const status = await stat(path);
    if (status.isDirectory()) return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
  throw Object.assign(new Error("a file of that name exists"), { code: "EEXIST" });
}

/** Somebody else may have made it meanwhile. */
async function acceptFolder(path: string, error: NodeJS.ErrnoException): Promise<void> {
  if (error.code !== "EEXIST" || !(await isFolder(path))) throw error;
}
