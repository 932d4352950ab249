/** reports/paper.md: the experiment of Shazeer 2019, counted and set beside what it published. */
import { coreOfChip, type PaperCell, type PaperColumn, paperExperiment } from "../analysis/paper-experiment.ts";
import {
  type PublishedTranslationQuality,
  paperSetting,
  paperSource,
  publishedLanguageQuality,
  publishedTranslationQuality,
} from "../analysis/published-decoding-speed.ts";
import { countParameters } from "../architecture/weights.ts";
import {
  formatBandwidth,
  formatBytes,
  formatCount,
  formatFlops,
  formatFlopsPerSecond,
  formatPercent,
  formatRatio,
} from "../quantity/format-quantity.ts";
import { csvRows } from "./csv-text.ts";
import { chartFigure, markdownTable } from "./markdown.ts";
import { measuredAttentionSection } from "./measured-attention-section.ts";
import { paperModels, type ReportCatalog } from "./report-catalog.ts";
import type { ReportChart, ReportPage } from "./report-page.ts";

const chart: ReportChart = {
  name: "paper-speed",
  alt: "Published times of Shazeer 2019 beside their counted lower bounds, a line for each model and column",
  command: { words: ["chart", "published-against-counted"], options: {} },
};

export function paperPage(catalog: ReportCatalog): ReportPage {
  const chip = catalog.hardware("tpu-v2");
  const core = coreOfChip(chip, paperSetting.coresPerChip);
  const cells = paperExperiment(paperModels(catalog.model), chip);
  const peak = core.peakFlopsPerSecond.bf16 ?? 0;
  return {
    path: "paper.md",
    text: `# The experiment of Shazeer 2019, counted

Source: ${paperSource}. Its figures are published; everything else on this page is counted.

## Setting

- One TPU v2 of ${paperSetting.cores} cores: four chips of two cores. Nothing is sharded: each core holds ${paperSetting.batch / paperSetting.cores} of the ${paperSetting.batch} sequences and reads its own copy
  of the weights from its own memory, at half a chip's ${formatBandwidth(chip.memoryBandwidthBytesPerSecond)} and half its peak: ${formatBandwidth(core.memoryBandwidthBytesPerSecond)} and ${formatFlopsPerSecond(peak)} (bf16).
- ${paperSetting.sourceTokens} source and ${paperSetting.targetTokens} target tokens. Keys and values are padded to 128 rows (32 in the local models), so every step reads that many.
- The incremental code appends to keys and values by concatenation: each step reads the cache and writes all of it, then attention
  reads it. Logits and weights of attention are written to memory and read.
- Beam search has 4 × the rows. An encoder's keys and values are read once a request; the decoder's own are gathered to the
  surviving beams after each step, one more read and write.
- Weights and activations in bf16. The paper does not say in which format keys and values were kept: both are shown.
- Encoder: ${paperSetting.sourceTokens} tokens a sequence, and the keys and values that cross-attention will read. Training: ${paperSetting.trainingTokens.toLocaleString("en-US")} + ${paperSetting.trainingTokens.toLocaleString("en-US")} tokens,
  3 × the FLOPs of the forward pass (in sequences of 256, as recalled from the paper; the length only moves attention's few per cent).
- A vocabulary of 34,000 rows is derived from the reported 211 M parameters; the paper does not print it.

The lower bound is the larger of all bytes at the bandwidth and all FLOPs at the peak, divided by the tokens that all 8 cores
produce meanwhile. Counts are of one core and one step.

## Every cell of the table of speeds

${chartFigure(chart)}
${cellTables(cells)}
All columns: [data/paper.csv](data/paper.csv).

## Where model and measurement disagree

${disagreements(cells)}

${catalog.measured === null ? "" : `## What a roofline explains on an H100, and what it cannot\n\n${measuredAttentionSection(catalog.measured)}\n`}
## Quality beside speed

WMT14 English to German. "Decoder" is the published µs a token, greedy and with beam 4.

${translationTable(catalog, cells)}
Cutting heads instead (the last four lines, whose keys and values are as few as multi-query's) costs more quality than
sharing them.

Billion Word, language model:

${languageTable(catalog)}`,
    charts: [chart],
    tables: [{ name: "paper.csv", text: paperCsv(cells) }],
  };
}

const columnNames: Readonly<Record<PaperColumn, string>> = {
  training: "Training",
  "greedy encoder": "Encoder, greedy",
  "greedy decoder": "Decoder, greedy",
  "beam 4 encoder": "Encoder, beam 4",
  "beam 4 decoder": "Decoder, beam 4",
};

function cellTables(cells: readonly PaperCell[]): string {
  return (Object.keys(columnNames) as PaperColumn[])
    .map((column) => {
      const decoder = column.endsWith("decoder");
      const titles = [
        "attention",
        "FLOPs:",
        "weights:",
        "K/V:",
        "activations:",
        "bound by",
        "lower bound, µs:",
        "published, µs:",
        "explained:",
      ];
      const rows = cells
        .filter((cell) => cell.column === column)
        .map((cell) => [
          cell.attention,
          ...(decoder ? [cell.cacheFormat] : []),
          formatFlops(cell.flops),
          formatBytes(cell.weightBytes),
          formatBytes(cell.kvBytes),
          formatBytes(cell.activationBytes),
          cell.bound,
          microseconds(cell.lowerBoundSecondsPerToken),
          published(cell),
          formatPercent(cell.explained),
        ]);
      if (decoder) titles.splice(1, 0, "K/V in");
      return `### ${columnNames[column]}, µs a token\n\n${markdownTable(titles, rows)}`;
    })
    .join("\n");
}

