/** Keys about single layers that a class may ignore, held to make sense all the same: a file that contradicts itself is no model. */
import type { ConfigFields } from "./config-fields.ts";

/** The kinds that Transformers' configuration classes write for the families read here. */
const knownTypes = ["full_attention", "sliding_attention", "chunked_attention", "linear_attention"];

/**
 * @throws InvalidInput for layer_types of another length than num_hidden_layers or of an unknown kind, and for a
 *   sliding_window that is no positive integer (null, false and -1 mean none)
 */
export function checkLayerKeys(config: ConfigFields): void {
  const types = config.list("layer_types");
  const layers = config.countOrNull("num_hidden_layers");
  if (types !== null && layers !== null && types.length !== layers) {
    throw config.fault("layer_types", `${types.length} entries`, `wants one a layer: ${layers}`);
  }
  for (const type of types ?? []) {
    if (typeof type !== "string" || !knownTypes.includes(type)) {
      throw config.fault("layer_types", type, `wants ${knownTypes.join(", ")}`);
    }
  }
  const window = config.raw("sliding_window");
  if (window !== -1 && window !== false) config.countOrNull("sliding_window");
}
