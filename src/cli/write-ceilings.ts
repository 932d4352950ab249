/** The files of `ridgepoint measure ceilings`: the hardware profile, the memory mountain's points, and its chart. */
import { access, readFile } from "node:fs/promises";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { memoryMountainChart } from "../charts/memory-mountain.ts";
import type { ChartTheme } from "../charts/theme.ts";
import { readHardwareFile } from "../files/load-hardware.ts";
import { renderChart } from "../files/render-chart.ts";
import { writeFileAtomically } from "../files/write-file-atomically.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { csvText, jsonText } from "./output.ts";
import { type MeasuredCeilings, mountainRows } from "./printed-ceilings.ts";

/**
 * The path, if what stands there and beside it may be written over: nothing, or what was measured before.
 * @throws InvalidInput for another ending than .json, and a file that is something else
 */
export async function checkedProfilePath(path: string): Promise<string> {
  if (!/\.json$/i.test(path)) throw new InvalidInput("out", path, "wants a file that ends with .json");
  if ((await isThere(path)) && !(await isMeasuredProfile(path))) {
    throw new InvalidInput("out", path, "is there and is no measured profile; wants another name");
  }
  const beside = besideProfile(path);
  for (const [name, mark] of [
    [beside.points, /^stream,threads,working_set_bytes,bytes_per_s,/],
    [beside.chart, /^<svg [\s\S]*Memory of /],
  ] as const) {
    if (!(await isThere(name))) continue;
    const text = await readFile(name, "utf8").catch(() => "");
    if (mark.test(text)) continue;
    throw new InvalidInput("out", path, `${name} is there and was not written beside a profile; wants another name`);
  }
  return path;
}

function besideProfile(path: string): { readonly points: string; readonly chart: string } {
  const stem = path.replace(/\.json$/i, "");
  return { points: `${stem}-mountain.csv`, chart: `${stem}-mountain.svg` };
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

async function isMeasuredProfile(path: string): Promise<boolean> {
  return await readHardwareFile(path, "out").then(
    ({ hardware }) => hardware.basis === "measured",
    () => false,
  );
}

/**
 * Writes all three and answers their names; the profile last, so that where it stands the others do.
 * @param path the profile's, as checkedProfilePath allows it
 * @throws WorkFailed where a file cannot be written
 */
export async function writeCeilings(measured: MeasuredCeilings, path: string, theme: ChartTheme): Promise<string[]> {
  const beside = besideProfile(path);
  const files: [string, string | Uint8Array][] = [
    [beside.points, csvText(mountainRows(measured))],
    [beside.chart, await renderChart(mountainChart(measured), { format: "svg", theme })],
    [path, jsonText(measured.profile)],
  ];
  for (const [name, content] of files) await writeFileAtomically(name, content);
  return files.map(([name]) => name).reverse();
}

/** The memory mountain of what was measured. */
export function mountainChart({ streams, machine, threads, levels, backend }: MeasuredCeilings): ChartSpec {
  const shown = levels.find((each) => each.threads === threads)?.levels ?? [];
  return memoryMountainChart({
    title: `Memory of ${machine.processor}`,
    subtitle: `${backend}, ${machine.date}, Node ${machine.node}; caches as ${threads} thread${threads === 1 ? " has" : "s have"} them`,
    caches: shown.flatMap(({ name, bytes }) => (bytes === null ? [] : [{ name, bytes }])),
    rows: streams.map(({ stream, workingSetBytes, bytesPerSecond: rate, threads: on }) => ({
      series: stream,
      threads: on,
      workingSetBytes,
      bytesPerSecond: rate.median,
      leastBytesPerSecond: rate.least,
      largestBytesPerSecond: rate.largest,
    })),
  });
}
