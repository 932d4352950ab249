/** The grid that `ridgepoint sweep` is asked for: its options, laid over those of a sweep file. */
import type { Command } from "commander";
import type { SweepGrid } from "../analysis/sweep-grid.ts";
import type { Model } from "../architecture/model.ts";
import { loadModel, loadModelFile } from "../files/load-model.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { nearestName } from "../quantity/nearest-name.ts";
import type { StepOptions } from "../step/step-options.ts";
import { comparableTiming } from "../timing/comparable-timing.ts";
import { numberList, wordList } from "./list-option.ts";
import { share } from "./number-option.ts";
import { defaultModel, hardwareOf, type RawOptions, stepOptionsOf, workloadOf } from "./step-settings.ts";
import { addTimingOptions, timingChoiceOf } from "./timing-options.ts";

/** Adds the axes and what all rows share. No defaults here: an option that was not typed leaves the file's value. */
export function addSweepOptions(command: Command): Command {
  return addTimingOptions(command)
    .option("-f, --file <file>", "a sweep file (YAML or JSON); options override its keys")
    .option("-m, --model <list>", `model profiles (${defaultModel})`)
    .option("--config <list>", "Hugging Face config.json files (or model profiles), instead of or beside --model")
    .option("-a, --attention <list>", "mha, gqa:G, mqa, mla, as-is (as-is)")
    .option("-H, --hardware <list>", "hardware profiles or files (h100-sxm)")
    .option("-b, --batch <list>", "requests served together (1,16,64)")
    .option("-c, --context <list>", "rows of the cache a sequence, the new tokens among them (512,2048,8192)")
    .option("--query-tokens <list>", "new tokens a sequence (1; in a prefill the prompt)")
    .option("--phase <list>", "decode, prefill (decode)")
    .option("--weights <list>", 'formats of the weights; "published" is the model\'s own (published)')
    .option("--kv-cache <list>", "formats of keys and values (bf16)")
    .option("--activations <list>", "formats of activations (bf16)")
    .option("--tensor-parallel <list>", "devices that share each layer (1)")
    .option("--pipeline-parallel <list>", "stages of layers, one after the other (1)")
    .option("--expert-parallel <list>", "devices that share the experts (1)")
    .option("--source-context <n>", "rows of an encoder's output a request (the context)")
    .option("--beams <k>", "beams a request (1)")
    .option("--window <w>", "sliding window in every layer: itself and the w - 1 tokens before")
    .option("--same-parameters", "widen the feed-forward networks so that the parameter count stays")
    .option("--attention-kernel <kind>", "fused or materialized (fused)")
    .option("--latent-kernel <kind>", "auto, absorbed or expanded (auto)")
    .option("--cache-update <kind>", "in-place or concat (in-place)")
    .option("--touched-experts <kind>", "expected or all (expected)")
    .option("--memory-share <x>", "share of the memory that may be used (1)")
    .option("--ceilings <file>", "measured ceilings in the place of the one --hardware's");
}

/**
 * The grid. Models, machines, formats and attention variants are checked here, so that a name that is not known ends the
 * sweep before it begins; options that don't go with one model or machine are left to the rows.
 * @throws InvalidInput naming the option or the file's key
 */
