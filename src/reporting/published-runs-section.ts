/** Published runs of engines, predicted by constants that were fitted on other machines: the tables of a report. */
import { engineForm } from "../timing/engine-form.ts";
import type { ErrorStatistics } from "../validation/error-statistics.ts";
import { type PeerFormula, peerFormulas } from "../validation/published/peer-formulas.ts";
import type { EngineScore, PublishedScores } from "../validation/published-runs.ts";
import { markdownTable, plainMarkdown } from "./markdown.ts";

const digits = 3;

/** Errors held out beside peers' formulas, the halves, the constants, and what was left out. */
export function publishedRunsSection(scores: PublishedScores): string {
  const engines = scores.engines.filter(({ heldOut }) => heldOut !== null);
  return `Each engine's machines are dealt into two halves in the order of their bandwidth (one machine's runs by their models), and each
half is predicted by the constants that were fitted on the other. Errors in per cent of the measured time.

${errorTable(engines)}
${halvesTable(engines)}
${constantsTable(scores.engines)}
Left out, by rules that know no row by its name:

${markdownTable(
  ["rows:", "reason"],
  scores.leftOut.map(({ reason, rows }) => [`${rows.length}`, plainMarkdown(reason)]),
)}`;
}

function errorTable(engines: readonly EngineScore[]): string {
  const medianOf = (statistics: ErrorStatistics | null | undefined): string =>
    statistics === null || statistics === undefined ? "" : percent(statistics.medianAbsolutePercentageError);
  const rows = engines.map((score) => [
    plainMarkdown(score.engine.fit.name),
    `${score.heldOut?.rows ?? 0}`,
    medianOf(score.heldOut),
    score.percentile90 === null ? "" : percent(score.percentile90),
    percent(score.heldOut?.maxAbsolutePercentageError ?? 0),
    percent(score.heldOut?.bias ?? 0),
    ...peerFormulas.map((formula: PeerFormula) => medianOf(score.peers?.[formula])),
    medianOf(score.prefill),
  ]);
  const titles = ["engine", "runs:", "median:", "90th percentile:", "maximum:", "bias:"];
  return markdownTable([...titles, ...peerFormulas.map((formula) => `${formula}, median:`), "prefills, median:"], rows);
}

function halvesTable(engines: readonly EngineScore[]): string {
  const rows = engines.flatMap(({ engine, halves }) =>
    halves.map(({ names, fitted, tested }) => [
      plainMarkdown(engine.fit.name),
      plainMarkdown(names.join(", ")),
      `${tested.rows}`,
      percent(fitted.medianAbsolutePercentageError),
      percent(tested.medianAbsolutePercentageError),
    ]),
  );
  return markdownTable(["engine", "half", "runs:", "fitted, median:", "by the other half's fit, median:"], rows);
}

/** One row a constant: of both halves and of all runs. */
function constantsTable(engines: readonly EngineScore[]): string {
  const rows = engines.flatMap(({ engine, halves, constants, atBound }) =>
    Object.entries(constants).map(([name, value]) => [
      plainMarkdown(engine.fit.name),
      name,
      engineForm.parameters.find((each) => each.name === name)?.meaning ?? "",
      ...[0, 1].map((half) => amount(name, halves[half]?.constants[name])),
      `${amount(name, value)}${atBound.includes(name) ? " (at its bound)" : ""}`,
    ]),
  );
  return markdownTable(["engine", "constant", "meaning", "first half:", "second half:", "all runs:"], rows);
}

function amount(name: string, value: number | undefined): string {
  if (value === undefined) return "";
  return name.endsWith("Seconds")
    ? `${Number((value * 1e6).toPrecision(digits))} µs`
    : `${Number(value.toPrecision(digits))}`;
}

function percent(value: number): string {
  return value.toFixed(1);
}
