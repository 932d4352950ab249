/** The keys that most decoder-only configuration classes share, with their fall-backs. */
import type { ConfigFields } from "./config-fields.ts";

export interface Trunk {
  readonly dModel: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly vocab: number;
  readonly maxContext: number | null;
}

/** What the configuration class assumes where the file leaves a key out. */
export interface TrunkDefaults {
  /** K/V heads; as many as heads where undefined. A key with null always means as many as heads. */
  readonly kvHeads?: number;
  /** Head size; hidden_size / num_attention_heads where undefined. */
  readonly headDim?: number;
}

/**
 * @throws InvalidInput for a missing size, heads that don't divide hidden_size where head_dim is absent, or K/V heads
 *   that don't divide the heads
 */
export function readTrunk(config: ConfigFields, defaults: TrunkDefaults = {}): Trunk {
  const dModel = config.count("hidden_size");
  const layers = config.count("num_hidden_layers");
  const heads = config.count("num_attention_heads");
  return {
    dModel,
    layers,
    heads,
    kvHeads: readKvHeads(config, heads, defaults.kvHeads),
    headDim: config.countOrNull("head_dim") ?? defaults.headDim ?? dividedHeadDim(config, dModel, heads),
    vocab: config.count("vocab_size"),
    maxContext: config.countOrNull("max_position_embeddings", "max_sequence_length", "n_positions", "seq_length"),
  };
}

/** K/V heads under num_key_value_heads, held to divide the heads. */
export function readKvHeads(config: ConfigFields, heads: number, classDefault: number | undefined): number {
  const absent = !config.has("num_key_value_heads") && !config.has("num_kv_heads");
  const assumed = classDefault === undefined || heads % classDefault !== 0 ? heads : classDefault;
  if (absent && assumed !== heads) {
    config.note(`num_key_value_heads is absent: the configuration class assumes ${assumed}`);
  }
  const kvHeads = config.countOrNull("num_key_value_heads", "num_kv_heads") ?? (absent ? assumed : heads);
  if (heads % kvHeads !== 0) {
    throw config.fault("num_key_value_heads", kvHeads, `must divide num_attention_heads ${heads}`);
  }
  return kvHeads;
}

/** hidden_size / num_attention_heads. */
export function dividedHeadDim(config: ConfigFields, dModel: number, heads: number): number {
  if (dModel % heads !== 0) {
    throw config.fault("num_attention_heads", heads, `must divide hidden_size ${dModel} where head_dim is absent`);
  }
  return dModel / heads;
}

/** Dimensions of a head that rotary embedding turns: a share of the head, an even number. */
export function readRotaryDim(config: ConfigFields, headDim: number, classDefault = 1): number {
  const share = config.ratioOr(
    nestedShare(config) ?? classDefault,
    "partial_rotary_factor",
    "rotary_pct",
    "rotary_percent",
    "rope_pct",
    "rope_percent",
  );
  return 2 * Math.floor(Math.min(1, share) * headDim * 0.5 + 1e-9);
}

function nestedShare(config: ConfigFields): number | null {
  for (const key of ["rope_parameters", "rope_scaling"]) {
    const value = config.raw(key);
    if (typeof value !== "object" || value === null) continue;
    const share = (value as Readonly<Record<string, unknown>>).partial_rotary_factor;
    if (typeof share === "number" && share > 0) return share;
  }
  return null;
}

/**
 * The kind of each layer by layer_types, or by the class's own rule where the list is absent.
 * @throws InvalidInput where the list is not as long as the layers or names a kind that the family does not know
 */
export function readLayerTypes(
  config: ConfigFields,
  layers: number,
  known: readonly string[],
  classRule: (layer: number) => string,
): readonly string[] {
  const list = config.list("layer_types");
  if (list === null) return Array.from({ length: layers }, (_, layer) => classRule(layer));
  if (list.length !== layers) {
    throw config.fault("layer_types", `${list.length} entries`, `wants one a layer: ${layers}`);
  }
  return list.map((type) => {
    if (typeof type !== "string" || !known.includes(type)) {
      throw config.fault("layer_types", type, `wants ${known.join(", ")}`);
    }
    return type;
  });
}

/** The first of the list's or the class's window, null where it is off or as wide as the whole context. */
export function readWindow(
  config: ConfigFields,
  maxContext: number | null,
  classDefault: number | null,
): number | null {
  if (!config.has("sliding_window") && classDefault !== null) {
    config.note(`sliding_window is absent: the configuration class assumes ${classDefault}`);
  }
  // Some conversions write -1 or false for "off".
  const raw = config.raw("sliding_window");
  if (raw === -1 || raw === false) return null;
  const window = config.has("sliding_window") ? config.countOrNull("sliding_window") : classDefault;
  if (window !== null && maxContext !== null && window >= maxContext) {
    config.note(`sliding_window ${window} is no narrower than the longest context ${maxContext}: off`);
    return null;
  }
  return window;
}
