/** The figures of a prediction as rows: a name, the number itself in SI units, and its text for people. */
import {
  type Bound,
  formatBytes,
  formatFlops,
  formatPercent,
  formatRate,
  formatRatio,
  formatSeconds,
} from "ridgepoint";
import { shortageText, timingWords } from "ridgepoint/drawing";
import type { PredictedSetting } from "./predicted-setting.ts";

export interface Figure {
  /** As in `ridgepoint step --csv`'s spirit: dots as underscores. */
  readonly id: string;
  readonly name: string;
  /** Null where there is none: of a step that does not fit. */
  readonly value: number | string | null;
  readonly text: string;
}

/** Every prediction has the same figures in the same order. */
export function figuresOf({ prediction: p, pricePerHour, costPerMillionTokens }: PredictedSetting): Figure[] {
  const none = p.fits ? "–" : "does not fit";
  const seconds = p.seconds ?? p.secondsIfItFitted;
  const spread = p.interval === null || p.seconds === null ? null : intervalWords(p.interval);
  const device = p.parallelism.devices > 1 ? " a device" : "";
  const t = p.totals;
  return [
    figure("seconds", "Step time", p.seconds, formatSeconds, none),
    { id: "interval", name: "Interval", value: spread, text: spread ?? (p.fits ? "none: a roofline" : none) },
    figure("secondsIfItFitted", "Step time if it fitted", p.secondsIfItFitted, formatSeconds, "–"),
    figure("tokensPerSecond", "Output tokens", p.tokensPerSecond, formatRate, none),
    { id: "bound", name: "Bound by", value: p.bound, text: p.bound === null ? none : boundText(p.bound, p.shares) },
    {
      id: "fits",
      name: `Memory${device}`,
      value: p.fits ? 1 : 0,
      text: p.fits
        ? `fits: ${formatBytes(p.footprint.bytes)} of ${formatBytes(p.limitBytes)}`
        : `does not fit by ${formatBytes(p.footprint.bytes - p.limitBytes)}: ${shortageText(p.footprint.bytes, p)}`,
    },
    figure("footprint_bytes", `Weights and cache kept${device}`, p.footprint.bytes, formatBytes, "–"),
    figure("largestBatch", "Largest batch that fits", p.largestBatch, String, "not limited by the cache"),
    figure("totals_bytes", `Bytes moved${device}`, t.bytes, formatBytes, "–"),
    figure("totals_weightBytes", "… weights", t.weightBytes, formatBytes, "–"),
    figure("totals_kvBytes", "… keys and values", t.kvBytes, formatBytes, "–"),
    figure("totals_activationBytes", "… activations", t.activationBytes, formatBytes, "–"),
    figure("totals_flops", `Arithmetic${device}`, t.flops, formatFlops, "–"),
    figure("arithmeticIntensity", "FLOP a byte", p.arithmeticIntensity, (value) => value.toPrecision(3), "–"),
    figure("lowerBoundSeconds", "Lower bound", p.lowerBoundSeconds, formatSeconds, "–"),
    figure(
      "overLowerBound",
      "Over the lower bound",
      seconds === null ? null : seconds / p.lowerBoundSeconds,
      formatRatio,
      "–",
    ),
    figure("pricePerHour", "Price a device and hour", pricePerHour, dollars, "not known"),
    figure("costPerMillionTokens", "Cost a million tokens", costPerMillionTokens, dollars, p.fits ? "no price" : none),
    { id: "timing", name: "Timing", value: p.timing, text: timingWords(p) },
  ];
}

function figure(
  id: string,
  name: string,
  value: number | null,
  format: (value: number) => string,
  none: string,
): Figure {
  return { id, name, value, text: value === null ? none : format(value) };
}

function intervalWords({ low, high, level }: { low: number; high: number; level: number }): string {
  return `${formatSeconds(low)} to ${formatSeconds(high)} (${Math.round(100 * level)} %)`;
}

/** The part with the largest share of the time, with it. */
function boundText(bound: Bound, shares: Readonly<Record<Bound, number>>): string {
  return `${bound} (${formatPercent(shares[bound])})`;
}

/** @example dollars(0.0123) is "0.0123 USD", dollars(2.5) is "2.50 USD" */
export function dollars(amount: number): string {
  return `${amount >= 1 ? amount.toFixed(2) : amount.toPrecision(3)} USD`;
}

/** The result in a sentence, for the headline and for screen readers. */
export function resultSentence({ prediction: p, model, hardware, setting }: PredictedSetting): string {
  const what = `${model.name} on ${setting.tensorParallel > 1 ? `${setting.tensorParallel} × ` : ""}${hardware.name}`;
  if (p.seconds === null || p.tokensPerSecond === null || p.bound === null) {
    return `${what} does not fit: ${shortageText(p.footprint.bytes, p)}`;
  }
  return `${what}: ${formatSeconds(p.seconds)} a step, ${formatRate(p.tokensPerSecond)}, bound by ${p.bound}`;
}

/** The same in a few words. @example "12.8 ms, 1,254 tokens/s, bound by cache" */
export function briefText({ prediction: p }: PredictedSetting): string {
  if (p.seconds === null || p.tokensPerSecond === null || p.bound === null) return "does not fit";
  return `${formatSeconds(p.seconds)}, ${formatRate(p.tokensPerSecond)}, bound by ${p.bound}`;
}
