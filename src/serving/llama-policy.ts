/** How llama.cpp's server schedules: slots whose contexts are set aside, prompts beside decoding in steps of n_batch (2048, its default). */
import type { SchedulingPolicy } from "./serving-constants.ts";

export const llamaPolicy: SchedulingPolicy = { prefill: "mixed", stepTokens: 2048, reservedShare: 1, admittedShare: 1 };
