/** Writes a validation's page with its charts and data into a folder. */
import { join } from "node:path";
import { renderChart } from "../files/render-chart.ts";
import { writeFileAtomically } from "../files/write-file-atomically.ts";
import { chartCsv } from "../reporting/csv-text.ts";
import { validationPage } from "../reporting/validation-page.ts";
import type { Validation } from "../validation/validate.ts";

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
    await write(`${name}.light.svg`, await renderChart(spec, { format: "svg", theme: "light" }));
    await write(`${name}.dark.svg`, await renderChart(spec, { format: "svg", theme: "dark" }));
    await write(`${name}.vl.json`, await renderChart(spec, { format: "vega-lite" }));
    await write(`${name}.csv`, chartCsv(spec));
  }
  // Last, so that what it points to is there.
  await write("validation.md", page.text);
  return written;
}
