/**
 * How far predictions of serving engines are off on runs that the constants did not see, as ln(measured / predicted) at 5 % and at
 * 95 % of them: of the time an output token takes, and of the time to the first one. The runs held out are those of
 * validation/serving-split.ts: another model, or more devices than were fitted; where an end of theirs is nearer than that of the
 * runs that were fitted, the latter stands: few runs of one kind may all be off to one side.
 */
import type { ErrorBand } from "../timing/fitted-engine.ts";

export interface ServingBands {
  readonly outputToken: ErrorBand;
  readonly firstToken: ErrorBand;
  readonly source: string;
}

const runs = "ai-dynamo/aiconfigurator@095f58a, systems/silicon_sample.csv, H100 SXM";

export const servingBands: Readonly<Record<"vllm" | "trt-llm" | "sglang", ServingBands>> = {
  vllm: {
    outputToken: { low: -0.093, high: 0.088 },
    firstToken: { low: -0.562, high: 0.24 },
    source: `45 runs of Llama-3.1-70B in fp8, fitted on Qwen3-32B in bf16: ${runs}`,
  },
  "trt-llm": {
    outputToken: { low: -0.127, high: 0.264 },
    firstToken: { low: -0.23, high: 0.975 },
    source: `92 runs of Qwen3-32B in fp8 on 4 and 8 GPUs, fitted on 1 and 2: ${runs}`,
  },
  sglang: {
    outputToken: { low: -0.151, high: 0.079 },
    firstToken: { low: -0.381, high: 0.307 },
    source: `54 runs of Qwen3-32B in bf16 on 4 and 8 GPUs, fitted on 1 and 2: ${runs}`,
  },
};
