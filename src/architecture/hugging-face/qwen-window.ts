/** Qwen2's and Qwen3's window, which is off unless use_sliding_window says otherwise. */
import type { ConfigFields } from "./config-fields.ts";
import { readLayerTypes, readWindow, type Trunk } from "./trunk.ts";

/** The window of each layer: those from max_window_layers on have one, if use_sliding_window is true. */
export function readQwenWindow(config: ConfigFields, trunk: Trunk): (layer: number) => number | null {
  if (!config.flag("use_sliding_window", false)) {
    const window = config.raw("sliding_window");
    if (typeof window === "number" && window > 0) config.note("use_sliding_window is false: the window is off");
    return () => null;
  }
  const window = readWindow(config, trunk.maxContext, 4096);
  const full = config.has("max_window_layers") ? config.whole("max_window_layers") : 28;
  const rule = (layer: number) => (window !== null && layer >= full ? "sliding_attention" : "full_attention");
  const types = readLayerTypes(config, trunk.layers, ["full_attention", "sliding_attention"], rule);
  return (layer) => (types[layer] === "sliding_attention" ? window : null);
}
