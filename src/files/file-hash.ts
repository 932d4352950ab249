/** The hash by which a fit knows the tables that it was made of. */
import { createHash } from "node:crypto";
import { maximumTableBytes } from "./load-foreign-file.ts";
import { readFileBytes } from "./read-text-file.ts";

/** SHA-256 of a file's bytes, in hexadecimal digits. @throws InvalidInput for a file that can't be read */
export async function fileHash(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFileBytes(path, "table", maximumTableBytes))
    .digest("hex");
}
