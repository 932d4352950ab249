/**
 * The options that step, generate, compare, sweep, crossover, sensitivity, roofline, chart and explain share: which model,
 * which machine, which formats, kernels and parallelism. Parsed here once, so that they mean the same everywhere.
 */
import type { Command } from "commander";
import type { PredictorOptions } from "../analysis/predict-step.ts";
import { applyAttention, applyWindow } from "../architecture/attention-variant.ts";
import type { Model } from "../architecture/model.ts";
import { loadHardware } from "../files/load-hardware.ts";
import { loadModel, readModelFile } from "../files/load-model.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { parseNumberFormat } from "../quantity/number-format.ts";
import { defaultStepOptions, type StepOptions, type StepWorkload } from "../step/step-options.ts";
import { chooseTiming } from "../timing/choose-timing.ts";
import { comparableTiming } from "../timing/comparable-timing.ts";
import type { TimingModel } from "../timing/timing-model.ts";
import { wordList } from "./list-option.ts";
import { oneOf, positiveInteger, share, workloadSize } from "./number-option.ts";
import { addTimingOptions, timingChoiceOf } from "./timing-options.ts";

export type RawOptions = Readonly<Record<string, unknown>>;

/** The model where neither --model nor --config names one. */
export const defaultModel = "llama-2-7b";

/** Formats that activations may have: those that a unit multiplies. */
const activationFormats = ["fp32", "bf16", "fp16", "fp8", "int8", "nvfp4", "mxfp4"] as const;

/** Adds --model and --config. */
export function addModelOptions(command: Command): Command {
  return command
    .option("-m, --model <id>", `model profile, see \`ridgepoint models\` (${defaultModel})`)
    .option("--config <file>", "a Hugging Face config.json (or a model profile) instead of --model");
}

/** Adds the options of the step itself, beside model, machine, batch and context. */
export function addStepOptions(command: Command): Command {
  return addTimingOptions(command)
    .option("--query-tokens <n>", "new tokens a sequence (1; more for speculative verification; prefill: the prompt)")
    .option("--source-context <n>", "rows of an encoder's output a request (encoder-decoders; the context by default)")
    .option("--phase <phase>", "decode or prefill", "decode")
    .option("--same-parameters", "widen the feed-forward networks so that the parameter count stays")
    .option("--weights <format>", "format of the weights (the model's published one, else bf16)")
    .option("--kv-cache <format>", "format of keys and values", "bf16")
    .option("--activations <format>", "format of activations (fp8 or int8 multiplies natively)", "bf16")
    .option("--tensor-parallel <n>", "devices that share each layer", "1")
    .option("--pipeline-parallel <n>", "stages of layers, one after the other", "1")
    .option("--expert-parallel <n>", "devices that share the experts", "1")
    .option("--attention-kernel <kind>", "fused or materialized (logits written and read)", "fused")
    .option("--latent-kernel <kind>", "auto, absorbed or expanded (latent attention)", "auto")
    .option("--cache-update <kind>", "in-place or concat (the whole cache read and written)", "in-place")
    .option("--touched-experts <kind>", "expected or all (which experts' weights a step reads)", "expected")
    .option("--beams <k>", "beams a request", "1")
    .option("--window <w>", "sliding window in every layer: itself and the w - 1 tokens before")
    .option("--memory-share <x>", "share of the memory that may be used", "1")
    .option("--ceilings <file>", "measured ceilings (ceilings.json or a measured profile) in the profile's place");
}

/** Adds --hardware, --batch and --context of commands that look at one step; `use` says what the machine is for. */
export function addPointOptions(command: Command, use = ""): Command {
  return command
    .option("-H, --hardware <id>", `hardware profile or a file${use}`, "h100-sxm")
    .option("-b, --batch <n>", "requests served together", "1")
    .option("-c, --context <n>", "rows of the cache a step reads a sequence, the new tokens among them", "2048");
}

/** Adds --attention. */
export function addAttentionOption(command: Command): Command {
  return command.option("-a, --attention <variant>", "mha, gqa:G, mqa, mla or as-is", "as-is");
}

/** The model named by --model or --config, with --window and the attention variant applied. */
export async function modelOf(
  options: RawOptions,
  attention: string = String(options["attention"] ?? "as-is"),
): Promise<Model> {
  return (await notedModelOf(options, attention)).model;
}

export interface NotedModel {
  readonly model: Model;
  /** What was assumed or left out in reading a config.json, one sentence each. */
  readonly notes: readonly string[];
}

/** As modelOf, with what is to be said about a config.json. */
export async function notedModelOf(
  options: RawOptions,
  attention: string = String(options["attention"] ?? "as-is"),
): Promise<NotedModel> {
  const config = configOf(options);
  if (config === null) {
    const base = loadModel(String(options["model"] ?? defaultModel));
    return { model: variantOf(base, options, attention), notes: [] };
  }
  const { model, notes, profile } = await readModelFile(config, "--config", { weightsGiven: weightsGiven(options) });
  return { model: variantOf(model, options, attention), notes: profile === null ? notes : [] };
}

