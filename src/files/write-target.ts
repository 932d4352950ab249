/** Where the bytes of a file that a user named end up. */
import { lstat, readlink, realpath, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { WorkFailed } from "./work-failed.ts";

export interface WriteTarget {
  /** A link's own target, so that the link stays one. */
  readonly path: string;
  /** True for a device or a pipe, which is written to itself, since another file in its place would be no device. */
  readonly direct: boolean;
  /** Permission bits of the file that is written over; null where there is none yet. */
  readonly mode: number | null;
}

/** As many links in a row as Linux follows. */
const mostLinks = 40;

/** @throws WorkFailed where a folder has the file's name, or links lead in a circle */
export async function writeTarget(path: string): Promise<WriteTarget> {
  const status = await stat(path).catch(() => null);
  if (status === null) return { path: await endOfLinks(path), direct: false, mode: null };
  if (status.isDirectory()) throw new WorkFailed(`write ${path}`, "is a directory");
  if (!status.isFile()) return { path, direct: true, mode: null };
  // An open file without a name (/dev/stdout of a deleted one) can only be written to.
  const real = await realpath(path).catch(() => null);
  return real === null ? { path, direct: true, mode: null } : { path: real, direct: false, mode: status.mode & 0o777 };
}

/** The name that a link to nothing stands for: its target is made, and the link stays. */
async function endOfLinks(path: string): Promise<string> {
  let at = path;
  for (let links = 0; links <= mostLinks; links++) {
    const isLink = await lstat(at).then(
      (status) => status.isSymbolicLink(),
      () => false,
    );
    if (!isLink) return at;
    const folder = await realpath(dirname(at));
    at = resolve(folder, await readlink(at));
  }
  throw new WorkFailed(`write ${path}`, "too many symbolic links");
}
