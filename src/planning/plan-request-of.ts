/** From what a user typed to the question of a plan: units read, defaults put in, contradictions refused. */
import { InvalidInput } from "../quantity/invalid-input.ts";
import { nearestName } from "../quantity/nearest-name.ts";
import { type NumberFormat, parseNumberFormat } from "../quantity/number-format.ts";
import { numberList } from "../quantity/number-list.ts";
import { parseDuration } from "../quantity/parse-duration.ts";
import { parseBytesPerSecond, parsePricePerHour, parseWatts } from "../quantity/parse-quantity.ts";
import { typedNumber, workloadSize } from "../quantity/typed-number.ts";
import { wordChoice } from "../quantity/word-choice.ts";
import type { EngineId } from "../timing/execution-profile.ts";
import { checkObjectives, type Objectives } from "./objectives.ts";
import type { CandidatesSection, LimitsSection, ObjectivesSection, OneOrMore, PlanFile } from "./plan-file.ts";
import type { PlanRequest, RequestedCandidates, RequestedLimits, RequestedSpeculation } from "./plan-request.ts";
import { planWorkloadOf } from "./plan-workload.ts";

/** Where neither candidates nor owned devices name any. */
const defaultHardware = "h100-sxm";

/**
 * The question that a plan file, or the options laid over it, asks.
 * @throws InvalidInput naming the field: what is missing, not above 0, or contradicts another
 */
export function planRequestOf(file: PlanFile): PlanRequest {
  const limits = limitsOf(file.limits ?? {});
  const prices = Object.entries(file.prices ?? {}).map(([id, price]) => [id, priceOf(`prices.${id}`, price)] as const);
  const { requests = 10_000, seed = 1, best = 3 } = file.simulate ?? {};
  const model = modelOf(file);
  const workload = planWorkloadOf(file.workload ?? {});
  const candidates = candidatesOf(file.candidates ?? {}, limits);
  if (workload.kind === "users" && candidates.separatePrefill === "always") {
    throw new InvalidInput(
      "separatePrefill",
      "always",
      "contradicts users: prompts apart are planned for a rate or a trace",
    );
  }
  return {
    model,
    workload,
    objectives: objectivesOf(file.objectives ?? {}),
    candidates,
    prices: Object.fromEntries(prices),
    limits,
    whatIf: listOf(file.whatIf ?? []),
    simulation: {
      requests: workloadSize("requests", requests),
      seed: wholeFrom0("seed", seed),
      best: wholeFrom0("simulate.best", best),
    },
  };
}

function modelOf({ model, config }: PlanFile): PlanRequest["model"] {
  if (model !== undefined && config !== undefined) {
    throw new InvalidInput("config", config, `wants no model beside it, and model is ${model}`);
  }
  if (model !== undefined) return { kind: "built-in", id: model };
  if (config !== undefined) return { kind: "file", path: config };
  throw new InvalidInput("model", "missing", "wants a model's name, or config with a file");
}

function objectivesOf({ ttft, tpot, endToEnd, percentile = 95 }: ObjectivesSection): Objectives {
  const seconds = (field: string, text: number | string | undefined): number | null =>
    text === undefined ? null : secondsOf(field, text);
  return checkObjectives({
    ttftSeconds: seconds("ttft", ttft),
    tpotSeconds: seconds("tpot", tpot),
    endToEndSeconds: seconds("endToEnd", endToEnd),
    // 99.9 / 100 is a little more than 0.999.
    share: Number((percentile / 100).toPrecision(12)),
  });
}

function candidatesOf(section: CandidatesSection, limits: RequestedLimits): RequestedCandidates {
  const counts = (name: "tensorParallel" | "pipelineParallel" | "expertParallel" | "replicas"): number[] | null =>
    section[name] === undefined ? null : countsOf(name, section[name]);
  const owned = [...new Set(limits.owned.map(({ hardware }) => hardware))];
  const { devices } = section;
  const deviceCounts = devices === undefined || isOneNumber(devices) ? null : countsOf("devices", devices);
  return {
    hardware: someOf("hardware", section.hardware ?? (owned.length > 0 ? owned : defaultHardware)),
    mostDevices: devices === undefined ? null : Math.max(...(deviceCounts ?? [workloadSize("devices", devices)])),
    deviceCounts,
    weights: formatsOf("weights", section.weights, "published"),
    kvCaches: formatsOf("kvCache", section.kvCache, "auto"),
    activations: section.activations === undefined ? null : parseNumberFormat(section.activations, "activations"),
    engine: section.engine === undefined ? null : engineOf(section.engine),
    engineVersion: section.engineVersion === undefined ? null : versionOf(section.engineVersion),
    tensorParallel: counts("tensorParallel"),
    pipelineParallel: counts("pipelineParallel"),
    expertParallel: counts("expertParallel"),
    replicas: counts("replicas"),
    separatePrefill: section.separatePrefill ?? "auto",
    speculative: section.speculative === undefined ? null : speculationOf(section.speculative),
    maxSequences: section.maxSequences === undefined ? null : workloadSize("maxSequences", section.maxSequences),
    stepTokens: section.stepTokens === undefined ? null : workloadSize("stepTokens", section.stepTokens),
  };
}

