/** The format that a config.json's quantization_config says the published weights are stored in. */
import type { PublishedWeights } from "../model.ts";
import type { ConfigFields } from "./config-fields.ts";

/**
 * Null where weights are published in 16 bits or more. The LM head stays at 16 bits unless the file says it is quantized too.
 * @param weightsGiven whether the caller names the weights' format itself, so that the file's need not be understood
 * @throws InvalidInput for a quant_method that is not known, unless weightsGiven
 * @example { quant_method: "gptq", bits: 4, group_size: 128 } is int4:128 with the LM head at 16 bits
 */
export function readPublishedWeights(config: ConfigFields, weightsGiven = false): PublishedWeights | null {
  const dtype = config.text("dtype") ?? config.text("torch_dtype");
  if (dtype === "float32" && !weightsGiven) {
    config.note("the file says float32: weights are counted in 16 bits unless --weights fp32 is given");
  }
  const section = config.section("quantization_config") ?? config.section("compression_config");
  if (section === null) return null;
  const method = (section.text("quant_method") ?? "").toLowerCase();
  const format = formatOf(section, method);
  if (format === null) {
    if (!weightsGiven && !isKnown(section, method)) {
      throw section.fault(
        "quant_method",
        method,
        `knows ${knownMethods.join(", ")}; with --weights FORMAT the weights are counted in that format`,
      );
    }
    if (weightsGiven) {
      config.note(`quantization_config is not understood (quant_method ${method || "absent"}): it is not read`);
      return null;
    }
    config.note(
      `quantization_config is not understood (quant_method ${method || "absent"}): 16-bit weights are counted`,
    );
    return null;
  }
  const kept = keptModules(section);
  return {
    format,
    // An expert's format that leaves the attention out covers the routed experts alone.
    expertsOnly: kept.some((name) => /self_attn|attention|\battn\b/.test(name) && !/layers?\.\d/.test(name)),
    logitsAt16Bits: !section.flag("lm_head", false),
  };
}

const knownMethods: readonly string[] = [
  "fp8",
  "fbgemm_fp8",
  "finegrained_fp8",
  "mxfp4",
  "gptq",
  "gptq_marlin",
  "awq",
  "auto-round",
  "bitsandbytes",
  "compressed-tensors",
  "modelopt",
  "eetq",
  "quanto",
];

/** Whether the section names a method, or holds a key, of which formatOf knows what it means. */
function isKnown(section: ConfigFields, method: string): boolean {
  const keys = ["load_in_4bit", "load_in_8bit", "config_groups", "quant_algo"];
  return knownMethods.includes(method) || keys.some((key) => section.has(key));
}

function formatOf(section: ConfigFields, method: string): string | null {
  if (method === "mxfp4") return "mxfp4";
  if (method === "fp8" || method === "fbgemm_fp8" || method === "finegrained_fp8") return "fp8";
  if (method === "gptq" || method === "awq" || method === "gptq_marlin" || method === "auto-round") {
    return integerFormat(section.countOr(4, "bits", "w_bit"), groupOf(section, "group_size", "q_group_size"));
  }
  if (method === "bitsandbytes" || section.has("load_in_4bit") || section.has("load_in_8bit")) {
    if (section.flag("load_in_4bit", false) || section.flag("_load_in_4bit", false)) {
      // Blocks of 64 with an fp32 scale; double quantization stores the scale in 8 bits, and fp32 once in 256 blocks.
      return section.flag("bnb_4bit_use_double_quant", false) ? "bits:4.126953" : "bits:4.5";
    }
    return section.flag("load_in_8bit", false) || section.flag("_load_in_8bit", false) ? "int8" : null;
  }
  if (method === "compressed-tensors" || section.has("config_groups")) return compressedFormat(section);
  if (method === "modelopt" || section.has("quant_algo")) {
    const algorithm = (section.text("quant_algo") ?? "").toUpperCase();
    if (algorithm.includes("NVFP4")) return "nvfp4";
    if (algorithm.includes("FP8")) return "fp8";
    return algorithm.includes("W4A16") ? "int4" : null;
  }
  if (method === "eetq" || method === "quanto") return "int8";
  return null;
}

/** compressed-tensors (llm-compressor): the first group's weights. */
function compressedFormat(section: ConfigFields): string | null {
  const groups = section.section("config_groups");
  const first = groups === null ? undefined : Object.keys(groups.values)[0];
  const weights = first === undefined ? null : (groups?.section(first)?.section("weights") ?? null);
  if (weights === null) return null;
  const bits = weights.countOr(8, "num_bits");
  if (weights.text("type") === "float") {
    if (bits === 8) return "fp8";
    return groupOf(weights, "group_size") === 32 ? "mxfp4" : "nvfp4";
  }
  return integerFormat(bits, groupOf(weights, "group_size"));
}

/** A group size; null for one scale a row (-1 or absent). */
function groupOf(section: ConfigFields, ...keys: string[]): number | null {
  for (const key of keys) if (section.raw(key) === -1) return null;
  return section.countOrNull(...keys);
}

function integerFormat(bits: number, group: number | null): string | null {
  if (bits > 8) return null;
  if (bits === 8) return "int8";
  // One 16-bit scale a row of thousands of weights is under 0.1 %.
  if (group === null) return `bits:${bits}`;
  if (bits === 4) return `int4:${group}`;
  return `bits:${Number((bits + 16 / group).toFixed(6))}`;
}

function keptModules(section: ConfigFields): string[] {
  const lists = ["modules_to_not_convert", "ignore", "ignored_layers", "exclude_modules"].map((key) =>
    section.raw(key),
  );
  return lists.flatMap((list) => (Array.isArray(list) ? list : [])).filter((name) => typeof name === "string");
}