/** Whether --weights names a format, so that what a config.json says of its weights does not matter. */
export function weightsGiven(options: RawOptions): boolean {
  return options["weights"] !== undefined;
}

/** The file of --config, or null without it. @throws InvalidInput where --model is given as well */
export function configOf(options: RawOptions): string | null {
  const config = options["config"];
  if (typeof config !== "string") return null;
  if (options["model"] === undefined) return config;
  throw new InvalidInput("config", config, `--model ${options["model"]} or --config, not both`);
}

/** A loaded model with --window and an attention variant applied. */
export function variantOf(base: Model, options: RawOptions, attention: string): Model {
  const model = applyAttention(base, attention, options["sameParameters"] === true);
  return options["window"] === undefined ? model : applyWindow(model, positiveInteger("window", options["window"]));
}

/** The machine named by an id, an alias or a path, with the ceilings of --ceilings where given. */
export async function hardwareOf(name: unknown, options: RawOptions = {}): Promise<Hardware> {
  const hardware = await loadHardware(String(name));
  if (options["ceilings"] === undefined) return hardware;
  const { applyCeilingsFile } = await import("../files/load-ceilings.ts");
  return await applyCeilingsFile(hardware, String(options["ceilings"]));
}

/** The machines that --hardware lists. */
export async function machinesOf(options: RawOptions): Promise<Hardware[]> {
  const names = wordList("hardware", options["hardware"] ?? "h100-sxm");
  if (options["ceilings"] !== undefined && names.length > 1) {
    throw new InvalidInput("ceilings", options["ceilings"], "one --hardware with it: ceilings are one machine's");
  }
  return await Promise.all(names.map((name) => hardwareOf(name, options)));
}

/**
 * What a predictor is made with.
 * @param compared machines that stand beside each other, so that one timing must do for all
 * @throws InvalidInput naming the option
 */
export async function predictorOptionsOf(
  options: RawOptions,
  compared: readonly Hardware[] = [],
): Promise<CliPredictorOptions> {
  const step = stepOptionsOf(options);
  const memoryShare = share("memoryShare", options["memoryShare"] ?? 1);
  const choice = comparableTiming(await timingChoiceOf(options), compared);
  return { step, memoryShare, timing: (hardware) => chooseTiming(hardware, choice) };
}

/** What a predictor is made with where options say it all. */
export interface CliPredictorOptions extends PredictorOptions {
  readonly step: StepOptions;
  readonly timing: (hardware: Hardware) => TimingModel;
}

/** The options of the step itself. @throws InvalidInput naming the option */
export function stepOptionsOf(options: RawOptions): StepOptions {
  const weights = options["weights"];
  const activations = String(options["activations"] ?? "bf16");
  if (!activationFormats.some((each) => each === activations.toLowerCase())) {
    throw new InvalidInput("activations", activations, `wants ${activationFormats.join(", ")}`);
  }
  return {
    ...defaultStepOptions,
    phase: oneOf("phase", options["phase"] ?? "decode", ["decode", "prefill"]),
    weights: weights === undefined ? null : parseNumberFormat(String(weights), "weights"),
    kvCache: parseNumberFormat(String(options["kvCache"] ?? "bf16"), "kvCache"),
    activations: parseNumberFormat(activations, "activations"),
    attentionKernel: oneOf("attentionKernel", options["attentionKernel"] ?? "fused", ["fused", "materialized"]),
    cacheUpdate: oneOf("cacheUpdate", options["cacheUpdate"] ?? "in-place", ["in-place", "concat"]),
    latentKernel: oneOf("latentKernel", options["latentKernel"] ?? "auto", ["auto", "absorbed", "expanded"]),
    touchedExperts: oneOf("touchedExperts", options["touchedExperts"] ?? "expected", ["expected", "all"]),
    parallelism: {
      tensor: positiveInteger("tensorParallel", options["tensorParallel"] ?? 1),
      pipeline: positiveInteger("pipelineParallel", options["pipelineParallel"] ?? 1),
      expert: positiveInteger("expertParallel", options["expertParallel"] ?? 1),
    },
  };
}

/** The workload at one batch and context, with the options that all workloads of a command share. */
export function workloadOf(options: RawOptions, batch: unknown, context: unknown): StepWorkload {
  const queryTokens = options["queryTokens"];
  const sourceContext = options["sourceContext"];
  return {
    batch: workloadSize("batch", batch),
    context: workloadSize("context", context),
    beams: workloadSize("beams", options["beams"] ?? 1),
    ...(queryTokens === undefined ? {} : { queryTokens: workloadSize("queryTokens", queryTokens) }),
    ...(sourceContext === undefined ? {} : { sourceContext: workloadSize("sourceContext", sourceContext) }),
  };
}
