/** The paper's point on one machine's clock: step times by context and variant, measured and predicted. */
import type { ChartSpec } from "../charts/chart-spec.ts";
import { type MeasuredByContextRow, measuredByContextChart } from "../charts/measured-by-context.ts";
import { type StepRow, variantOfHeads } from "../measurement/measurement-row.ts";
import { formatSeconds } from "../quantity/format-quantity.ts";
import { kneeCalibrated } from "../timing/knee-calibrated.ts";
import type { HereValidation } from "../validation/here.ts";
import { rowPredictor } from "../validation/predict-row.ts";
import { markdownTable } from "./markdown.ts";

export interface MachineSteps {
  /** A chart a model, by the name of its files. */
  readonly charts: readonly (readonly [name: string, spec: ChartSpec])[];
  /** How much longer a step becomes from the shortest to the longest context. */
  readonly table: string;
  /** What the rows say of MHA and MQA where they differ most; null without such rows. */
  readonly headline: string | null;
}

const variants = ["MHA", "GQA", "MQA"];
/** Predicted points between the shortest and the longest context measured. */
const linePoints = 8;

export function machineSteps(here: HereValidation, subtitle: string): MachineSteps {
  const rows = here.steps.calibrated.compared.flatMap(({ row }) => (row.kind === "steps" ? [row] : []));
  const predict = rowPredictor(here.hardware, (machine) => kneeCalibrated(machine, here.calibration.fits));
  const models = [...new Set(rows.map((row) => row.model ?? "model"))];
  const charts: (readonly [string, ChartSpec])[] = [];
  const growth: string[][] = [];
  const slopes: Slope[] = [];
  for (const model of models) {
    const own = rows.filter((row) => (row.model ?? "model") === model);
    const first = own[0] as StepRow;
    const lines: MeasuredByContextRow[] = [];
    for (const variant of variants) {
      const measured = own
        .filter((row) => variantOfHeads(row.heads, row.kvHeads) === variant)
        .sort((a, b) => a.context - b.context);
      const [shortest, longest] = [measured[0], measured.at(-1)];
      if (shortest === undefined || longest === undefined) continue;
      const secondsAt = (context: number): number => predict({ ...shortest, context }, "steps").seconds;
      lines.push(...lineOf(variant, measured, secondsAt));
      const predicted = [secondsAt(shortest.context), secondsAt(longest.context)] as const;
      const measuredSlope = slopeOf(shortest, longest, [shortest.seconds, longest.seconds]);
      const predictedSlope = slopeOf(shortest, longest, predicted);
      slopes.push({ model, variant, secondsPerToken: measuredSlope });
      growth.push([
        `${model}, ${variant}`,
        `${shortest.context} to ${longest.context}`,
        `${formatSeconds(shortest.seconds)} to ${formatSeconds(longest.seconds)}`,
        ...[measuredSlope, predictedSlope].map((each) => formatSeconds(1000 * each)),
        `× ${(longest.seconds / shortest.seconds).toFixed(2)}`,
        `× ${(predicted[1] / predicted[0]).toFixed(2)}`,
      ]);
    }
    const { layers, dModel, dtype, kvDtype, batch } = first;
    const title = `Step time on this machine: ${model}, ${layers} layers of ${dModel}`;
    const about = `${subtitle}; weights ${dtype}, cache ${kvDtype ?? dtype}, batch ${batch}`;
    charts.push([`${model}-by-context`, measuredByContextChart({ title, subtitle: about, rows: lines })]);
  }
  const byTokens = ["By 1,000 tokens, measured:", "By 1,000 tokens, predicted:"];
  const titles = ["Model", "Context", "Measured:", ...byTokens, "Grows, measured:", "Grows, predicted:"];
  return { charts, table: markdownTable(titles, growth), headline: headlineOf(slopes) };
}

interface Slope {
  readonly model: string;
  readonly variant: string;
  readonly secondsPerToken: number;
}

function slopeOf(from: StepRow, to: StepRow, [first, last]: readonly [number, number]): number {
  return to.context === from.context ? 0 : (last - first) / (to.context - from.context);
}

/** Of the model whose MHA and MQA grow most differently, in seconds. */
function headlineOf(slopes: readonly Slope[]): string | null {
  const of = (model: string, variant: string): number | undefined =>
    slopes.find((each) => each.model === model && each.variant === variant)?.secondsPerToken;
  const pairs = slopes.flatMap(({ model, variant, secondsPerToken: mha }) => {
    const mqa = variant === "MHA" ? of(model, "MQA") : undefined;
    return mqa === undefined ? [] : [{ model, mha, mqa }];
  });
  const most = pairs.sort((a, b) => Math.abs(b.mha - b.mqa) - Math.abs(a.mha - a.mqa))[0];
  if (most === undefined) return null;
  const [mha, mqa] = [most.mha, most.mqa].map((each) => formatSeconds(1000 * each));
  return `MHA's step grows by ${mha} for each 1,000 tokens, MQA's by ${mqa} (${most.model})`;
}

/** The measured contexts and, between them, predicted ones. */
function lineOf(
  series: string,
  measured: readonly StepRow[],
  secondsAt: (context: number) => number,
): MeasuredByContextRow[] {
  const byContext = new Map(measured.map((row) => [row.context, row]));
  const contexts = [...byContext.keys()];
  const [first, last] = [Math.min(...contexts), Math.max(...contexts)];
  const between = Array.from({ length: linePoints - 1 }, (_, i) =>
    Math.round(first + ((last - first) * (i + 1)) / linePoints),
  );
  return [...new Set([...contexts, ...between])]
    .sort((a, b) => a - b)
    .map((context) => {
      const row = byContext.get(context);
      const predictedSeconds = secondsAt(context);
      if (row === undefined) return { series, context, predictedSeconds, measured: null };
      const { seconds, minSeconds, maxSeconds } = row;
      const range = { lowSeconds: minSeconds ?? seconds, highSeconds: maxSeconds ?? seconds };
      return { series, context, predictedSeconds, measured: { seconds, ...range } };
    });
}
