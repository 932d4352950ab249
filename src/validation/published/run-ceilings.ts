/**
 * Ceilings that published runs are fitted against, by hardware profile; where there is none, the datasheet's figure stands.
 *   reading     the largest figure of benchmarks that stream through memory and only read it (gpu-stream's read, BabelStream's dot
 *               product) in a table of source, device, what, value_gb_per_s, recalled. Derived figures ("weights read per second
 *               while decoding") and recalled ones are no ceilings
 *   computing   machines whose peaks were measured
 */
import { parseCsv } from "../../measurement/parse-csv.ts";
import type { FittedMachine } from "../../timing/kernel-machine.ts";
import { machineOfLabel } from "./run-labels.ts";

export interface RunCeilings {
  /** Bytes a second by the id of the profile. */
  readonly reading: ReadonlyMap<string, number>;
  /** Machines as their datasheets and as measurements have them: reached-peaks.ts. */
  readonly computing: readonly FittedMachine[];
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
