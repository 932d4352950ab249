/** The options of plan and simulate, and what they say as the content of a plan file (docs/plan-file.md). */
import type { Command } from "commander";
import type {
  CandidatesSection,
  LimitsSection,
  ObjectivesSection,
  PlanFile,
  WorkloadSection,
} from "../planning/plan-file.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { typedNumber } from "../quantity/typed-number.ts";
import type { RawOptions } from "./step-settings.ts";
import { addTimingOptions } from "./timing-options.ts";

const collected = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

/** Adds what both commands take: model, workload, objectives, replicas, memory. */
export function addFleetOptions(command: Command): Command {
  command
    .option("--file <file>", "a plan file (YAML or JSON); options given here replace what it says")
    .option("-m, --model <id>", "model profile, see `ridgepoint models`")
    .option("--config <file>", "a Hugging Face config.json (or a model profile) instead of --model")
    .option("--rate <rate>", 'requests that arrive by themselves: "8/s", "500/min"')
    .option("--users <n>", "users that each keep one request in flight, instead of --rate")
    .option(
      "--input <tokens>",
      "prompt: 1000, 100..2000, lognormal:MEAN:DEVIATION, exponential:MEAN or quantiles:p50=…,p99=…",
    )
    .option("--output <tokens>", "answer, likewise")
    .option("--trace <file>", "arrivals and lengths recorded (CSV or JSON lines); with --rate scaled to it")
    .option("--burstiness <cv>", "deviation of the gaps between arrivals over their mean: 1 Poisson, 0 regular")
    .option("--shared-prefix <share>", "share of each prompt that prefix caching finds computed")
    .option("--ttft <time>", "objective: time to the first token")
    .option("--tpot <time>", "objective: time of an output token, after the first")
    .option("--end-to-end <time>", "objective: from arrival to the last token")
    .option("--percentile <p>", "of the requests that keep the objectives (95)")
    .option("--weights <formats>", "formats of the weights to choose from (the published one)")
    .option("--kv-cache <formats>", "formats of the cache to choose from (the engine's choice)")
    .option("--speculative <spec>", "drafts: TOKENS:ACCEPTANCE[:MODEL], as 3:0.7 or 4:0.75:llama-3.2-1b")
    .option("--engine-version <v>", "of --engine, where constants differ by it: trt-llm before 1.0 (that of the fit)")
    .option("--max-sequences <n>", "requests that a replica runs at once at most (the engine's)")
    .option("--step-tokens <n>", "prompt tokens of a step at most (the engine's)")
    .option("--memory-share <x>", "share of the memory that weights and caches may fill (what the engine leaves)")
    .option("--devices-per-node <n>", "devices that the profile's link joins (the profile's)")
    .option("--node-link <rate>", 'from a device to other nodes: "400 Gb/s" (the profile\'s)')
    .option("--ceilings <file>", "measured ceilings of the machine in its profile's place");
  return addTimingOptions(command);
}

/** Adds what the search alone takes. */
export function addPlanOptions(command: Command): Command {
  return addFleetOptions(command)
    .option("-H, --hardware <list>", "kinds of device to choose from (h100-sxm, or what is owned)")
    .option("--devices <n>", "at most so many in all; a list or range: those counts alone")
    .option("--tensor-parallel <list>", "sizes to choose from (all that the rules allow)")
    .option("--pipeline-parallel <list>", "likewise")
    .option("--expert-parallel <list>", "likewise")
    .option("--replicas <list>", "numbers of replicas to choose from")
    .option("--separate-prefill <when>", "prompts on replicas of their own: auto, never or always")
    .option("--price <id=usd>", "US dollars an hour and device, as h100-sxm=2.50; may be repeated", collected)
    .option("--owned <id=n>", "devices that are there and cost nothing more; may be repeated", collected)
    .option("--power <watts>", "at most so much, as 50kW")
    .option("--cost-per-hour <usd>", "at most so much")
    .option("--utilization <x>", "share of what a replica sustains that it is loaded to at most (0.9)")
    .option(
      "--what-if <change>",
      "the fleet if: kv-heads=1, attention=mla, kv-cache=int8 …; may be repeated",
      collected,
    );
}

