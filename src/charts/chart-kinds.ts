/** Every kind of chart. A kind that is added to ChartInputs but forgotten here does not compile. */
import { type BytesByPartInput, bytesByPartChart } from "./bytes-by-part.ts";
import type { ChartSpec } from "./chart-spec.ts";
import { type ErrorBySizeInput, errorBySizeChart } from "./error-by-size.ts";
import { type FormulaComparisonInput, formulaComparisonChart } from "./formula-comparison.ts";
import { type IntervalCoverageInput, intervalCoverageChart } from "./interval-coverage.ts";
import { type LargestBatchInput, largestBatchChart } from "./largest-batch.ts";
import { type LatencyDistributionInput, latencyDistributionChart } from "./latency-distribution.ts";
import { type MeasuredByContextInput, measuredByContextChart } from "./measured-by-context.ts";
import { type MemoryByContextInput, memoryByContextChart } from "./memory-by-context.ts";
import { type MemoryMountainInput, memoryMountainChart } from "./memory-mountain.ts";
import { type PlanFrontInput, planFrontChart } from "./plan-front.ts";
import { type PlanMemoryInput, planMemoryChart } from "./plan-memory.ts";
import { type PredictedAgainstMeasuredInput, predictedAgainstMeasuredChart } from "./predicted-against-measured.ts";
import { type PredictionErrorInput, predictionErrorChart } from "./prediction-error.ts";
import { type PublishedAgainstCountedInput, publishedAgainstCountedChart } from "./published-against-counted.ts";
import { type RequestTimelineInput, requestTimelineChart } from "./request-timeline.ts";
import { type RooflineInput, rooflineChart } from "./roofline.ts";
import { type SensitivityInput, sensitivityChart } from "./sensitivity.ts";
import { type ServingTimelineInput, servingTimelineChart } from "./serving-timeline.ts";
import { type SpeedupHeatmapInput, speedupHeatmapChart } from "./speedup-heatmap.ts";
import { type TimeByBatchInput, timeByBatchChart } from "./time-by-batch.ts";
import { type TimeByContextInput, timeByContextChart } from "./time-by-context.ts";

/** What each kind draws. */
export interface ChartInputs {
  readonly roofline: RooflineInput;
  readonly "time-by-context": TimeByContextInput;
  readonly "time-by-batch": TimeByBatchInput;
  readonly "bytes-by-part": BytesByPartInput;
  readonly "speedup-heatmap": SpeedupHeatmapInput;
  readonly "memory-by-context": MemoryByContextInput;
  readonly "memory-mountain": MemoryMountainInput;
  readonly "request-timeline": RequestTimelineInput;
  readonly "published-against-counted": PublishedAgainstCountedInput;
  readonly sensitivity: SensitivityInput;
  readonly "predicted-against-measured": PredictedAgainstMeasuredInput;
  readonly "prediction-error": PredictionErrorInput;
  readonly "measured-by-context": MeasuredByContextInput;
  readonly "interval-coverage": IntervalCoverageInput;
  readonly "error-by-size": ErrorBySizeInput;
  readonly "formula-comparison": FormulaComparisonInput;
  readonly "plan-front": PlanFrontInput;
  readonly "plan-memory": PlanMemoryInput;
  readonly "serving-timeline": ServingTimelineInput;
  readonly "latency-distribution": LatencyDistributionInput;
  readonly "largest-batch": LargestBatchInput;
}

export type ChartKind = keyof ChartInputs;

export interface ChartDefinition<Input> {
  /** One line for the help text. */
  readonly summary: string;
  readonly draw: (input: Input) => ChartSpec;
}

export const chartKinds: { readonly [Kind in ChartKind]: ChartDefinition<ChartInputs[Kind]> } = {
  roofline: { summary: "a step's operations under the machine's roofline", draw: rooflineChart },
  "time-by-context": { summary: "step time against context, a line a variant", draw: timeByContextChart },
  "time-by-batch": { summary: "step time against batch, a line a variant", draw: timeByBatchChart },
  "bytes-by-part": { summary: "bytes a step as weights, keys and values, activations", draw: bytesByPartChart },
  "speedup-heatmap": { summary: "speed-up over a baseline for each batch and context", draw: speedupHeatmapChart },
  "memory-by-context": { summary: "weights and cache against capacity", draw: memoryByContextChart },
  "memory-mountain": {
    summary: "measured bandwidth against working set, with the caches",
    draw: memoryMountainChart,
  },
  "request-timeline": { summary: "step time and memory as one request grows", draw: requestTimelineChart },
  "published-against-counted": {
    summary: "published times beside the counted lower bound",
    draw: publishedAgainstCountedChart,
  },
  sensitivity: { summary: "what each change would save of a step", draw: sensitivityChart },
  "predicted-against-measured": {
    summary: "predicted against measured times, with the line of agreement",
    draw: predictedAgainstMeasuredChart,
  },
  "prediction-error": { summary: "the error of each prediction by measured time", draw: predictionErrorChart },
  "measured-by-context": {
    summary: "measured step times with the predicted lines, by context",
    draw: measuredByContextChart,
  },
  "interval-coverage": { summary: "how many measured times lie in their intervals", draw: intervalCoverageChart },
  "error-by-size": { summary: "the error of predictions by the bytes that calls move", draw: errorBySizeChart },
  "formula-comparison": { summary: "median errors of several formulas on the same rows", draw: formulaComparisonChart },
  "plan-front": { summary: "plans by time an output token and cost, with the front", draw: planFrontChart },
  "plan-memory": { summary: "memory of a device by what it holds, a bar a plan", draw: planMemoryChart },
  "serving-timeline": { summary: "requests, cache and output of a simulation over time", draw: servingTimelineChart },
  "latency-distribution": {
    summary: "how many requests are served within which time",
    draw: latencyDistributionChart,
  },
  "largest-batch": { summary: "the most requests that fit, by context", draw: largestBatchChart },
};
