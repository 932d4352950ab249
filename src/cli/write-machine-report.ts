/** Writes what `validate --here` measured and found: tables, profile, fit, charts, and the page that shows them. */
import { join } from "node:path";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { renderChart } from "../files/render-chart.ts";
import { writeFileAtomically } from "../files/write-file-atomically.ts";
import { chartCsv } from "../reporting/csv-text.ts";

export interface MachineFiles {
  readonly folder: string;
  /** Text by file name, written first. */
  readonly data: ReadonlyMap<string, string>;
  readonly charts: ReadonlyMap<string, ChartSpec>;
  readonly page: string;
}

/**
 * Writes all files, each whole or not at all, and answers their names; the page last, so that what it points to is there.
 * @throws WorkFailed where the folder cannot be written
 */
export async function writeMachineReport(files: MachineFiles): Promise<string[]> {
  const written: string[] = [];
  const write = async (name: string, content: string | Uint8Array): Promise<void> => {
    await writeFileAtomically(join(files.folder, name), content);
    written.push(name);
  };
  for (const [name, text] of files.data) await write(name, text);
  for (const [name, spec] of files.charts) {
    await write(`${name}.light.svg`, await renderChart(spec, { format: "svg", theme: "light" }));
    await write(`${name}.dark.svg`, await renderChart(spec, { format: "svg", theme: "dark" }));
    await write(`${name}.vl.json`, await renderChart(spec, { format: "vega-lite" }));
    await write(`${name}.csv`, chartCsv(spec));
  }
  await write("README.md", files.page);
  return written;
}
