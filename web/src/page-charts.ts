/** The charts of the page, each made of the settings by the library's own drawings. Loaded with them, after the first paint. */
import { applyAttention, describeAttention, InvalidInput, predictStep } from "ridgepoint";
import {
  type ChartSetup,
  type ChartSpec,
  type ChartVariant,
  chartKinds,
  type JsonObject,
  rooflineOfSteps,
  speedupChart,
  stepTimeByContext,
} from "ridgepoint/drawing";
import type { PredictedSetting } from "./predicted-setting.ts";

export interface ChartedSettings {
  /** Those that can be predicted, with their names. */
  readonly all: readonly NamedSetting[];
  readonly selected: NamedSetting;
}

export interface NamedSetting {
  readonly name: string;
  readonly answer: PredictedSetting;
}

export const chartIds = ["bytes", "memory", "roofline", "context", "speedup"] as const;
export type ChartId = (typeof chartIds)[number];

const contexts = powersOfTwo(512, 131_072);
const heatContexts = contexts.filter((_, index) => index % 2 === 0);
const heatBatches = [1, 4, 16, 64, 256];

/** @throws InvalidInput for what has no such chart, with the reason */
export const pageCharts: { readonly [Id in ChartId]: (settings: ChartedSettings) => ChartSpec } = {
  bytes: ({ all }) => {
    const chart = chartKinds["bytes-by-part"].draw({
      title: "Bytes that a step moves",
      ...(all.some(({ answer }) => answer.prediction.parallelism.devices > 1) ? { subtitle: "of one device" } : {}),
      rows: all.map(({ name, answer: { prediction: p } }) => ({ series: name, context: p.context, ...p.totals })),
    });
    return new Set(all.map(({ answer }) => answer.setting.context)).size > 1 ? underOneHeading(chart) : chart;
  },
  roofline: ({ selected }) => rooflineOfSteps(setupOf(selected.answer, [own(selected.answer)])),
  memory: ({ all }) =>
    chartKinds["plan-memory"].draw({
      title: "Memory of a device against what it has",
      bars: all.map(({ name, answer: { prediction: p } }) => ({
        label: name,
        parts: [
          { name: "weights", bytes: p.footprint.weightBytes },
          { name: "cache", bytes: p.footprint.cacheBytes },
          { name: "free", bytes: Math.max(0, p.limitBytes - p.footprint.bytes) },
        ],
        capacityBytes: p.limitBytes,
      })),
    }),
  context: (settings) =>
    settings.all.length === 1 ? variantsByContext(settings.selected.answer) : settingsByContext(settings),
  speedup: ({ selected: { answer } }) => {
    const variants = variantsOf(answer);
    if (variants.length < 2) {
      throw new InvalidInput(
        "attention",
        describeAttention(answer.model),
        "has no K/V heads that could be more or fewer",
      );
    }
    return speedupChart({ ...setupOf(answer, variants), batches: heatBatches, contexts: heatContexts });
  },
};

/** One setting: its model with all K/V heads, as it is set, and with one. */
function variantsByContext(answer: PredictedSetting): ChartSpec {
  return stepTimeByContext({ ...setupOf(answer, variantsOf(answer)), contexts });
}

function settingsByContext({ all }: ChartedSettings): ChartSpec {
  return chartKinds["time-by-context"].draw({
    title: "Time of a step by context",
    subtitle: "each setting at its own batch",
    rows: all.flatMap(({ name, answer: { predictor, setting } }) =>
      contexts.map((context) => {
        const { seconds, secondsIfItFitted, fits } = predictStep(predictor, { batch: setting.batch, context });
        return { series: name, context, stepSeconds: seconds ?? secondsIfItFitted ?? 0, fits };
      }),
    ),
  });
}

function setupOf({ setting, hardware, options }: PredictedSetting, variants: readonly ChartVariant[]): ChartSetup {
  const { batch, context } = setting;
  return { variants, hardware: [hardware], batches: [batch], contexts: [context], options, workload: {} };
}

function own({ setting, model }: PredictedSetting): ChartVariant {
  return { attention: setting.attention, model };
}

/** MHA first, then the setting's own attention, then MQA; each once. */
function variantsOf(answer: PredictedSetting): ChartVariant[] {
  const variants = [variant(answer, "mha"), own(answer), variant(answer, "mqa")];
  const names = new Map(variants.map((each) => [describeAttention(each.model), each]));
  return [...names.values()];
}

function variant({ base }: PredictedSetting, attention: string): ChartVariant {
  return { attention, model: applyAttention(base, attention) };
}

function powersOfTwo(from: number, to: number): number[] {
  const powers: number[] = [];
  for (let power = from; power <= to; power *= 2) powers.push(power);
  return powers;
}

/** Settings of several contexts beside each other, where the chart has a group a context with room for every bar. */
function underOneHeading(chart: ChartSpec): ChartSpec {
  const heading = "Each at its own context";
  const facet = { ...(chart["facet"] as JsonObject), sort: [heading] };
  return { ...chart, facet, data: { values: chart.data.values.map((row) => ({ ...row, heading })) } };
}
