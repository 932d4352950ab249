/**
 * Writes a file bit by bit, whole or not at all: into a temporary file beside it, which gets its name only at the end.
 * A device or a pipe (/dev/null, a named pipe) is written to directly, since it can't be replaced.
 */
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeFolder } from "./make-folder.ts";
import { systemErrorReason } from "./system-error-reason.ts";
import { WorkFailed } from "./work-failed.ts";

export interface FileStream {
  /** Settles when the bytes have been taken, so that waiting for it holds back who makes them. @throws WorkFailed */
  write(bytes: Uint8Array): Promise<void>;
  /** Gives the file its name. @throws WorkFailed; nothing is left behind then */
  commit(): Promise<void>;
  /** Leaves nothing behind; may be called at any time, also after commit, when it does nothing. */
  discard(): Promise<void>;
}

let streams = 0;

/**
 * Opens a file for streaming; its folder is made where missing.
 * @throws WorkFailed where the folder cannot be written, or a folder has the file's name
 */
export async function streamFile(path: string): Promise<FileStream> {
  const target = await targetOf(path);
  if (target.direct) return new Stream(path, null, await opened(path, path, "w"));
  const folder = dirname(target.path);
  await makeFolder(folder);
  const temporary = join(folder, `.${basename(target.path).slice(0, 100)}.${process.pid}-s${streams++}.tmp`);
  return new Stream(path, { temporary, target: target.path }, await opened(path, temporary, "wx"));
}

/** Where the bytes end up: a link's own target, so that the link stays one. */
async function targetOf(path: string): Promise<{ path: string; direct: boolean }> {
  try {
    const status = await stat(path);
    if (status.isDirectory()) throw new WorkFailed(`write ${path}`, "is a directory");
    return { path: await realpath(path), direct: !status.isFile() };
  } catch (error) {
    if (error instanceof WorkFailed) throw error;
    return { path, direct: false };
  }
}

async function opened(path: string, actual: string, flags: string): Promise<FileHandle> {
  try {
    return await open(actual, flags);
  } catch (error) {
    throw new WorkFailed(`write ${path}`, systemErrorReason(error));
  }
}

class Stream implements FileStream {
  private readonly path: string;
  /** Null where the bytes go to the file itself. */
  private readonly names: { readonly temporary: string; readonly target: string } | null;
  private readonly file: FileHandle;
  private open = true;

  constructor(path: string, names: { temporary: string; target: string } | null, file: FileHandle) {
    this.path = path;
    this.names = names;
    this.file = file;
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; ) {
        at += (await this.file.write(bytes, at, bytes.length - at)).bytesWritten;
      }
    } catch (error) {
      await this.fail(error);
    }
  }

  async commit(): Promise<void> {
    try {
      // A full disk is sometimes reported only here.
      if (this.names !== null) await this.file.sync();
      this.open = false;
      await this.file.close();
      if (this.names !== null) await rename(this.names.temporary, this.names.target);
    } catch (error) {
      await this.fail(error);
    }
  }

  async discard(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    await this.file.close().catch(() => undefined);
    if (this.names !== null) await rm(this.names.temporary, { force: true }).catch(() => undefined);
  }

  private async fail(error: unknown): Promise<never> {
    await this.discard();
    if (this.names !== null) await rm(this.names.temporary, { force: true }).catch(() => undefined);
    throw new WorkFailed(`write ${this.path}`, systemErrorReason(error));
  }
}
