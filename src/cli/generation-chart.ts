/** The chart of a request: the time of each decode step and the memory in use as the context grows. */
import type { GenerationPrediction } from "../analysis/generate-request.ts";
import { describeAttention } from "../architecture/attention-variant.ts";
import type { Model } from "../architecture/model.ts";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { requestTimelineChart } from "../charts/request-timeline.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { formatSeconds } from "../quantity/format-quantity.ts";
import { engineName } from "../reporting/timing-words.ts";

/** More points than this add nothing to a line 500 pixels wide. */
const mostPoints = 500;

/**
 * The decode steps of a request that fits; the prefill, many times as long as a step, is named below the title. Of a long
 * request every n-th step is drawn, and the last.
 */
export function generationChart(prediction: GenerationPrediction, model: Model, hardware: Hardware): ChartSpec {
  const fitting = prediction.steps.filter((step) => step.fits);
  const decode = fitting.filter((step) => step.phase === "decode");
  const drawn = decode.length > 0 ? decode : fitting;
  const every = Math.ceil(drawn.length / mostPoints);
  const points = drawn.filter((_, i) => i % every === 0 || i === drawn.length - 1);
  const attention = describeAttention(model);
  const first = prediction.ttftSeconds === null ? "" : `; first token after ${formatSeconds(prediction.ttftSeconds)}`;
  const timing = prediction.engine === null ? "" : `; calibrated: ${engineName(prediction.engine)}`;
  return requestTimelineChart({
    title: `${model.name}: decode steps of a request`,
    subtitle: `${hardware.name}, batch ${prediction.batch}, ${prediction.inputTokens} tokens in, ${prediction.outputTokens} out${first}${timing}`,
    capacityBytes: prediction.capacityBytes,
    rows: points.map((step) => ({
      series: attention,
      token: Math.max(1, step.token),
      stepSeconds: step.seconds!,
      memoryBytes: step.memoryBytes,
    })),
  });
}