function disagreements(cells: readonly PaperCell[]): string {
  const at = (attention: string, column: PaperColumn, format = "bf16"): PaperCell | undefined =>
    cells.find((cell) => cell.attention === attention && cell.column === column && cell.cacheFormat === format);
  const ratio = (column: PaperColumn, format: string, of: (cell: PaperCell) => number): string => {
    const [head, query] = [at("multi-head", column, format), at("multi-query", column, format)];
    return head === undefined || query === undefined ? "unknown" : formatRatio(of(head) / of(query));
  };
  const bound = (cell: PaperCell): number => cell.lowerBoundSecondsPerToken;
  const measured = (cell: PaperCell): number => cell.publishedSecondsPerToken;
  const above = cells.filter((cell) => cell.explained > 1);
  const share = (column: PaperColumn): string => {
    const shares = cells.filter((cell) => cell.column === column).map((cell) => cell.explained);
    return `${formatPercent(Math.min(...shares))} to ${formatPercent(Math.max(...shares))}`;
  };
  const reorder = at("multi-head", "beam 4 decoder");
  return `- No factor is tuned. The lower bound is below the measured time in ${above.length === 0 ? "every cell, as it has to be" : `all cells but ${above.length}, where the count or the setting is wrong`}.
- Training and encoder are bound by arithmetic, and the bound explains ${share("training")} and ${share("greedy encoder")} of their time: a usual
  utilisation of a matrix unit. The multi-head encoder took ${ratio("greedy encoder", "bf16", measured)} the time of the multi-query one, ${ratio("greedy encoder", "bf16", bound)} by count; in the
  count the difference is the keys and values of cross-attention.
- Greedy decoding: measured, multi-query is ${ratio("greedy decoder", "bf16", measured)} as fast as multi-head. The bound gives ${ratio("greedy decoder", "bf16", bound)} (K/V in bf16) or ${ratio("greedy decoder", "fp32", bound)} (fp32):
  the direction and less than half of the size. It explains ${share("greedy decoder")} of the times, least for multi-head.
  So multi-head decoding ran much further from its memory's rate than multi-query decoding. Matrix-vector products of one query row
  against each head's keys leave most of an 8 × 128 tile and of the matrix unit empty; the count knows no tiles. Which of
  layout, padding and compiler it was, the paper does not let one tell.
- Beam 4: measured ${ratio("beam 4 decoder", "bf16", measured)}, bound ${ratio("beam 4 decoder", "bf16", bound)} (bf16) or ${ratio("beam 4 decoder", "fp32", bound)} (fp32). Moving the beams' caches is ${formatBytes(reorder?.beamReorderBytes ?? 0)} of the
  ${formatBytes(reorder?.bytes ?? 0)} that a multi-head step moves (bf16). With K/V in bf16 the fourfold rows make multi-query
  steps bound by arithmetic.
- Local attention reads a quarter of the rows of self-attention, and all of cross-attention's: multi-head decoding, greedy, was measured ${formatRatio((at("multi-head", "greedy decoder")?.publishedSecondsPerToken ?? Number.NaN) / (at("multi-head local", "greedy decoder")?.publishedSecondsPerToken ?? Number.NaN))} as fast with it, and the bound gives ${formatRatio((at("multi-head", "greedy decoder")?.lowerBoundSecondsPerToken ?? Number.NaN) / (at("multi-head local", "greedy decoder")?.lowerBoundSecondsPerToken ?? Number.NaN))}.
- The chip's bandwidth and capacity are recalled figures (some sources say 600 GB/s); at 600 every bound set by bytes would be 17 % higher.`;
}

