/** Devices to write to in a test's own folder, so that code that replaces what it is given can do no harm. */
import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";

/** Linux's numbers of the memory devices. */
const minors = { null: 3, full: 7 } as const;

/** A device's copy, or null where none can be made: it takes Linux, the right to, and a file system that has devices. */
export function deviceCopy(folder: string, name: keyof typeof minors): string | null {
  const path = join(folder, name);
  try {
    if (spawnSync("mknod", [path, "c", "1", `${minors[name]}`]).status !== 0) return null;
    closeSync(openSync(path, "r+"));
    return path;
  } catch {
    return null;
  }
}

/** A named pipe, or null where the system has none. */
export function namedPipe(folder: string, name: string): string | null {
  const path = join(folder, name);
  return spawnSync("mkfifo", [path]).status === 0 ? path : null;
}
