/**
 * The parameters that a step's time can be differentiated by. Each has a symbol for the formulas; what depends on it in an
 * operation's symbols is found by planning the step a little to either side, where every symbol is a line in the parameter.
 */
import type { Attention, FeedForward, Layer, Model, SoftmaxAttention, Stack } from "../../architecture/model.ts";
import { dataParallelGroups } from "../../architecture/shard.ts";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { nearestName } from "../../quantity/nearest-name.ts";
import type { NumberFormat } from "../../quantity/number-format.ts";
import type { StepOptions, StepWorkload } from "../../step/step-options.ts";
import { weightFormats } from "../../step/step-options.ts";

/** All that a step is planned from, but the machine. */
export interface StepSetup {
  readonly model: Model;
  readonly options: StepOptions;
  readonly workload: StepWorkload;
}

/** A parameter of the step itself. */
export interface StepParameter {
  readonly symbol: string;
  readonly meaning: string;
  /** @throws InvalidInput where the parameter means nothing for this step */
  value(setup: StepSetup): number;
  /** How far to go to either side; at least the value `smallest` is kept. */
  step(setup: StepSetup): number;
  smallest(setup: StepSetup): number;
  at(setup: StepSetup, value: number): StepSetup;
}

/** Bytes an element go a sixteenth to either side, so that binary fractions stay exact. */
const inBytes: Pick<StepParameter, "step" | "smallest"> = { step: () => 1 / 16, smallest: () => 1 / 16 };
const inOnes: Pick<StepParameter, "step" | "smallest"> = { step: () => 1, smallest: () => 1 };

/** A rate of the machine: the denominator of one ceiling. */
export const rateParameters = {
  bandwidth: { symbol: "BW", meaning: "memory bandwidth in bytes a second" },
  peak: {
    symbol: "P",
    meaning: "peak in FLOP/s of the fastest format used; other formats' peaks keep their ratio to it",
  },
  link: { symbol: "R", meaning: "link rate in bytes a second" },
} as const;

export type RateName = keyof typeof rateParameters;

export const stepParameters: Readonly<Record<string, StepParameter>> = {
  batch: {
    symbol: "B",
    meaning: "requests served together",
    value: ({ workload }) => workload.batch,
    step: ({ options }) => dataParallelGroups(options.parallelism),
    smallest: () => 1,
    at: (setup, batch) => ({ ...setup, workload: { ...setup.workload, batch } }),
  },
  context: {
    symbol: "S",
    meaning: "rows of the cache a sequence",
    value: ({ workload }) => workload.context,
    step: () => 1,
    smallest: ({ workload }) => workload.queryTokens ?? 1,
    at: (setup, context) => ({ ...setup, workload: { ...setup.workload, context } }),
  },
  "kv-bytes": {
    symbol: "ekv",
    meaning: "bytes an element of keys and values",
    value: ({ options }) => options.kvCache.bits / 8,
    ...inBytes,
    at: (setup, bytes) => ({
      ...setup,
      options: { ...setup.options, kvCache: withBytes(setup.options.kvCache, bytes) },
    }),
  },
  "weight-bytes": {
    symbol: "ew",
    meaning: "bytes an element of weight matrices (norms, and embeddings kept apart, stay)",
    value: ({ model, options }) => weightFormat(model, options).bits / 8,
    ...inBytes,
    at: (setup, bytes) => ({
      ...setup,
      options: { ...setup.options, weights: withBytes(weightFormat(setup.model, setup.options), bytes) },
    }),
  },
  "activation-bytes": {
    symbol: "ea",
    meaning: "bytes an element of activations",
    value: ({ options }) => options.activations.bits / 8,
    ...inBytes,
    at: (setup, bytes) => ({
      ...setup,
      options: { ...setup.options, activations: withBytes(setup.options.activations, bytes) },
    }),
  },
  "kv-heads": ofSoftmax("Hkv", "heads of keys and values in every layer", "kvHeads", (a, kvHeads) => ({
    ...a,
    kvHeads,
  })),
  "head-dim": ofSoftmax("D", "dimension of a head in every layer", "headDim", (a, headDim) => ({
    ...a,
    headDim,
    rotaryDim: a.rotaryDim === a.headDim ? headDim : a.rotaryDim,
  })),
  "d-model": {
    symbol: "d",
    meaning: "features of the residual stream",
    value: ({ model, options }) => unsharded(options, "d-model", model.dModel),
    ...inOnes,
    at: (setup, dModel) => ({ ...setup, model: { ...setup.model, dModel } }),
  },
  "d-ff": {
    symbol: "F",
    meaning: "width of the feed-forward networks (of one expert) in every layer",
    value: ({ model, options }) =>
      unsharded(
        options,
        "d-ff",
        sameIn(model, "d-ff", (layer) => layer.feedForward.dFf, "feed-forward widths"),
      ),
    ...inOnes,
    at: (setup, dFf) => ({
      ...setup,
      model: mapLayers(setup.model, (layer) => ({
        ...layer,
        feedForward: { ...layer.feedForward, dFf } as FeedForward,
      })),
    }),
  },
};

