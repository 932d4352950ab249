/** Writes a fit with its page and charts into a folder. */
import { join } from "node:path";
import { writeFileAtomically } from "../files/write-file-atomically.ts";
import { fitPage } from "../reporting/fit-page.ts";
import type { CalibrationResult } from "../validation/calibrate.ts";
import type { FitFile } from "../validation/fit-file-schema.ts";
import { chartFiles } from "./chart-files.ts";
import { jsonText } from "./output.ts";

/**
 * Writes fit.json, and, unless the rows are not to be shown, fit/README.md, fit/residuals.csv and charts beside them, so that tables and
 * what is made of them do not mix; returns how many files.
 * @throws WorkFailed where the folder cannot be written
 */
export async function writeFit(
  result: CalibrationResult,
  fit: FitFile,
  folder: string,
  { withRows, interrupted }: { readonly withRows: boolean; readonly interrupted: AbortSignal },
): Promise<number> {
  let written = 0;
  const write = async (name: string, content: string | Uint8Array): Promise<void> => {
    await writeFileAtomically(join(folder, ...name.split("/")), content);
    written += 1;
  };
  if (withRows) {
    const page = fitPage(result, fit.source);
    for (const [name, spec] of page.charts) {
      if (interrupted.aborted) return written;
      for (const [file, content] of await chartFiles(name, spec)) await write(`fit/${file}`, content);
    }
    await write("fit/residuals.csv", page.residualsCsv);
    await write("fit/README.md", page.text);
  }
  // Last, so that it never stands beside charts of another fit.
  await write("fit.json", jsonText(fit));
  return written;
}
