/** What `plan --json` prints; docs/json-output.md says it in words. */
import { z } from "zod";
import type { CandidateRow } from "../../planning/candidate-row.ts";
import type { PlanPoint } from "../../planning/plan-front.ts";
import type { RejectedRow } from "../../planning/plan-report.ts";
import type { Relief } from "../../planning/relief.ts";
import type { ReplicaArguments } from "../../planning/replica-arguments.ts";
import type { WhatIfRow } from "../../planning/what-if.ts";
import { amount, bytes, positive, seconds, whole } from "./figures.ts";
import { disagreement, misses, simulationFigures, workload } from "./simulate-output.ts";

const share = z.number().min(0).max(1);
const dollars = amount.describe("US dollars");
const interval = z.strictObject({ low: seconds, high: seconds, level: share });

const memory: z.ZodType<CandidateRow["memory"]> = z
  .strictObject({
    weightBytes: bytes,
    cacheBytes: bytes.describe("bytes that requests hold on average"),
    freeBytes: bytes.describe("bytes of room for more of them"),
    activationBytes: bytes,
    runtimeBytes: bytes.describe("bytes of the driver's context and captured graphs"),
    collectiveBytes: bytes,
    fragmentationBytes: bytes,
    reserveBytes: bytes.describe("bytes that the engine is told to leave"),
    capacityBytes: bytes.describe("bytes of the device; the others add up to it"),
  })
  .describe("of the fullest device");

const prefill: z.ZodType<CandidateRow["prefill"]> = z
  .strictObject({
    replicas: positive,
    tp: positive,
    pp: positive,
    ep: positive,
    devices: positive,
    utilization: share,
    transferSeconds: seconds.describe("seconds until a prompt's cache is at the replica that decodes"),
  })
  .nullable()
  .describe("replicas that compute prompts alone; null where each replica computes its own");

const bestOf = {
  hardware: z.string(),
  engine: z.string(),
  weights: z.string().describe("format"),
  kvCache: z.string().describe("format"),
  fleet: z.string().describe('for people: "2 × (TP 4)"'),
  replicas: positive.describe("that decode, and compute prompts unless others do"),
  tp: positive.describe("devices that share each layer"),
  pp: positive.describe("stages of layers"),
  ep: positive.describe("devices that share the experts"),
  prefill,
  devices: positive.describe("of the whole fleet"),
  nodes: positive,
  batch: amount.describe("sequences that decode in a replica, on average"),
  maxSequences: whole.nullable().describe("requests that fit into a replica; null where memory sets no limit"),
  ttftSeconds: seconds.describe("seconds at the objectives' percentile"),
  tpotSeconds: seconds.describe("seconds at the objectives' percentile"),
  endToEndSeconds: seconds.describe("seconds at the objectives' percentile"),
  meanTtftSeconds: seconds,
  meanTpotSeconds: seconds,
  ttftInterval: interval.nullable().describe("null where no run of such a machine was held out"),
  tpotInterval: interval.nullable(),
  requestsPerSecond: amount,
  tokensPerSecond: amount.describe("output tokens of the whole fleet"),
  utilization: z.number().min(0).max(1.000001).describe("load over the most that a replica sustains"),
  memory,
  costPerHour: dollars.nullable().describe("US dollars of the fleet; null where no price is known"),
  costPerMillionTokens: dollars.nullable().describe("US dollars a million output tokens"),
  powerWatts: amount.nullable().describe("watts of all devices at their rated power; null where unknown"),
  joulesPerToken: amount.nullable().describe("joules an output token at that power"),
  binding: z.enum(["objective", "capacity", "bandwidth", "compute", "link", "overhead", "none"]),
  bindingText: z.string(),
  lost: z.string().nullable().describe("why it is not the best; null of the best"),
};

const simulated = z
  .strictObject({ ...simulationFigures, misses, disagreements: z.array(disagreement) })
  .nullable()
  .describe("a run of this fleet; null where it was not simulated");

const candidate = z.strictObject({ ...bestOf, simulated });