/** What was typed, as a plan file's content; nothing where nothing was. */
export function planFileOf(options: RawOptions): PlanFile {
  const text = (name: string): string | undefined => {
    const value = options[name];
    return value === undefined ? undefined : String(value);
  };
  const number = (name: string): number | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    const read = typedNumber(value);
    if (Number.isFinite(read)) return read;
    throw new InvalidInput(name, value, "wants a number");
  };
  const workload: WorkloadSection = given({
    ...{ rate: text("rate"), users: number("users"), input: text("input"), output: text("output") },
    ...{ trace: text("trace"), burstiness: number("burstiness"), sharedPrefix: number("sharedPrefix") },
  });
  const objectives: ObjectivesSection = given({
    ...{ ttft: text("ttft"), tpot: text("tpot"), endToEnd: text("endToEnd"), percentile: number("percentile") },
  });
  const candidates: CandidatesSection = given({
    ...{ hardware: text("hardware"), devices: text("devices"), weights: text("weights"), kvCache: text("kvCache") },
    ...{ tensorParallel: text("tensorParallel"), pipelineParallel: text("pipelineParallel") },
    ...{ expertParallel: text("expertParallel"), replicas: text("replicas"), engine: text("engine") },
    engineVersion: text("engineVersion"),
    separatePrefill: separateWord(text("separatePrefill")),
    speculative: options["speculative"] === undefined ? undefined : speculation(String(options["speculative"])),
    ...{ maxSequences: number("maxSequences"), stepTokens: number("stepTokens") },
  });
  const limits: LimitsSection = given({
    ...{ power: text("power"), costPerHour: text("costPerHour"), nodeLink: text("nodeLink") },
    ...{ devicesPerNode: number("devicesPerNode"), memoryShare: number("memoryShare") },
    utilization: number("utilization"),
    owned: pairs("owned", options["owned"], (field, value) => positive(field, value)),
  });
  const prices = pairs("price", options["price"], (_field, value) => value);
  const simulate = given({ requests: number("requests"), seed: number("seed"), best: number("simulate") });
  const whatIf = options["whatIf"] as readonly string[] | undefined;
  return given({
    ...{ model: text("model"), config: text("config") },
    ...{ workload: some(workload), objectives: some(objectives), candidates: some(candidates) },
    ...{ limits: some(limits), prices, simulate: some(simulate), whatIf },
  });
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** The members that are there. */
function given<T extends object>(members: T): Given<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Given<T>;
}

function some<T extends object>(section: T): T | undefined {
  return Object.keys(section).length === 0 ? undefined : section;
}

function separateWord(text: string | undefined): "auto" | "never" | "always" | undefined {
  if (text === undefined || text === "auto" || text === "never" || text === "always") return text;
  throw new InvalidInput("separatePrefill", text, "wants auto, never or always");
}

function speculation(text: string): NonNullable<CandidatesSection["speculative"]> {
  const [tokens = "", acceptance = "", ...draft] = text.split(":");
  const read = { tokens: typedNumber(tokens), acceptance: typedNumber(acceptance) };
  if (Number.isNaN(read.tokens) || Number.isNaN(read.acceptance)) {
    throw new InvalidInput("speculative", text, "wants TOKENS:ACCEPTANCE[:MODEL], such as 3:0.7");
  }
  return draft.length === 0 ? read : { ...read, draft: draft.join(":") };
}

function pairs<Value>(
  field: string,
  given: unknown,
  read: (field: string, value: string) => Value,
): Record<string, Value> | undefined {
  if (given === undefined) return undefined;
  return Object.fromEntries(
    (given as readonly string[])
      .flatMap((text) => text.split(","))
      .map((text): [string, Value] => {
        const match = /^\s*([^=\s]+)\s*=\s*(\S.*)$/.exec(text);
        if (match === null)
          throw new InvalidInput(
            field,
            text,
            `wants a device and a figure, such as h100-sxm=${field === "price" ? "2.50" : "8"}`,
          );
        return [match[1]!, read(`${field} ${match[1]}`, match[2]!.trim())];
      }),
  );
}

function positive(field: string, text: string): number {
  const value = typedNumber(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidInput(field, text, "wants a positive whole number");
}