function limitsOf(section: LimitsSection): RequestedLimits {
  const { power, devicesPerNode, nodeLink, costPerHour, owned = {}, memoryShare, utilization } = section;
  return {
    powerWatts: power === undefined ? null : wattsOf(power),
    devicesPerNode: devicesPerNode === undefined ? null : workloadSize("devicesPerNode", devicesPerNode),
    nodeLinkBytesPerSecond: nodeLink === undefined ? null : parseBytesPerSecond(nodeLink, "nodeLink"),
    costPerHour: costPerHour === undefined ? null : priceOf("costPerHour", costPerHour),
    owned: Object.entries(owned).map(([hardware, fleet]) => {
      const { count, region } = typeof fleet === "number" ? { count: fleet, region: undefined } : fleet;
      return { hardware, count: workloadSize(`owned.${hardware}`, count), region: region ?? null };
    }),
    memoryShare: memoryShare === undefined ? null : shareOf("memoryShare", memoryShare),
    utilization: utilization === undefined ? null : shareOf("utilization", utilization),
  };
}

function speculationOf({
  tokens,
  acceptance,
  draft,
}: NonNullable<CandidatesSection["speculative"]>): RequestedSpeculation {
  if (!(Number.isInteger(tokens) && tokens >= 1 && tokens <= 64)) {
    throw new InvalidInput("speculative.tokens", tokens, "wants a whole number of drafted tokens, 1 to 64");
  }
  if (!(acceptance >= 0 && acceptance < 1)) {
    throw new InvalidInput("speculative.acceptance", acceptance, "wants a probability from 0 up to but not 1");
  }
  return { tokens, acceptance, draft: draft ?? null };
}

function versionOf(version: string): string {
  if (/^v?\d/.test(version)) return version;
  throw new InvalidInput("engineVersion", version, 'wants the engine\'s version, such as "0.9.0"');
}

/** Software that serves; the rest times steps alone. */
const servingEngines: readonly EngineId[] = ["vllm", "trt-llm", "sglang", "llama.cpp", "ideal"];

function engineOf(name: string): EngineId {
  const id = servingEngines.find((each) => each === name);
  if (id !== undefined) return id;
  const nearest = nearestName(name, servingEngines);
  const hint = nearest === null ? "" : `; did you mean ${nearest}?`;
  throw new InvalidInput("engine", name, `wants software that serves: ${wordChoice(servingEngines)}${hint}`);
}

/** @param own the word for the format that is not chosen here, and the default */
function formatsOf(field: string, formats: OneOrMore<string> | undefined, own: string): (NumberFormat | null)[] {
  return someOf(field, formats ?? own).map((id) => (id === own ? null : parseNumberFormat(id, field)));
}

/** A text may hold several with commas between them; each once. */
function listOf(value: OneOrMore<string>): string[] {
  const items = typeof value === "string" ? value.split(",") : value;
  return [...new Set(items.map((item) => item.trim()).filter((item) => item !== ""))];
}

/** One at least. */
function someOf(field: string, value: OneOrMore<string>): string[] {
  const items = listOf(value);
  if (items.length === 0) throw new InvalidInput(field, String(value), "wants a name at least");
  return items;
}

function countsOf(field: string, value: OneOrMore<number | string>): number[] {
  return numberList(field, typeof value === "object" ? value.join(",") : value);
}

function isOneNumber(value: OneOrMore<number | string>): value is number | string {
  return typeof value !== "object" && !/\.\.|,/.test(String(value));
}

function secondsOf(field: string, text: number | string): number {
  if (typeof text === "number" && text > 0 && Number.isFinite(text)) return text;
  return parseDuration(field, text);
}

/** US dollars an hour. */
function priceOf(field: string, text: number | string): number {
  const plain = typedNumber(text);
  if (Number.isNaN(plain) && typeof text === "string") return parsePricePerHour(text, field);
  if (plain > 0 && plain <= 1e9) return plain;
  throw new InvalidInput(field, text, 'wants US dollars an hour, more than zero, such as 2.5 or "2.5 USD/h"');
}

function wattsOf(text: number | string): number {
  const plain = typedNumber(text);
  if (Number.isNaN(plain) && typeof text === "string") return parseWatts(text, "power");
  if (plain > 0 && plain <= 1e12) return plain;
  throw new InvalidInput("power", text, 'wants watts, more than zero, such as 50_000 or "50 kW"');
}

function shareOf(field: string, value: number): number {
  if (value > 0 && value <= 1) return value;
  throw new InvalidInput(field, value, "wants a number above 0 and at most 1");
}

function wholeFrom0(field: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) return value;
  throw new InvalidInput(field, value, "wants a whole number, 0 or more");
}
