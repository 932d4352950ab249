/** An axis that is linear or logarithmic by the span of its values. */
import { type AxisQuantity, logDomain, logTicks, unitLabelExpr, unitNames } from "./axis-units.ts";
import type { JsonObject } from "./json.ts";

/** Values that differ by more than this factor stand on a logarithmic axis. */
const widestLinearSpan = 20;

export interface SpanScale {
  readonly type: "linear" | "log";
  readonly domain: readonly [low: number, high: number];
}

/**
 * Logarithmic where the largest value is more than 20 times the least, else linear; with some room around the values.
 * @example spanScale([1, 20]).type is "linear", spanScale([1, 21]).type is "log"
 */
export function spanScale(values: readonly number[]): SpanScale {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (least > 0 && most / least > widestLinearSpan) return { type: "log", domain: logDomain(values) };
  const room = 0.08 * (most - least || most || 1);
  const rounded = (value: number): number => Number(value.toPrecision(6));
  return { type: "linear", domain: [rounded(Math.max(0, least - room)), rounded(most + room)] };
}

/** The field on such an axis, for the encoding of x or y; the title is followed by the units unless it names them. */
export function spanAxis(
  field: string,
  title: string,
  quantity: AxisQuantity,
  { type, domain: [low, high] }: SpanScale,
  axis: JsonObject,
): JsonObject {
  const ticks = type === "log" ? logTicks(low, high) : null;
  return {
    field,
    type: "quantitative",
    title: quantity === "plain" ? title : `${title} (${unitNames(quantity, ticks ?? [low, high])})`,
    scale: { type, domain: [low, high], nice: false, ...(type === "linear" ? { zero: false } : {}) },
    axis: { ...(ticks === null ? { tickCount: 6 } : { values: ticks }), labelExpr: unitLabelExpr(quantity), ...axis },
  };
}
