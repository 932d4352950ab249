/** Writes a file whole or not at all, as streamFile does with a file that is made bit by bit. */
import { streamFile } from "./stream-file.ts";

/**
 * Writes the file, its folder too where missing; a reader sees the old content or the new, never a part. A link is
 * followed, an old file's permissions stay, and a device or a pipe is written to directly.
 * @throws WorkFailed where the folder cannot be written or the disk is full; nothing is left behind then
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const file = await streamFile(path);
  await file.write(typeof content === "string" ? new TextEncoder().encode(content) : content);
  await file.commit();
}