const point: z.ZodType<PlanPoint> = z.strictObject({
  hardware: z.string(),
  layout: z.string(),
  batch: amount.describe("sequences that decode in one replica"),
  ttftSeconds: seconds.describe("seconds at the objectives' percentile"),
  tpotSeconds: seconds.describe("seconds at the objectives' percentile"),
  tokensPerSecondPerDevice: amount,
  costPerMillionTokens: dollars.nullable(),
});

const rejected: z.ZodType<RejectedRow> = z.strictObject({
  hardware: z.string(),
  tp: positive,
  pp: positive,
  ep: positive,
  weights: z.string().nullable().describe("format; null where the layout alone forbids it"),
  kvCache: z.string().nullable(),
  kind: z.enum(["rules", "memory", "objective", "limit"]),
  reason: z.string(),
});

const nearestMiss = z
  .strictObject({
    hardware: z.string(),
    layout: z.string(),
    reason: z.string(),
    shortBy: amount.nullable().describe("what it needs over what it may have; null where that says nothing"),
    fixes: z
      .array(z.strictObject({ change: z.string(), fleet: z.string(), hardware: z.string() }))
      .describe("single changes that let a fleet hold, each searched for"),
  })
  .nullable()
  .describe("where nothing fits, what came nearest; else null");

const relief: z.ZodType<Relief> = z.strictObject({
  what: z.string(),
  change: z.string(),
  devices: positive.describe("of the fleet with it"),
  costPerHour: dollars.nullable(),
  moreLoadPerDevice: z.number().describe("0.1: a device serves 10 % more within the objectives"),
});

const whatIf: z.ZodType<WhatIfRow> = z.strictObject({
  change: z.string().describe("as it was asked; empty of the plan as it is, which stands first"),
  label: z.string(),
  hardware: z.string().nullable().describe("null where nothing fits, as all figures"),
  fleet: z.string().nullable(),
  devices: positive.nullable(),
  costPerHour: dollars.nullable(),
  costPerMillionTokens: dollars.nullable(),
  tpotSeconds: seconds.nullable(),
  ttftSeconds: seconds.nullable(),
  requestCacheBytes: bytes.nullable().describe("bytes of a mean request's cache on one device"),
  quality: z.array(z.string()).describe("published quality of such a change, of other models"),
});

const engineArguments: z.ZodType<ReplicaArguments> = z.strictObject({
  engine: z.enum(["vllm", "trt-llm", "sglang"]),
  command: z.string().describe("what starts one replica, for a POSIX shell"),
  notes: z.array(z.string()),
  separated: z.enum(["prefill", "decode"]).nullable(),
});

/** `ridgepoint plan --json`. */
export const planOutputSchema: z.ZodType = z.strictObject({
  model: z.string(),
  workload: z.strictObject({ ...workload, cachedPromptShare: share.describe("of each prompt, found computed") }),
  objectives: z.strictObject({
    ttftSeconds: seconds.nullable(),
    tpotSeconds: seconds.nullable(),
    endToEndSeconds: seconds.nullable(),
    percentile: z.number().describe("per cent of the requests that keep to them"),
  }),
  best: candidate.nullable().describe("the first candidate; null where nothing fits (exit code 3)"),
  candidates: z.array(candidate).describe("the cheapest first"),
  simulatedReplicas: whole
    .nullable()
    .describe(
      "of the best fleet's replicas, with how many the simulation keeps all objectives; null where with those planned, or where it was not asked",
    ),
  paretoFront: z.array(point).describe("cost of a million tokens against TPOT, quickest first"),
  throughputFront: z.array(point).describe("tokens a second and device against TPOT, quickest first"),
  rejected: z.array(rejected),
  nearestMiss,
  reliefs: z.array(relief).describe("one step more of one thing, each searched for on the best fleet's machine"),
  configurations: whole.describe("that were looked at"),
  whatIf: z.array(whatIf),
  engineArguments: z.array(engineArguments).describe("of the best fleet's replicas"),
  definitions: z.strictObject({ tpot: z.string(), elsewhere: z.array(z.string()) }),
  assumptions: z.array(z.string()),
  notes: z.array(z.string()),
});
