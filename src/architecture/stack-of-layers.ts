/** A stack from the layer at each depth: equal layers become one kind. */
import type { Layer, Stack } from "./model.ts";

/**
 * Collects the distinct layers and notes which stands at each depth; kinds are named after what tells them apart.
 * @example 42 layers of Gemma 2 give the kinds "window 4096" and "full", order 0, 1, 0, 1, …
 */
export function stackOfLayers(layers: readonly Omit<Layer, "name">[]): Stack {
  const indexByContent = new Map<string, number>();
  const kinds: Omit<Layer, "name">[] = [];
  const order = layers.map((layer) => {
    const content = JSON.stringify(layer);
    const known = indexByContent.get(content);
    if (known !== undefined) return known;
    indexByContent.set(content, kinds.length);
    kinds.push(layer);
    return kinds.length - 1;
  });
  return { kinds: named(kinds), order };
}

function named(kinds: readonly Omit<Layer, "name">[]): Layer[] {
  if (kinds.length === 1) return kinds.map((layer) => ({ name: "layer", ...layer }));
  const attentions = kinds.map(attentionName);
  const feedForwards = kinds.map((layer) => layer.feedForward.kind);
  const attentionsDiffer = new Set(attentions).size > 1;
  const feedForwardsDiffer = new Set(feedForwards).size > 1;
  const used = new Map<string, number>();
  return kinds.map((layer, index) => {
    const words = [attentionsDiffer ? attentions[index] : null, feedForwardsDiffer ? feedForwards[index] : null];
    const base = words.filter((word) => word !== null).join(", ") || "layer";
    const times = (used.get(base) ?? 0) + 1;
    used.set(base, times);
    return { name: times === 1 ? base : `${base} (${times})`, ...layer };
  });
}

function attentionName(layer: Omit<Layer, "name">): string {
  const a = layer.attention;
  if (a.kind !== "softmax") return a.kind;
  if (a.window !== null) return `window ${a.window}`;
  if (a.chunk !== null) return `chunk ${a.chunk}`;
  return a.relativeBuckets > 0 ? "relative bias" : "full";
}
