/** reports/gallery.md: one of each kind of chart, with the command that draws it. */
import { chartFigure } from "./markdown.ts";
import type { ReportChart, ReportPage } from "./report-page.ts";

interface Exhibit {
  readonly title: string;
  readonly text: string;
  readonly chart: ReportChart;
}

const plan = {
  ...{ model: "llama-3.1-70b", hardware: "h100-sxm,h200,mi300x" },
  ...{ rate: "8/s", input: "1000", output: "300", ttft: "500ms", tpot: "40ms" },
};

/** Bursts that one device only just bears. */
const simulated = {
  ...{ model: "llama-3.1-8b", hardware: "l40s", rate: "2.5/s", burstiness: "4" },
  ...{ input: "lognormal:1500:1200:8000", output: "lognormal:300:200:1000", ttft: "2s", tpot: "100ms" },
  requests: "2000",
};

const exhibits: readonly Exhibit[] = [
  exhibit(
    "Roofline",
    "The operations of a step against what the machine can attain; a mark's area is its share of the time.",
    "roofline",
    ["roofline"],
    { model: "llama-3.1-8b", hardware: "mi300x", batch: "1,64", context: "8192", timing: "roofline" },
  ),
  exhibit(
    "Time by context",
    "Flat while the weights are what is read, rising once the cache is; dashed where it does not fit.",
    "time-by-context",
    ["chart", "time-by-context"],
    {
      model: "gemma-3-27b,llama-3.1-8b",
      attention: "as-is",
      hardware: "h100-sxm",
      batch: "8",
      context: "512..131072*2",
      timing: "roofline",
    },
  ),
  exhibit(
    "Time by batch",
    "One more request costs its cache and its arithmetic.",
    "time-by-batch",
    ["chart", "time-by-batch"],
    {
      model: "qwen3-30b-a3b",
      attention: "as-is,mqa",
      hardware: "h200",
      batch: "1..512*2",
      context: "4096",
      timing: "roofline",
    },
  ),
  exhibit("Bytes by part", "Where a step's bytes go.", "bytes-by-part", ["chart", "bytes-by-part"], {
    model: "starcoder-15.5b",
    attention: "mha,gqa:8,as-is",
    batch: "8",
    context: "1024,8192",
  }),
  exhibit(
    "Speed-up",
    "Times as fast as the first variant, for every batch and context.",
    "speedup-heatmap",
    ["chart", "speedup-heatmap"],
    {
      model: "llama-3.1-8b",
      attention: "mha,as-is,mqa",
      hardware: "rtx-4090",
      batch: "1..64*4",
      context: "512..32768*4",
      timing: "roofline",
    },
  ),
  exhibit("Memory", "Weights and cache against capacity, by context or batch.", "memory", ["chart", "memory"], {
    model: "llama-2-7b",
    attention: "mha,gqa:8,mqa",
    hardware: "mi300x",
    by: "batch",
    batch: "1..512*2",
    context: "8192",
  }),
  exhibit("One request", "Step time and memory while a request grows.", "request", ["generate"], {
    model: "llama-3.1-8b",
    hardware: "h100-sxm",
    batch: "32",
    input: "1000",
    output: "300",
    timing: "roofline",
  }),
  exhibit(
    "What a change would save",
    "Each change of the machine, the formats, the model or the load, made and timed anew.",
    "sensitivity",
    ["sensitivity"],
    { model: "llama-3.1-8b", hardware: "l40s", batch: "8", context: "8192", timing: "roofline" },
  ),
  exhibit(
    "Published against counted",
    "What was measured beside the counted lower bound.",
    "published-against-counted",
    ["chart", "published-against-counted"],
    {},
  ),
  exhibit(
    "Plans",
    "What each kind of device puts out within an objective, and the best fleet in a ring; `--chart-kind cost` for money.",
    "plan",
    ["plan"],
    { ...plan, "chart-kind": "throughput" },
  ),
  exhibit("A device's memory", "What the best fleets hold on each device, by part.", "plan-memory", ["plan"], {
    ...plan,
    "chart-kind": "memory",
  }),
  exhibit(
    "A simulation over time",
    "Requests that run and wait, how full the cache is, and the output; ticks where requests are pushed out.",
    "simulate",
    ["simulate"],
    { ...simulated, "chart-kind": "timeline" },
  ),
  exhibit(
    "How long requests take",
    "The share of simulated requests served within a time, against the objectives.",
    "simulate-latency",
    ["simulate"],
    { ...simulated, "chart-kind": "latency" },
  ),
  exhibit("What fits", "The most requests at once by their context, and the longest one.", "fit", ["fit"], {
    model: "llama-3.1-70b",
    hardware: "h100-sxm",
    "tensor-parallel": "4",
    attention: "mha,as-is,mqa",
    "kv-cache": "bf16,fp8",
  }),
];

/** Kinds drawn of measured rows, by the accuracy report's own pictures. */
const measured: readonly (readonly [title: string, text: string, picture: string])[] = [
  [
    "Predicted against measured",
    "Each measured time beside its prediction, with the line of agreement.",
    "steps-predicted-against-measured",
  ],
  ["Error of the prediction", "How far each prediction is off, by the time measured.", "steps-prediction-error"],
  ["Intervals", "How many measured times lie within their interval.", "coverage"],
  ["Error by size", "How far predictions are off, by the bytes that a call moves.", "error-by-size"],
  ["Formulas compared", "The median errors of several formulas on the same rows.", "comparison"],
];

/** Kinds that show the reader's own machine, and so have no picture here. */
const ownMachine = `## Your own machine

\`ridgepoint measure ceilings --out machine.json\` draws the memory mountain beside the profile: bandwidth by working set, with the
caches. \`ridgepoint validate --here --out here\` draws measured step times by context with the predicted lines, a chart a model.
`;

export function galleryPage(): ReportPage {
  const sections = [
    ...exhibits.map(({ title, text, chart }) => `## ${title}\n\n${text}\n\n${chartFigure(chart)}`),
    ...measured.map(([title, text, name]) => `## ${title}\n\n${text}\n\n${measuredFigure(title, text, name)}`),
    ownMachine,
  ];
  return {
    path: "gallery.md",
    text: `# Every kind of chart

Each command writes SVG, PNG (\`--out x.png\`), a page of its own with the data as a table (\`--out x.html\`) or the Vega-Lite
specification (\`--out x.vl.json\`); \`--theme dark\` for a dark ground.

${sections.join("\n")}`,
    charts: exhibits.map((each) => each.chart),
    tables: [],
  };
}

function measuredFigure(title: string, text: string, name: string): string {
  const file = `accuracy/${name}`;
  return `<picture>
  <source media="(prefers-color-scheme: dark)" srcset="${file}.dark.svg">
  <img alt="${title}: ${text}" src="${file}.light.svg" width="600">
</picture>

[specification](${file}.vl.json) · [how the rows come about](accuracy/README.md) · drawn by

\`\`\`
ridgepoint report --accuracy
\`\`\`
`;
}

function exhibit(
  title: string,
  text: string,
  name: string,
  words: readonly string[],
  options: Record<string, string>,
): Exhibit {
  return { title, text, chart: { name: `gallery-${name}`, alt: `${title}: ${text}`, command: { words, options } } };
}
