/** reports/accuracy/README.md: what was to be reached, what is, and simpler formulas on the same rows. Aggregates, no row of others' tables. */
import type { ChartSpec } from "../charts/chart-spec.ts";
import {
  type AccuracyLine,
  type AccuracySection,
  nearerFormulas,
  type TargetResult,
  targetResults,
} from "../validation/accuracy/accuracy-line.ts";
import { simpleFormulas } from "../validation/accuracy/simple-formulas.ts";
import type { PublishedScores } from "../validation/published-runs.ts";
import { csvRows } from "./csv-text.ts";
import { markdownTable, plainMarkdown, themedPicture } from "./markdown.ts";
import { signedPercent } from "./validation-page.ts";

export interface AccuracyPageInput {
  readonly lines: readonly AccuracyLine[];
  /** By the name of their files, with the section that shows them. */
  readonly charts: ReadonlyMap<string, AccuracyChart>;
  readonly published: PublishedScores;
  /** What was left out or stands in. */
  readonly notes: readonly string[];
}

export interface AccuracyChart {
  readonly section: AccuracySection | "comparison";
  readonly spec: ChartSpec;
}

interface SectionText {
  readonly title: string;
  readonly intro: string;
  readonly commands: readonly string[];
}

const tables = "../shared/peer-tables";
const h100 = `${tables}/h100_sxm`;
const a100 = `${tables}/a100_sxm`;
const ceilings = "--ceilings measurements/H100/ceilings.json";
const machine = `--hardware h100-sxm ${ceilings}`;

const sections: Readonly<Record<AccuracySection, SectionText>> = {
  steps: {
    title: "Whole steps of an H100",
    intro: `Our own 13 steps ([measurements/H100](../../measurements/H100/README.md)), predicted from kernels that were measured alone. No kernel's fit saw
a step. One constant, the start-up of the small kernels that nobody measured alone, is fitted on the steps of one model and scored on
the other model's, both ways round.`,
    commands: [`ridgepoint calibrate measurements/H100/*.csv ${machine} --out /tmp/fit`],
  },
  kernels: {
    title: "Kernels of an H100",
    intro: `Our own calls. Each is predicted by a fit that saw none of its group: no matrix of its shape, no call with its number of K/V heads.`,
    commands: [`ridgepoint calibrate measurements/H100/*.csv ${machine} --out /tmp/fit`],
  },
  tables: {
    title: "Tables of vLLM and TensorRT-LLM on an H100",
    intro: `Timings that aiconfigurator publishes (Apache-2.0), held out by group: a number of K/V heads, a matrix shape, a mixture's dimensions, a number of
devices. A line of a whole table comes first, its kernels and formats below it.`,
    commands: [
      `ridgepoint calibrate ${h100}/attention/vllm/0.24.0/generation_attention_perf.parquet ${machine} --engine vllm --without-rows --out /tmp/fit`,
      `ridgepoint calibrate ${h100}/gemm/vllm/0.24.0/gemm_perf.parquet ${machine} --engine vllm --without-rows --out /tmp/fit`,
    ],
  },
  transfer: {
    title: "An A100 from the H100's fit",
    intro: `vLLM's tables of an A100, predicted by the fit of its H100 tables: with nothing but the A100's datasheet, and with one measured figure more, its read
ceiling (BabelStream's dot product, as Microsoft published it). The affine fit of the comparison is the H100's, at the A100's datasheet.`,
    commands: [
      `ridgepoint validate ${a100}/attention/vllm/0.14.0/generation_attention_perf.parquet --hardware a100-80g-sxm --timing calibrated --fit /tmp/fit/fit.json`,
      `ridgepoint calibrate ${a100}/attention/vllm/0.14.0/generation_attention_perf.parquet --hardware a100-80g-sxm --engine vllm --without-rows --out /tmp/a100`,
    ],
  },
  engines: {
    title: "Serving engines on 1 to 8 H100",
    intro: `Whole runs of vLLM, TensorRT-LLM and SGLang (Qwen3-32B and Llama-3.1-70B, 4 to 224 requests at once) by an engine's constants, fitted on one part of its runs and
scored on the other. Runs that no machine could have made as they are labelled are neither fitted nor scored. The simpler formulas time the step in the middle
of an answer.`,
    commands: [],
  },
  published: {
    title: "Published runs on other machines",
    intro: "One set of constants an engine, not one a machine.",
    commands: [],
  },
  plans: {
    title: "Plans and serving",
    intro: `What the planner says of deployments that others published, with the kernels and constants that ship: each run in the layout, formats and
lengths that it had. Where constants were fitted on a line's own runs, the line says so.`,
    commands: [
      `ridgepoint simulate --model qwen3-32b --tensor-parallel 2 --users 64 --start together --requests 640 --input 1024 --output 512`,
    ],
  },
};