export async function sweepGridOf(options: RawOptions): Promise<SweepGrid> {
  const asked = await laidOverFile(options);
  const choice = await timingChoiceOf(asked);
  const hardware = await machinesOf(asked);
  const { beams = 1, sourceContext = null } = workloadOf(constants(asked), 1, 1);
  return {
    models: await modelsOf(asked),
    attentions: words(asked, "attention", "as-is").map(attentionOf),
    hardware,
    phases: words(asked, "phase", "decode").map((phase) => stepWith(asked, { phase }).phase),
    weights: words(asked, "weights", "published").map((weights) =>
      weights === "published" ? null : stepWith(asked, { weights }).weights,
    ),
    kvCaches: words(asked, "kvCache", "bf16").map((kvCache) => stepWith(asked, { kvCache }).kvCache),
    activations: words(asked, "activations", "bf16").map((activations) => stepWith(asked, { activations }).activations),
    tensorParallel: numbers(asked, "tensorParallel", "1"),
    pipelineParallel: numbers(asked, "pipelineParallel", "1"),
    expertParallel: numbers(asked, "expertParallel", "1"),
    queryTokens: asked["queryTokens"] === undefined ? [null] : numbers(asked, "queryTokens", "1"),
    batches: numbers(asked, "batch", "1,16,64"),
    contexts: numbers(asked, "context", "512,2048,8192"),
    step: stepOptionsOf(constants(asked)),
    timing: comparableTiming(choice, hardware),
    sameParameters: asked["sameParameters"] === true,
    window: asked["window"] === undefined ? null : (numbers(asked, "window", "1")[0] as number),
    beams,
    sourceContext,
    memoryShare: share("memoryShare", asked["memoryShare"] ?? 1),
  };
}

/** What was typed, and of the file what was not. --model and --config are one axis, so either replaces both. */
async function laidOverFile(options: RawOptions): Promise<RawOptions> {
  const path = options["file"];
  if (typeof path !== "string") return options;
  const { readSweepFile } = await import("./sweep-file.ts");
  const { model, config, ...file } = await readSweepFile(path);
  const typed = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  if (typed["model"] !== undefined || typed["config"] !== undefined) return { ...file, ...typed };
  return { ...file, ...typed, model, config };
}

/** The options without the axes, which single values stand in for here. */
function constants(asked: RawOptions): RawOptions {
  const axes = [
    "phase",
    "weights",
    "kvCache",
    "activations",
    "tensorParallel",
    "pipelineParallel",
    "expertParallel",
    "queryTokens",
  ];
  return Object.fromEntries(Object.entries(asked).filter(([name]) => !axes.includes(name)));
}

function stepWith(asked: RawOptions, axis: RawOptions): StepOptions {
  return stepOptionsOf({ ...constants(asked), ...axis });
}

/** A list from a file is taken item by item, so that a path in it may hold a comma. */
function words(asked: RawOptions, name: string, otherwise: string): string[] {
  const value = asked[name] ?? otherwise;
  if (!Array.isArray(value)) return wordList(name, value);
  return [...new Set(value.map((item) => String(item).trim()))];
}

function numbers(asked: RawOptions, name: string, otherwise: string): number[] {
  const value = asked[name] ?? otherwise;
  return numberList(name, Array.isArray(value) ? value.join(",") : value);
}

async function modelsOf(asked: RawOptions): Promise<Model[]> {
  const files = asked["config"] === undefined ? [] : words(asked, "config", "");
  const ids = asked["model"] === undefined && files.length > 0 ? [] : words(asked, "model", defaultModel);
  const models = ids.map((id) => loadModel(id));
  const weightsGiven = !words(asked, "weights", "published").includes("published");
  for (const path of files) models.push(await loadModelFile(path, "config", { weightsGiven }));
  return models;
}

async function machinesOf(asked: RawOptions): Promise<Hardware[]> {
  const names = words(asked, "hardware", "h100-sxm");
  if (asked["ceilings"] !== undefined && names.length > 1) {
    throw new InvalidInput("ceilings", asked["ceilings"], "one --hardware with it: ceilings are one machine's");
  }
  const machines: Hardware[] = [];
  for (const name of names) machines.push(await hardwareOf(name, asked));
  return machines;
}

const variants = ["mha", "mqa", "mla", "as-is"];

function attentionOf(name: string): string {
  if (variants.includes(name) || /^gqa:[1-9]\d{0,5}$/.test(name)) return name;
  const nearest = nearestName(name, variants);
  const hint = nearest === null ? "" : `; did you mean ${nearest}?`;
  throw new InvalidInput("attention", name, `wants mha, gqa:G, mqa, mla or as-is${hint}`);
}
