/** What `simulate --json` prints, and what of it `plan --json` has for each fleet that it simulated; docs/json-output.md says it in words. */
import { z } from "zod";
import type { SimulationJson } from "../simulation-json.ts";
import { amount, positive, seconds, whole } from "./figures.ts";

const share = z.number().min(0).max(1);

const times = z.strictObject({
  count: whole.describe("requests that it is of; where there are none, all figures are 0"),
  mean: seconds,
  p50: seconds,
  p90: seconds,
  p95: seconds,
  p99: seconds,
  max: seconds,
});

/** Figures of a run; percentiles are within half a per cent of themselves, mean and max exact. */
export const simulationFigures: Readonly<{ [Name in keyof SimulationJson]: z.ZodType<SimulationJson[Name]> }> = {
  requests: z
    .strictObject({
      arrived: whole,
      completed: whole,
      rejected: whole,
      preempted: whole.describe("pre-emptions, one request perhaps several times"),
    })
    .describe("completed + rejected = arrived"),
  ttftSeconds: times.describe("from a request's arrival to its first token"),
  tpotSeconds: times.describe("time after the first token over the tokens after it, of requests of two and more"),
  endToEndSeconds: times.describe("from arrival to the last token"),
  queueSeconds: times.describe("from arrival to the first step that computes some of the request"),
  goodputShare: share.describe("of the requests that are counted, those that keep all objectives"),
  durationSeconds: seconds.describe("until the last completion"),
  inputTokens: whole.describe("of completed requests"),
  outputTokens: whole.describe("of completed requests"),
  tokensPerSecond: amount.describe("output tokens over the duration"),
  requestsPerSecond: amount.describe("completed requests over the duration"),
  utilization: z.number().min(0).max(1.000001).describe("mean share of the time that replicas are in a step"),
  meanRunning: amount.describe("requests in engines, mean over time"),
  meanWaiting: amount.describe("requests in queues, mean over time"),
  peakCacheShare: z.number().min(0).max(1.000001).describe("the most that one replica's caches took of their room"),
};

export const disagreement: z.ZodType<{
  figure: "TTFT" | "TPOT";
  closedSeconds: number;
  simulatedSeconds: number;
}> = z
  .strictObject({ figure: z.enum(["TTFT", "TPOT"]), closedSeconds: seconds, simulatedSeconds: seconds })
  .describe("closed form and run differ by more than 10 %, at the objectives' percentile");

/** Objectives that a run misses. */
export const misses: z.ZodType<string[]> = z.array(z.enum(["TTFT", "TPOT", "end to end"]));

const length = z.strictObject({ text: z.string(), mean: amount.describe("tokens, of what is drawn") });

/** Common to plan and simulate. */
export const workload: Readonly<Record<"ratePerSecond" | "users" | "input" | "output", z.ZodType>> = {
  ratePerSecond: amount.nullable().describe("requests a second; null where users wait for their answers"),
  users: positive.nullable().describe("requests in flight; null where they come by themselves"),
  input: length,
  output: length,
};

const series = z.strictObject({
  seconds: seconds.describe("end of the stretch; it begins at the one before, the first at 0"),
  waiting: amount.describe("requests, mean over the stretch"),
  running: amount,
  cacheShare: amount.describe("of the room for caches"),
  tokensPerSecond: amount.describe("output tokens"),
  preempted: amount.describe("pre-emptions in the stretch"),
});

/** `ridgepoint simulate --json`. */
export const simulateOutputSchema: z.ZodType = z.strictObject({
  model: z.string(),
  hardware: z.string(),
  engine: z.string(),
  fleet: z.string().describe('for people: "2 × (TP 4)"'),
  replicas: positive,
  tp: positive.describe("devices that share each layer"),
  pp: positive.describe("stages of layers"),
  ep: positive.describe("devices that share the experts"),
  devices: positive.describe("of the whole fleet"),
  seed: whole,
  workload: z.strictObject(workload),
  percentile: z.number().describe("of the objectives, in per cent"),
  ...simulationFigures,
  atPercentile: z
    .strictObject({ ttftSeconds: seconds, tpotSeconds: seconds, endToEndSeconds: seconds })
    .describe("of the run, at that percentile"),
  closedForm: z
    .strictObject({
      ttftSeconds: seconds,
      tpotSeconds: seconds,
      endToEndSeconds: seconds,
      meanTtftSeconds: seconds,
      meanTpotSeconds: seconds,
      utilization: amount,
    })
    .nullable()
    .describe(
      "the same fleet without simulation; null where requests come faster than it serves them, and for answers of one token",
    ),
  disagreements: z.array(disagreement),
  misses: misses.describe("objectives that the run misses at the percentile"),
  maxSequences: whole.nullable().describe("requests that fit into a replica; null where memory sets no limit"),
  series: z.array(series),
  definitions: z.strictObject({ tpot: z.string() }),
  notes: z.array(z.string()),
});