export interface AccuracyPage {
  readonly text: string;
  readonly csv: string;
}

/** The page, and every line as CSV. The texts of published-runs-section.ts and plan-checks-section.ts. */
export function accuracyPage(input: AccuracyPageInput, publishedSection: string, plansSection = ""): AccuracyPage {
  const { lines, charts, notes } = input;
  const whole = lines.filter(({ part }) => !part);
  const results = lines.flatMap((line) => targetResults(line).map((result) => ({ line, ...result })));
  const missed = results.filter(({ isReached }) => !isReached);
  const nearer = whole.flatMap((line) => nearerFormulas(line).map((formula) => ({ line, formula })));
  const text = `# How accurate predictions are

Written by \`ridgepoint report --accuracy\`, which fits everything anew: each figure is of rows that no fit saw which predicts them,
but for lines of plans that say otherwise.
[docs/accuracy.md](../../docs/accuracy.md) says what the figures mean and what stands behind those that are not reached.
Errors are in per cent of the measured time; intervals hold 90 % by construction on rows like those that were fitted.

${results.length - missed.length} of ${results.length} figures that were to be reached are.${
    missed.length === 0
      ? ""
      : ` Not reached:

${missed.map(missedText).join("\n")}`
  }

${targetsTable(results)}
## Beside simpler formulas

The median error on the same rows. **Roofline**: the longer of bytes at the datasheet's bandwidth and FLOPs at its peak, for each operation. **80 % + 3 µs**: the same
at 80 % of both, and 3 µs a kernel. **One affine fit**: a start-up and two shares for all kernels of the machine alike, fitted on the rows that Ridgepoint's fits
are given. ${nearer.length === 0 ? "Ridgepoint is nearer on every line." : `Nearer than Ridgepoint: ${nearer.map(({ line, formula }) => `${formula} on ${plainMarkdown(line.name)}`).join("; ")}.`}

${comparisonTable(whole)}
${pictures(charts, "comparison")}
${(Object.keys(sections) as AccuracySection[]).map((section) => sectionText(section, lines, charts, { published: publishedSection, plans: plansSection })).join("\n")}
${notes.length === 0 ? "" : `## Notes\n\n${notes.map((note) => `- ${plainMarkdown(note)}.`).join("\n")}`}
`;
  return { text: `${text.replace(/\n{3,}/g, "\n\n").trimEnd()}\n`, csv: linesCsv(lines) };
}

function sectionText(
  section: AccuracySection,
  lines: readonly AccuracyLine[],
  charts: AccuracyPageInput["charts"],
  texts: Readonly<Partial<Record<AccuracySection, string>>>,
): string {
  const own = lines.filter((line) => line.section === section);
  const { title, intro, commands } = sections[section];
  const blocks = [
    `## ${title}`,
    intro,
    texts[section] ?? (own.length === 0 ? "No rows." : errorsTable(own)),
    pictures(charts, section),
    commands.length === 0 ? "" : `\`\`\`\n${commands.join("\n")}\n\`\`\``,
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function pictures(charts: AccuracyPageInput["charts"], section: AccuracyChart["section"]): string {
  const names = [...charts].filter(([, chart]) => chart.section === section).map(([name]) => name);
  return names.map(themedPicture).join("\n");
}

const statisticNames = {
  median: "median",
  percentile90: "90th percentile",
  percentile95: "95th percentile",
  maximum: "maximum",
  halfWidth: "median half-width of the intervals",
  coverage: "inside the interval",
} as const;

interface LineResult extends TargetResult {
  readonly line: AccuracyLine;
}

function missedText({ line, name, wanted, reached }: LineResult): string {
  const why = line.whyNot === undefined ? "" : `: ${plainMarkdown(line.whyNot)}`;
  return `- ${plainMarkdown(line.name)}, ${statisticNames[name]}: ${percent(reached)}, wanted ${wanted}${why}`;
}

function targetsTable(results: readonly LineResult[]): string {
  return markdownTable(
    ["", "figure", "wanted:", "reached:", ""],
    results.map(({ line, name, wanted, reached, isReached }, i) => [
      i > 0 && results[i - 1]?.line === line ? "" : plainMarkdown(line.name),
      statisticNames[name],
      wanted,
      percent(reached),
      isReached ? "✓" : "not reached",
    ]),
  );
}

function comparisonTable(lines: readonly AccuracyLine[]): string {
  const compared = lines.filter(({ simple }) => simple !== null);
  return markdownTable(
    ["", "rows:", "Ridgepoint:", ...simpleFormulas.map((name) => `${name}:`)],
    compared.map(({ name, errors, simple }) => [
      plainMarkdown(name),
      errors.rows.toLocaleString("en-US"),
      `**${percent(errors.medianAbsolutePercentageError)}**`,
      ...simpleFormulas.map((formula) => percent(simple?.[formula])),
    ]),
  );
}

function errorsTable(lines: readonly AccuracyLine[]): string {
  const ninety = lines.some(({ percentile90 }) => percentile90 !== null);
  const intervals = lines.some(({ errors }) => errors.coverage90 !== undefined);
  const rows = lines.map(({ name, split, errors: e, percentile90, part, section }) => [
    `${part ? "– " : ""}${plainMarkdown(name)}`,
    part ? "" : plainMarkdown(split),
    e.rows.toLocaleString("en-US"),
    percent(e.medianAbsolutePercentageError),
    ...(ninety ? [percent(percentile90)] : []),
    percent(e.p95AbsolutePercentageError),
    percent(e.maxAbsolutePercentageError),
    signedPercent(e.bias),
    ...(intervals
      ? [section === "steps" ? counted(e) : percent(e.coverage90), percent(e.medianIntervalHalfWidth)]
      : []),
  ]);
  return markdownTable(
    [
      ...["", "fitted and tested", "rows:", "median:"],
      ...(ninety ? ["90 %:"] : []),
      ...["95 %:", "maximum:", "bias:"],
      ...(intervals ? ["inside the interval:", "half-width:"] : []),
    ],
    rows,
  );
}

/** Of few rows the count says more than a share. */
function counted({ rows, coverage90 }: AccuracyLine["errors"]): string {
  return coverage90 === undefined ? "–" : `${Math.round((coverage90 * rows) / 100)} of ${rows}`;
}

function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : `${value.toFixed(1)} %`;
}

function linesCsv(lines: readonly AccuracyLine[]): string {
  const columns = [
    ...["section", "name", "split", "rows", "median", "p90", "p95", "maximum", "bias", "coverage", "half_width"],
    ...["roofline_median", "simple_median", "affine_median", "wanted", "reached"],
  ];
  const figure = (value: number | null | undefined): string | number =>
    value === null || value === undefined ? "" : Number(value.toFixed(1));
  return csvRows(
    columns,
    lines.map((line) => {
      const { section, name, split, errors: e, percentile90, simple } = line;
      const results = targetResults(line);
      return [
        ...[section, name, split, e.rows, figure(e.medianAbsolutePercentageError), figure(percentile90)],
        ...[figure(e.p95AbsolutePercentageError), figure(e.maxAbsolutePercentageError), figure(e.bias)],
        ...[figure(e.coverage90), figure(e.medianIntervalHalfWidth)],
        ...simpleFormulas.map((formula) => figure(simple?.[formula])),
        results.map((result) => `${statisticNames[result.name]} ${result.wanted}`).join("; "),
        results.length === 0 ? "" : results.every(({ isReached }) => isReached) ? "yes" : "no",
      ];
    }),
  );
}
