/** reports/README.md: the main job's figures and charts, and the way to the other pages. */
import { formatBandwidth, formatBytes, formatFlopsPerSecond, formatRatio } from "../quantity/format-quantity.ts";
import { comparedStepsCsv } from "./compared-steps-csv.ts";
import { type MainJobResult, mainJob, runMainJob } from "./main-job.ts";
import { chartFigure, markdownTable } from "./markdown.ts";
import type { ReportCatalog } from "./report-catalog.ts";
import type { ReportChart, ReportPage } from "./report-page.ts";
import { totalCells, totalTitles } from "./step-cells.ts";

const shared = { model: mainJob.model, attention: mainJob.attentions.join(",") };

const charts = {
  roofline: chart(
    "main-roofline",
    "Roofline of an H100 with the operations of Llama 2 7B as MHA and MQA",
    ["roofline"],
    {
      model: mainJob.model,
      attention: "mha,mqa",
      hardware: "h100-sxm",
      batch: "16",
      context: "2048",
      timing: "roofline",
    },
  ),
  time: chart(
    "main-time-by-context",
    "Step time against context for MHA, GQA-8 and MQA on an H100",
    ["chart", "time-by-context"],
    {
      ...shared,
      hardware: "h100-sxm",
      batch: "16",
      context: "512..131072*2",
      timing: "roofline",
    },
  ),
  bytes: chart("main-bytes", "Bytes of a step by part for MHA, GQA-8 and MQA", ["chart", "bytes-by-part"], {
    ...shared,
    batch: "16",
    context: "2048,8192,32768",
  }),
  speedup: chart(
    "main-speedup",
    "Speed-up of GQA-8 and MQA over MHA by batch and context",
    ["chart", "speedup-heatmap"],
    {
      ...shared,
      hardware: "h100-sxm",
      batch: "1..256*4",
      context: "512..131072*4",
      timing: "roofline",
    },
  ),
  memory: chart("main-memory", "Memory against the capacity of an H100 by context", ["chart", "memory"], {
    ...shared,
    hardware: "h100-sxm",
    batch: "16",
    context: "512..131072*2",
  }),
};

export function overviewPage(catalog: ReportCatalog): ReportPage {
  const result = runMainJob(catalog);
  const sections = result.hardware.map((machine) => {
    const rows = result.rows.filter((row) => row.hardware === machine.id);
    const peak = machine.peakFlopsPerSecond.bf16 ?? machine.peakFlopsPerSecond.fp16 ?? 0;
    const head = `### ${machine.name}: ${formatBandwidth(machine.memoryBandwidthBytesPerSecond)}, ${formatFlopsPerSecond(peak)} bf16`;
    const table = markdownTable(
      ["batch:", "context:", ...totalTitles],
      rows.map((row) => [String(row.batch), String(row.context), ...totalCells(row)]),
    );
    return `${head}\n\n${table}`;
  });
  return {
    path: "README.md",
    text: `# Report

Made by \`ridgepoint report\`; never edited by hand. The commands below run as \`npx ridgepoint …\` or
\`node dist/cli/ridgepoint.js …\`, and draw the same picture, byte for byte.

- [MHA against MQA and GQA on real models](mha-mqa-gqa.md)
- [The experiment of Shazeer 2019, counted](paper.md)
${catalog.measured === null ? "" : "- [The same step under each software](engines.md)\n"}${catalog.plans.length === 0 ? "" : "- [Six situations planned: devices, layout, cost and what binds](planning.md)\n"}- [Every kind of chart](gallery.md)
- [How accurate predictions are](../reports/accuracy/README.md), of \`ridgepoint report --accuracy\`

Times are those of a roofline on datasheet figures: what the bytes and FLOPs need at least when the operations run one after
the other. Real kernels and engines take longer ([accuracy](../docs/accuracy.md)). What is counted, and how, stands in
[docs/counting.md](../docs/counting.md).

## Llama 2 7B as MHA, GQA-8 and MQA: one decode step

${leadText(result)}

${chartFigure(charts.time)}
${chartFigure(charts.speedup)}
${chartFigure(charts.bytes)}
${chartFigure(charts.memory)}
${chartFigure(charts.roofline)}
## The figures

bf16 weights, keys and values; one device. The feed-forward networks stay as they are, so that fewer K/V heads also mean fewer
weights (${weightsText(result)}); \`--same-parameters\` widens them instead, as the paper does.
"largest batch" is the one that fits at this context. All columns: [data/main.csv](data/main.csv).

${sections.join("\n")}`,
    charts: Object.values(charts),
    tables: [{ name: "main.csv", text: comparedStepsCsv(result.rows) }],
  };
}

/** What the figures say, in their own numbers. */
function leadText({ rows }: MainJobResult): string {
  const at = (attention: string, batch: number, context: number) =>
    rows.find(
      (row) =>
        row.hardware === "h100-sxm" && row.attention === attention && row.batch === batch && row.context === context,
    );
  const small = at("mqa", 1, 1024)?.speedup;
  const large = at("mqa", 16, 8192)?.speedup;
  const mha = at("mha", 1, 8192)?.largestBatch;
  const mqa = at("mqa", 1, 8192)?.largestBatch;
  return `On an H100, multi-query attention makes a step ${formatRatio(small ?? Number.NaN)} as fast at batch 1 and context 1,024, where the weights
are nearly all that is read, and ${formatRatio(large ?? Number.NaN)} as fast at batch 16 and context 8,192, where the cache is. At that context the
memory holds ${mha} sequences with MHA and ${mqa} with MQA.`;
}

/** "13.2 GB read as MHA, 11.1 GB as MQA". */
function weightsText({ rows }: MainJobResult): string {
  const read = (attention: string): string =>
    formatBytes(rows.find((row) => row.attention === attention)?.totals.weightBytes ?? Number.NaN);
  return `${read("mha")} read as MHA, ${read("mqa")} as MQA`;
}

function chart(name: string, alt: string, words: readonly string[], options: Record<string, string>): ReportChart {
  return { name, alt, command: { words, options } };
}
