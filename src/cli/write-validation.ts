/** Writes a validation's page with its charts and data into a folder. */
import { join } from "node:path";
import { writeFileAtomically } from "../files/write-file-atomically.ts";
import { validationPage } from "../reporting/validation-page.ts";
import type { Validation } from "../validation/validate.ts";
import { chartFiles } from "./chart-files.ts";

/**
 * Writes validation.md, rows.csv and for each chart both themes, its data and its specification; returns how many files.
 * @throws WorkFailed where the folder cannot be written
 */
export async function writeValidation(
  validation: Validation,
  folder: string,
  interrupted: AbortSignal,
): Promise<number> {
  const page = validationPage(validation);
  let written = 0;
  const write = async (name: string, content: string | Uint8Array): Promise<void> => {
    await writeFileAtomically(join(folder, name), content);
    written += 1;
  };
  await write("rows.csv", page.rowsCsv);
  for (const [name, spec] of page.charts) {
    if (interrupted.aborted) return written;
    for (const [file, content] of await chartFiles(name, spec)) await write(file, content);
  }
  // Last, so that what it points to is there.
  await write("validation.md", page.text);
  return written;
}
