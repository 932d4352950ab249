/**
 * A folder that one process at a time works in: a file in it, made exclusively, names the process. What a killed process left
 * behind is taken over.
 */
import { open, readFile, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { systemErrorReason } from "./system-error-reason.ts";
import { WorkFailed } from "./work-failed.ts";

/** Gives the folder free; done twice it does nothing. */
export type Unlock = () => Promise<void>;

export const lockName = "measure.lock";

/** What this process works in or is about to: its number in a file says nothing of it, after a restart of a container another had the same. */
const held = new Set<string>();

/** @throws WorkFailed where another process works there, or nothing can be written */
export async function lockFolder(folder: string): Promise<Unlock> {
  const path = join(folder, lockName);
  const key = resolve(path);
  if (held.has(key)) throw busy(folder, path, `process ${process.pid}`);
  // Before the file is made: until it is written another call of this process would take it for one that was left behind.
  held.add(key);
  try {
    await makeLock(folder, path);
  } catch (error) {
    held.delete(key);
    throw error;
  }
  let isMine = true;
  return async () => {
    if (!isMine) return;
    isMine = false;
    await rm(path, { force: true }).catch(() => undefined);
    held.delete(key);
  };
}

async function makeLock(folder: string, path: string): Promise<void> {
  const text = `${JSON.stringify({ pid: process.pid, host: hostname() })}\n`;
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await made(path, text)) return;
    const found = await content(path);
    if (found === null) continue;
    const owner = liveOwner(found);
    if (owner !== null) throw busy(folder, path, owner);
    await removeStale(path, found);
  }
  throw busy(folder, path, "another process");
}

function busy(folder: string, path: string, owner: string): WorkFailed {
  return new WorkFailed(`measure into ${folder}`, `${owner} does so already; if it does not, remove ${path}`);
}

/** False where one is there. */
async function made(path: string, text: string): Promise<boolean> {
  try {
    const file = await open(path, "wx");
    try {
      await file.writeFile(text);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw new WorkFailed(`write ${path}`, systemErrorReason(error));
  }
}

/** Null where it is gone. An empty one may be about to be filled. */
async function content(path: string): Promise<string | null> {
  const read = async (): Promise<string | null> =>
    await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw new WorkFailed(`read ${path}`, systemErrorReason(error));
    });
  const first = await read();
  if (first !== "") return first;
  await pause(100);
  return await read();
}

/** Which other process holds it, null where none does any more. Whether a process of another machine lives can't be known: it does. */
function liveOwner(text: string): string | null {
  const { pid, host } = ownerOf(text);
  if (pid === null) return null;
  if (host !== hostname()) return `process ${pid} on ${host}`;
  if (pid === process.pid) return null;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return null;
  }
  return `process ${pid}`;
}

/** No process where the text is cut off. */
function ownerOf(text: string): { readonly pid: number | null; readonly host: string } {
  try {
    const { pid, host } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return { pid: Number.isSafeInteger(pid) && Number(pid) > 0 ? Number(pid) : null, host: String(host) };
  } catch {
    return { pid: null, host: "" };
  }
}

/** Moved away before it is removed: what two processes do at once only one of them does, and a new one is put back. */
async function removeStale(path: string, text: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
    if ((await readFile(aside, "utf8")) === text) await rm(aside, { force: true });
    else await rename(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw new WorkFailed(`remove ${path}`, systemErrorReason(error));
  }
}
