/**
 * Writes a file bit by bit, whole or not at all: into a temporary file beside it, which gets its name only at the end.
 * A device or a pipe (/dev/null, a named pipe) is written to directly; the permissions of a file written over stay.
 */
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeFolder } from "./make-folder.ts";
import { systemErrorReason } from "./system-error-reason.ts";
import { WorkFailed } from "./work-failed.ts";
import { writeTarget } from "./write-target.ts";

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
  const target = await writeTarget(path);
  if (target.direct) return new Stream(path, null, await opened(path, path, "w"));
  const folder = dirname(target.path);
  await makeFolder(folder);
  const temporary = join(folder, `.${basename(target.path).slice(0, 100)}.${process.pid}-s${streams++}.tmp`);
  const names = { temporary, target: target.path };
  if (target.mode === null) return new Stream(path, names, await opened(path, temporary, "wx"));
  const file = await opened(path, temporary, "wx", target.mode);
  // Bits that the umask took away; a file system without permissions refuses, and has none to keep.
  await file.chmod(target.mode).catch(() => undefined);
  return new Stream(path, names, file);
}

async function opened(path: string, actual: string, flags: string, mode = 0o666): Promise<FileHandle> {
  try {
    return await open(actual, flags, mode);
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
