/** A crossover as a table for reading: a line a question, the batch and the context at which the answer flips. */
import type { AxisCrossings, Crossing, CrossoverReport, VariantMatters } from "../analysis/crossover-report.ts";
import { formatRatio } from "../quantity/format-quantity.ts";
import { textTable } from "./text-table.ts";

/** A question, under its name in the JSON, in the words of the table. */
export interface AskedCrossing {
  readonly name: string;
  readonly question: string;
  readonly crossings: AxisCrossings;
}

/** All questions of a report, in the table's order. */
export function askedCrossings(report: CrossoverReport): AskedCrossing[] {
  const variant = (name: string, matters: VariantMatters | null): AskedCrossing[] =>
    matters === null
      ? []
      : [
          {
            name,
            question: `${matters.attention} at least ${matters.threshold}x as fast as mha from`,
            crossings: matters,
          },
        ];
  return [
    { name: "weightToCache", question: "reads more cache than weights from", crossings: report.weightToCache },
    {
      name: "weightToCacheSeconds",
      question: "spends more time on cache than weights from",
      crossings: report.weightToCacheSeconds,
    },
    { name: "memoryToCompute", question: "memory-bound to compute-bound at", crossings: report.memoryToCompute },
    ...variant("multiQueryMatters", report.multiQueryMatters),
    ...variant("groupedQueryMatters", report.groupedQueryMatters),
    {
      name: "cacheEqualsWeights",
      question: "cache as large as weights in memory from",
      crossings: report.cacheEqualsWeights,
    },
  ];
}

/** @param verbose whether every answer gives its reason; without it only those of "never" and of answers that turn back */
export function crossoverText(report: CrossoverReport, heading: string, verbose: boolean): string {
  const asked = askedCrossings(report);
  const table = textTable(
    [
      { title: "the step" },
      { title: `batch (context ${report.context})` },
      { title: `context (batch ${report.batch})` },
    ],
    asked.map(({ question, crossings }) => [question, cell(crossings.batch), cell(crossings.context)]),
  );
  const reasons = asked.flatMap(({ question, crossings }) =>
    [crossings.batch, crossings.context].flatMap((crossing, i) =>
      verbose || crossing.value === null || crossing.until !== null
        ? [`  ${question} ${i === 0 ? "batch" : "context"} ${cell(crossing)}: ${crossing.reason} (${crossing.method})`]
        : [],
    ),
  );
  const ridges = textTable(
    [{ title: "operation" }, { title: "compute-bound from batch" }, { title: "", align: "left" }],
    report.operations.map(({ name, batch }) => [
      name,
      cell(batch),
      verbose || batch.value === null ? batch.reason : "",
    ]),
  );
  const memory = `fits in memory: batch ${limit(report.largestBatch)} at context ${report.context}, context ${limit(report.largestContext)} at batch ${report.batch}; * does not fit`;
  return [
    `${heading}: bound by ${report.bound}${report.fits ? "" : " if it fitted"}`,
    "",
    table.trimEnd(),
    memory,
    ...(reasons.length > 0 ? ["", ...reasons] : []),
    "",
    ridges.trimEnd(),
    ...[report.multiQueryMatters, report.groupedQueryMatters].flatMap((each) =>
      each === null ? [] : [speedups(each)],
    ),
    "",
  ].join("\n");
}

function speedups(matters: VariantMatters): string {
  const { batch, context } = matters.asymptoticSpeedup;
  return `${matters.attention} over mha: ${formatRatio(matters.speedup)} here, towards ${formatRatio(batch)} as the batch grows, ${formatRatio(context)} as the context grows`;
}

function cell(crossing: Crossing): string {
  return crossing.value === null ? "never" : `${crossing.value}${crossing.fits === false ? " *" : ""}`;
}

function limit(largest: number | null): string {
  if (largest === null) return "any";
  return largest === 0 ? "none" : `up to ${largest}`;
}
