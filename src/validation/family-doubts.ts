/** What a reader of a fit should know about its rows: of one group only, of one workload only. */
import { rowWorkload } from "../measurement/row-operation.ts";
import type { FamilySamples } from "./form-samples.ts";

/** In sentences, each with the family's name before it. */
export function familyDoubts({ kind, kernel, format, samples }: FamilySamples): string[] {
  const doubts: string[] = [];
  const [first] = samples;
  if (first === undefined) return doubts;
  const distinct = (of: (sample: (typeof samples)[number]) => string): number => new Set(samples.map(of)).size;
  const name = `${kind}, ${kernel}, ${format}`;
  if (distinct(({ group }) => group) === 1) {
    doubts.push(`${name}: of one group only (${first.group}), so that errors and intervals are of fitted rows`);
  }
  if (kind === "collective" || kind === "small-kernel") return doubts;
  const workload = rowWorkload(first.row);
  if (kind.endsWith("attention") && distinct(({ row }) => String(rowWorkload(row).context)) === 1) {
    doubts.push(`${name}: of one context only (${workload.context}), so that other contexts are extrapolated`);
  } else if (distinct((sample) => sample.workload) === 1) {
    doubts.push(`${name}: of one number of tokens only (${workload.batch}), so that others are extrapolated`);
  }
  return doubts;
}