function translationTable(catalog: ReportCatalog, cells: readonly PaperCell[]): string {
  const speed = (quality: PublishedTranslationQuality, column: PaperColumn): string => {
    const cell = cells.find((each) => each.modelId === quality.modelId && each.column === column);
    return cell === undefined ? "" : published(cell);
  };
  const rows = publishedTranslationQuality.map((q) => [
    q.attention,
    String(q.heads),
    String(q.headDim),
    String(q.dFf),
    formatCount(countParameters(catalog.model(q.modelId)).total),
    q.logPerplexityDev.toFixed(3),
    q.bleuDev.toFixed(1),
    bleuPair(q),
    speed(q, "greedy decoder"),
    speed(q, "beam 4 decoder"),
  ]);
  return markdownTable(
    [
      "attention",
      "h:",
      "d_k:",
      "d_ff:",
      "parameters, counted:",
      "ln PPL dev:",
      "BLEU dev:",
      "BLEU test, beam 1 / 4:",
      "decoder, µs:",
      "beam 4, µs:",
    ],
    rows,
  );
}

function bleuPair(q: PublishedTranslationQuality): string {
  return q.bleuTestBeam1 === null || q.bleuTestBeam4 === null
    ? ""
    : `${q.bleuTestBeam1.toFixed(1)} / ${q.bleuTestBeam4.toFixed(1)}`;
}

function languageTable(catalog: ReportCatalog): string {
  return markdownTable(
    ["attention", "d_ff:", "parameters, counted:", "perplexity dev:"],
    publishedLanguageQuality.map((q) => [
      q.attention,
      String(q.dFf),
      formatCount(countParameters(catalog.model(q.modelId)).total),
      q.perplexityDev.toFixed(1),
    ]),
  );
}

/** As printed: a decimal up to 15, none above. */
function published(cell: PaperCell): string {
  const value = cell.publishedSecondsPerToken * 1e6;
  return value.toFixed(value < 15 ? 1 : 0);
}

function microseconds(seconds: number): string {
  const value = seconds * 1e6;
  return value < 100 ? String(Number(value.toPrecision(3))) : value.toFixed(0);
}

function paperCsv(cells: readonly PaperCell[]): string {
  const columns = [
    "attention",
    "model",
    "column",
    "kv_format",
    "flops",
    "bytes",
    "weight_bytes",
    "kv_bytes",
    "of_them_beam_reorder_bytes",
    "activation_bytes",
    "byte_seconds",
    "flop_seconds",
    "bound",
    "lower_bound_us_per_token",
    "published_us_per_token",
    "explained_share",
  ];
  return csvRows(
    columns,
    cells.map((cell) => [
      cell.attention,
      cell.modelId,
      cell.column,
      cell.cacheFormat,
      cell.flops,
      cell.bytes,
      cell.weightBytes,
      cell.kvBytes,
      cell.beamReorderBytes,
      cell.activationBytes,
      cell.byteSeconds,
      cell.flopSeconds,
      cell.bound,
      cell.lowerBoundSecondsPerToken * 1e6,
      cell.publishedSecondsPerToken * 1e6,
      cell.explained,
    ]),
  );
}
