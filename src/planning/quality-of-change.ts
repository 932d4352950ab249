/**
 * The published figures that bear on a change: of the attention, its reach, the format of the cache or of the weights. They say what
 * other models lost or won by it; what the planned one would, nobody has measured.
 */
import type { Model } from "../architecture/model.ts";
import type { NumberFormat } from "../quantity/number-format.ts";
import type { PlanQuestion } from "./plan-question.ts";
import { publishedQuality, type QualityAspect, type QualitySeries } from "./published-quality.ts";

export interface QualityFigure extends Omit<QualitySeries, "values"> {
  /** For people: "MQA", "int8 cache". */
  readonly variant: string;
  readonly baselineVariant: string;
  readonly value: number;
  readonly baseline: number;
}

/** What of a question decides its quality. */
export type QualityQuestion = Pick<PlanQuestion, "model" | "kvCaches" | "weights">;

/**
 * The figures of models that had both variants. Any number of groups stands for the 8 that were measured; where a study has no grouped
 * heads, leaving them is shown by its figures against MHA.
 * @param from "mha", "gqa:G", "mqa", "mla" of attention; "full", "window:N" of windows; "16-bit", "fp8", "int8", "fp4", "int4", "2-bit" of
 * caches; "16-bit", "fp8", "int8", "int4", "q4_0", "q4_k_m" of weights
 * @returns none where no study has both
 * @example qualityOf("attention", "mha", "mqa") has 46.6 against 47.2 of T5-XXL (Ainslie et al. 2023)
 */
export function qualityOf(aspect: QualityAspect, from: string, to: string): QualityFigure[] {
  const [old, next] = [measuredVariant(from), measuredVariant(to)];
  if (old === next) return [];
  return publishedQuality.flatMap((series) => {
    const known = (variant: string): boolean => Object.hasOwn(series.values, variant);
    const base = old === "gqa:8" && !known(old) ? "mha" : old;
    if (series.aspect !== aspect || base === next || !known(base) || !known(next)) return [];
    const { values, ...rest } = series;
    const baseline = values[base] as number;
    const value = values[next] as number;
    return [{ ...rest, variant: nameOf(aspect, next), baselineVariant: nameOf(aspect, base), value, baseline }];
  });
}

/** The figures that bear on going from one question to the other; of several formats the first is meant. */
export function qualityOfChange(before: QualityQuestion, after: QualityQuestion): QualityFigure[] {
  const pairs: [QualityAspect, string | null, string | null][] = [
    ["attention", attentionOf(before.model), attentionOf(after.model)],
    ["window", reachOf(before.model), reachOf(after.model)],
    ["kv-cache", cacheFormatOf(before), cacheFormatOf(after)],
    ["weights", weightFormatOf(before), weightFormatOf(after)],
  ];
  return pairs.flatMap(([aspect, from, to]) => (from === null || to === null ? [] : qualityOf(aspect, from, to)));
}

/**
 * The figures that say most first: those measured from the planned model's own variant before those from MHA in its place, one of each
 * model before a second one, later studies before earlier ones.
 */
export function byRelevance(figures: readonly QualityFigure[]): QualityFigure[] {
  const seen = new Map<string, number>();
  const ranked = figures.map((figure, index) => {
    const turn = seen.get(figure.model) ?? 0;
    seen.set(figure.model, turn + 1);
    const isStandIn = figure.aspect === "attention" && figure.baselineVariant === "MHA" ? 1 : 0;
    return { figure, isStandIn, turn, index };
  });
  ranked.sort((a, b) => a.isStandIn - b.isStandIn || a.turn - b.turn || b.index - a.index);
  return ranked.map(({ figure }) => figure);
}

/** @example "GQA-8 against MHA, T5-XXL: 47.1 against 47.2 average over 7 tasks, Ainslie et al. 2023 (…)" */
export function qualityText(figure: QualityFigure): string {
  const { variant, baselineVariant, model, value, baseline, measured, better, cite, note } = figure;
  const direction = better === "lower" ? " (lower is better)" : "";
  const figures = `${value} against ${baseline} ${measured}${direction}`;
  return `${variant} against ${baselineVariant}, ${model}: ${figures}, ${cite}${note === null ? "" : ` (${note})`}`;
}

/** The variant that was measured in a variant's place. */
function measuredVariant(variant: string): string {
  if (variant.startsWith("gqa:")) return "gqa:8";
  return variant.startsWith("window:") ? "window:32" : variant;
}

function nameOf(aspect: QualityAspect, variant: string): string {
  if (aspect === "attention") return variant === "gqa:8" ? "GQA-8" : variant.toUpperCase();
  if (aspect === "window") return variant === "full" ? "full attention" : "a window of 32";
  return `${variant} ${aspect === "kv-cache" ? "cache" : "weights"}`;
}

/** Of the decoder's layers that have heads; null where they differ in kind or none has. */
function attentionOf(model: Model): string | null {
  return theOnly(model, (attention) => {
    if (attention.kind === "latent") return "mla";
    if (attention.kvHeads === attention.heads) return "mha";
    return attention.kvHeads === 1 ? "mqa" : `gqa:${attention.kvHeads}`;
  });
}

/** Null where layers differ, and for chunks. */
function reachOf(model: Model): string | null {
  return theOnly(model, (attention) => {
    if (attention.kind === "latent") return "full";
    if (attention.chunk !== null) return null;
    return attention.window === null ? "full" : `window:${attention.window}`;
  });
}

type Headed = Exclude<Model["decoder"]["kinds"][number]["attention"], { kind: "linear" }>;

function theOnly(model: Model, of: (attention: Headed) => string | null): string | null {
  const found = new Set<string | null>();
  for (const { attention } of model.decoder.kinds) if (attention.kind !== "linear") found.add(of(attention));
  return found.size === 1 ? [...found][0]! : null;
}

/** Caches that nobody chose a format for keep 16 bits. Blocks' scales are not told apart. */
function cacheFormatOf({ kvCaches }: QualityQuestion): string | null {
  const format = kvCaches[0] ?? null;
  if (format === null) return "16-bit";
  if (format.id === "q8_0") return "int8";
  if (format.id === "q4_0") return "int4";
  if (format.id === "mxfp4" || format.id === "nvfp4") return "fp4";
  if (format.id.startsWith("bits:")) return format.bits >= 2 && format.bits <= 3 ? "2-bit" : null;
  return plainFormat(format.id);
}

function weightFormatOf({ model, weights }: QualityQuestion): string | null {
  const format: NumberFormat | null = weights[0] ?? null;
  return plainFormat(format?.id ?? model.publishedWeights?.format ?? "bf16");
}

/** int4 has many groups, and bf16 and fp16 are both 16 bits. */
function plainFormat(id: string): string | null {
  if (id === "bf16" || id === "fp16") return "16-bit";
  if (id.startsWith("int4")) return "int4";
  return ["fp8", "int8", "q4_0", "q4_k_m"].includes(id) ? id : null;
}
