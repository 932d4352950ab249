/**
 * Ceilings that published runs are fitted against, by hardware profile; where there is none, the datasheet's figure stands.
 *   reading     the largest figure of benchmarks that stream through memory and only read it (gpu-stream's read, BabelStream's dot
 *               product) in a table of source, device, what, value_gb_per_s, recalled. Derived figures ("weights read per second
 *               while decoding") and recalled ones are no ceilings
 *   computing   the share of its datasheet's 16-bit peak that a measured machine of the same chip reached
 */
import type { Hardware } from "../../hardware/hardware.ts";
import { parseCsv } from "../../measurement/parse-csv.ts";
import { machineOfLabel } from "./run-labels.ts";

export interface RunCeilings {
  /** Bytes a second by the id of the profile. */
  readonly reading: ReadonlyMap<string, number>;
  /** Machines as their datasheets and as measurements have them. */
  readonly computing: readonly { readonly stated: Hardware; readonly measured: Hardware }[];
}

export const noCeilings: RunCeilings = { reading: new Map(), computing: [] };

const reads: readonly RegExp[] = [/^gpu-stream read \(best/i, /^BabelStream Dot$/i];

/**
 * The read ceilings in a table's text; a table without these columns has none.
 * @throws InvalidInput for text that is no table
 */
export function readCeilings(text: string, name: string): ReadonlyMap<string, number> {
  const records = parseCsv(text, name);
  const header = records.next();
  const columns = header.done === true ? [] : header.value.cells;
  const found = new Map<string, number>();
  for (const { cells } of records) {
    const cell = (column: string): string => cells[columns.indexOf(column)] ?? "";
    const machine = machineOfLabel(cell("device"));
    const gigabytes = Number(cell("value_gb_per_s"));
    const isRead = reads.some((pattern) => pattern.test(cell("what")));
    if (machine === null || !isRead || cell("recalled") === "yes" || !(gigabytes > 0)) continue;
    found.set(machine.hardware, Math.max(found.get(machine.hardware) ?? 0, gigabytes * 1e9));
  }
  return found;
}

/** The machine with its peaks as far as the chip was seen to reach them; the same chip has as many processors and the same peak. */
export function reachedPeaks(hardware: Hardware, { computing }: RunCeilings): Hardware {
  const of = (machine: Hardware): number | undefined => machine.peakFlopsPerSecond.bf16;
  const chip = computing.find(
    ({ stated }) =>
      stated.processors === hardware.processors && of(stated) === of(hardware) && of(stated) !== undefined,
  );
  if (chip === undefined) return hardware;
  const share = Math.min(1, (of(chip.measured) ?? 1) / (of(chip.stated) ?? 1));
  const peaks = Object.entries(hardware.peakFlopsPerSecond).map(([format, peak]) => [
    format,
    format === "fp32" || format === "fp64" ? peak : peak * share,
  ]);
  return { ...hardware, peakFlopsPerSecond: Object.fromEntries(peaks) };
}