export const parameterNames: readonly string[] = [...Object.keys(rateParameters), ...Object.keys(stepParameters)];

/** @throws InvalidInput naming `derivative` for any other name */
export function parameterName(name: string): string {
  if (parameterNames.includes(name)) return name;
  const nearest = nearestName(name, parameterNames);
  throw new InvalidInput(
    "derivative",
    name,
    nearest === null ? `wants ${parameterNames.join(", ")}` : `did you mean ${nearest}?`,
  );
}

function ofSoftmax(
  symbol: string,
  meaning: string,
  field: "kvHeads" | "headDim",
  change: (a: SoftmaxAttention, value: number) => SoftmaxAttention,
): StepParameter {
  const name = field === "kvHeads" ? "kv-heads" : "head-dim";
  return {
    symbol,
    meaning,
    value: ({ model, options }) =>
      unsharded(
        options,
        name,
        sameIn(model, name, ({ attention: a }) => (a.kind === "softmax" ? a[field] : null), `values of ${name}`),
      ),
    ...inOnes,
    at: (setup, value) => {
      const changed = (a: Attention): Attention => (a.kind === "softmax" ? change(a, value) : a);
      const model = mapLayers(setup.model, (layer) => ({
        ...layer,
        attention: changed(layer.attention),
        crossAttention: layer.crossAttention === null ? null : change(layer.crossAttention, value),
      }));
      return { ...setup, model };
    },
  };
}

/** The value that all layers share. */
function sameIn(model: Model, name: string, of: (layer: Layer) => number | null, what: string): number {
  const values = new Set([...model.decoder.kinds, ...(model.encoder?.kinds ?? [])].map(of));
  values.delete(null);
  const [first] = values;
  if (first === undefined || first === null)
    throw new InvalidInput("derivative", name, `no layer of ${model.id} has one`);
  if (values.size > 1) throw new InvalidInput("derivative", name, `the layers of ${model.id} have several ${what}`);
  return first;
}

function mapLayers(model: Model, change: (layer: Layer) => Layer): Model {
  const stackOf = (stack: Stack): Stack => ({ ...stack, kinds: stack.kinds.map(change) });
  return { ...model, decoder: stackOf(model.decoder), encoder: model.encoder === null ? null : stackOf(model.encoder) };
}

/** Dimensions are divided over devices by rules that jump; on one device they don't. */
function unsharded(options: StepOptions, name: string, value: number): number {
  if (options.parallelism.tensor === 1 && options.parallelism.expert === 1) return value;
  throw new InvalidInput("derivative", name, "wants a model on one device: --tensor-parallel 1, --expert-parallel 1");
}

function weightFormat(model: Model, options: StepOptions): NumberFormat {
  const { matrices, experts, logits } = weightFormats(model, options.weights);
  if (matrices.id === experts.id && matrices.id === logits.id) return matrices;
  throw new InvalidInput(
    "derivative",
    "weight-bytes",
    "the published weights are in several formats; give --weights one",
  );
}

/** The format with its matrix elements this wide; parts that it keeps in a width of their own stay. */
function withBytes(format: NumberFormat, bytes: number): NumberFormat {
  return { ...format, bits: 8 * bytes };
}
