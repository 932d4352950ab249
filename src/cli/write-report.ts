/** Writes the report: pages, and for each chart its pictures, its data and its specification. The same bytes every time. */
import { join } from "node:path";
import { shippedCalibrations } from "../files/load-calibration.ts";
import { applyCeilingsFile } from "../files/load-ceilings.ts";
import { builtinHardwareNamed } from "../files/load-hardware.ts";
import { loadModel } from "../files/load-model.ts";
import { makeFolder } from "../files/make-folder.ts";
import { ownMeasurements } from "../files/own-measurements.ts";
import { writeFileAtomically } from "../files/write-file-atomically.ts";
import type { MeasuredMachine, ReportCatalog } from "../reporting/report-catalog.ts";
import type { ReportPage } from "../reporting/report-page.ts";
import { reportPages } from "../reporting/report-pages.ts";
import { chartFiles } from "./chart-files.ts";
import { chartOfCommand } from "./chart-of-command.ts";
import { reportPlans } from "./report-plans.ts";

/** The built-in profiles. */
export const builtinCatalog: ReportCatalog = {
  model: loadModel,
  hardware: builtinHardwareNamed,
  measured: null,
  plans: [],
};

/**
 * Writes all files below `folder`, each whole or not at all, and returns their paths in the order written.
 * @throws WorkFailed where the folder cannot be written
 */
export async function writeReport(folder: string, interrupted: AbortSignal): Promise<string[]> {
  // Before the pages are made, which takes seconds.
  await makeFolder(folder);
  const catalog = { ...builtinCatalog, measured: await measuredH100(), plans: await reportPlans() };
  return await writePages(reportPages(catalog), folder, interrupted);
}

/** Pages after what they show, and the first after the pages that it links to: where the disk is full no link is dead. */
export async function writePages(
  pages: readonly ReportPage[],
  folder: string,
  interrupted: AbortSignal,
): Promise<string[]> {
  const written: string[] = [];
  const write = async (name: string, content: string | Uint8Array): Promise<void> => {
    const path = join(folder, ...name.split("/"));
    await writeFileAtomically(path, content);
    written.push(path);
  };
  for (const page of pages) {
    for (const table of page.tables) await write(`data/${table.name}`, table.text);
    for (const chart of page.charts) {
      if (interrupted.aborted) return written;
      const spec = chart.spec ?? (await chartOfCommand(chart.command));
      for (const [name, content] of await chartFiles(chart.name, spec)) await write(`charts/${name}`, content);
    }
  }
  if (interrupted.aborted) return written;
  for (const page of [...pages].reverse()) await write(page.path, page.text);
  return written;
}

/** Null where the installation lacks the rows. */
async function measuredH100(): Promise<MeasuredMachine | null> {
  const own = await ownMeasurements("H100", ["attention", "steps"]);
  if (own === null) return null;
  const stated = builtinHardwareNamed("h100-sxm");
  const measured = await applyCeilingsFile(stated, own.ceilingsPath);
  return { tables: own.tables, stated, measured, calibrations: shippedCalibrations() };
}
