/** Reads a file that a user named, text unless said otherwise, refusing what cannot be one. */
import { readFile, stat } from "node:fs/promises";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { systemErrorReason } from "./system-error-reason.ts";

/** No profile, config.json or sweep file comes near this; measurement tables are read by another path. */
const defaultMaximumBytes = 16 * 1024 * 1024;

/**
 * The file's text, decoded as UTF-8, without a byte order mark.
 * @param field the option or argument that named the file, for the message
 * @throws InvalidInput where it is missing, no regular file, unreadable, larger than maximumBytes or not UTF-8
 * @example a missing x.json for "--config" throws "invalid --config: x.json (no such file)"
 */
export async function readTextFile(
  path: string,
  field: string,
  maximumBytes: number = defaultMaximumBytes,
): Promise<string> {
  return readTextBytes(await readFileBytes(path, field, maximumBytes), path, field);
}

/** @throws InvalidInput for bytes that are not UTF-8 */
export function readTextBytes(bytes: Uint8Array, path: string, field: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new InvalidInput(field, path, "not a text file in UTF-8");
  }
}

/** As readTextFile, undecoded. */
export async function readFileBytes(
  path: string,
  field: string,
  maximumBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    // Looked at before it is opened, since opening a pipe that nobody writes to never returns.
    const status = await stat(path);
    if (status.isDirectory()) throw new InvalidInput(field, path, "is a directory, wants a file");
    if (!status.isFile()) throw new InvalidInput(field, path, "is no regular file");
    if (status.size > maximumBytes) throw tooLarge(path, field, status.size, maximumBytes);
    return await readFile(path);
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    throw new InvalidInput(field, path, systemErrorReason(error));
  }
}

function tooLarge(path: string, field: string, bytes: number, maximumBytes: number): InvalidInput {
  const size = (count: number): string => `${(count / 2 ** 20).toPrecision(3)} MiB`;
  return new InvalidInput(field, path, `the file has ${size(bytes)}, at most ${size(maximumBytes)} are read`);
}
