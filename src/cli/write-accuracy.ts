/** Writes the accuracy report: page, lines as CSV, and each chart in both themes with its data and specification. */
import { access } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../files/write-file-atomically.ts";
import { accuracyCharts } from "../reporting/accuracy-charts.ts";
import { accuracyPage } from "../reporting/accuracy-page.ts";
import { planChecksSection } from "../reporting/plan-checks-section.ts";
import { publishedRunsSection } from "../reporting/published-runs-section.ts";
import { type AccuracyFolders, type AccuracyResult, accuracyInputs } from "./accuracy-lines.ts";
import { chartFiles } from "./chart-files.ts";

/** The report's inputs that are not there. */
export async function missingInputs(folders: AccuracyFolders): Promise<string[]> {
  const missing = await Promise.all(accuracyInputs(folders).map(async (path) => ((await isThere(path)) ? [] : [path])));
  return missing.flat();
}

/**
 * Writes all files below `folder`, the page last, and returns their paths.
 * @throws WorkFailed where the folder cannot be written
 */
export async function writeAccuracy(
  result: AccuracyResult,
  folder: string,
  interrupted: AbortSignal,
): Promise<string[]> {
  const written: string[] = [];
  const write = async (name: string, content: string | Uint8Array): Promise<void> => {
    const path = join(folder, name);
    await writeFileAtomically(path, content);
    written.push(path);
  };
  const charts = accuracyCharts(result);
  for (const [name, { spec }] of charts) {
    if (interrupted.aborted) return written;
    for (const [file, content] of await chartFiles(name, spec)) await write(file, content);
  }
  const texts = [publishedRunsSection(result.published), planChecksSection(result.plans)] as const;
  const page = accuracyPage({ ...result, charts }, ...texts);
  await write("accuracy.csv", page.csv);
  await write("README.md", page.text);
  return written;
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
