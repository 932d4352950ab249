/** The paper's table of speeds as a chart: each published time beside its counted lower bound. */
import { type PaperCell, type PaperColumn, paperExperiment } from "../analysis/paper-experiment.ts";
import type { Model } from "../architecture/model.ts";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { publishedAgainstCountedChart } from "../charts/published-against-counted.ts";
import type { Hardware } from "../hardware/hardware.ts";

const groups: Readonly<Record<PaperColumn, string>> = {
  training: "Training",
  "greedy encoder": "Encoder, greedy",
  "greedy decoder": "Decoder, greedy",
  "beam 4 encoder": "Encoder, beam 4",
  "beam 4 decoder": "Decoder, beam 4",
};

/** All cells; the decoder's with keys and values in bf16, which is the lower of the two bounds. */
export function paperChart(models: ReadonlyMap<string, Model>, chip: Hardware): ChartSpec {
  const cells = paperExperiment(models, chip).filter((cell) => cell.cacheFormat === "bf16");
  const columns = Object.keys(groups) as PaperColumn[];
  return publishedAgainstCountedChart({
    title: "Shazeer 2019, table of speeds: published and counted",
    subtitle: "TPU v2, 8 cores, batch 1024, 128 + 128 tokens, K/V bf16",
    per: "token",
    rows: columns.flatMap((column) => cells.filter((cell) => cell.column === column).map((cell) => row(cell))),
  });
}

function row(cell: PaperCell): { group: string; model: string; countedSeconds: number; publishedSeconds: number } {
  return {
    group: groups[cell.column],
    model: cell.attention,
    countedSeconds: cell.lowerBoundSecondsPerToken,
    publishedSeconds: cell.publishedSecondsPerToken,
  };
}
