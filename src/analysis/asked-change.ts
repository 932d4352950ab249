/** Changes as people type them: "bandwidth=+25%", "kv-bytes=x0.5", several at once with commas between them. */
import { InvalidInput } from "../quantity/invalid-input.ts";
import { nearestName } from "../quantity/nearest-name.ts";
import type { ScaledAmount, Scaling } from "./scaled-step.ts";

/** One change, in its own words. */
export interface AskedChange {
  readonly text: string;
  readonly scaling: Scaling;
}

const amounts: readonly ScaledAmount[] = ["bandwidth", "flops", "link", "kv-bytes", "weight-bytes"];

const wants = `wants amount=+25%, amount=-10% or amount=x2 with ${amounts.join(", ")}`;

const number = String.raw`(\d{1,9}(?:\.\d{1,9})?)`;
const shapes = new RegExp(`^([a-z-]{1,20})=(?:([+-])${number} ?%|x${number})$`);

/** Factors outside these bring no machine that could be built. */
const smallest = 1e-3;
const largest = 1e3;

/**
 * @throws InvalidInput naming `change` for an unknown amount, one named twice, a text that is no change, or a factor outside 0.001 to 1000
 * @example parseChange("bandwidth=+25%").scaling is { bandwidth: 1.25 }
 */
export function parseChange(text: string): AskedChange {
  const factors = new Map<ScaledAmount, number>();
  for (const part of text.split(",").map((each) => each.trim())) {
    const match = shapes.exec(part);
    if (match === null) throw new InvalidInput("change", text, wants);
    const [, name = "", sign, percent, times] = match;
    const amount = amounts.find((each) => each === name);
    if (amount === undefined) throw new InvalidInput("change", name, unknownAmount(name));
    if (factors.has(amount)) throw new InvalidInput("change", text, `names ${amount} twice`);
    const factor = times === undefined ? 1 + (sign === "-" ? -1 : 1) * (Number(percent) / 100) : Number(times);
    if (!(factor >= smallest && factor <= largest)) {
      throw new InvalidInput("change", text, "wants a factor of 0.001 to 1000, or a percentage that leaves one");
    }
    factors.set(amount, factor);
  }
  return { text: text.trim(), scaling: Object.fromEntries(factors) };
}

function unknownAmount(name: string): string {
  const nearest = nearestName(name, amounts);
  return nearest === null ? `wants ${amounts.join(", ")}` : `did you mean ${nearest}?`;
}
