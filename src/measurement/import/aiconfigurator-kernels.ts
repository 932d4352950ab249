/**
 * The kernel and collective tables of NVIDIA's aiconfigurator (one row a shape, `latency` in ms), as tables of this project:
 *   attention     batch_size, isl new tokens after `step` earlier ones: query_tokens = isl, context = isl + step
 *   gemm          y[m, n] = x[m, k] W
 *   mla           num_heads are those of the device that was timed, whatever tp_size; generation rows are absorbed
 *   moe           inter_size, num_experts and num_tokens are those of the whole layer
 *   attention and mla are repeated on the same keys and values, so that those that fit are found in a cache: cold is 0
 *   collectives   message_size counts elements: the same bytes take the same time in 8 and in 16 bits
 */
import { type ConvertedCell, type ConvertedRows, convertedRows, RowRefused } from "./converted-rows.ts";
import { engineName } from "./engine-name.ts";
import { countCell, figureCell, optionalCountCell, rounded, textCell, wholeCell } from "./foreign-cell.ts";
import type { ForeignTable } from "./foreign-file.ts";
import type { ConvertedTable } from "./foreign-format.ts";

export interface KernelLayout {
  /** Columns that make a table one of these. */
  readonly needs: readonly string[];
  readonly convert: (table: ForeignTable) => ConvertedTable;
}

const origin = ["gpu", "engine", "engine_version", "source", "kernel"] as const;

export const kernelLayouts: readonly KernelLayout[] = [
  {
    needs: ["batch_size", "isl", "num_heads", "num_key_value_heads", "head_dim", "attn_dtype", "step", "latency"],
    convert: attentionTable,
  },
  { needs: ["gemm_dtype", "m", "n", "k", "latency"], convert: gemmTable },
  { needs: ["mla_dtype", "num_heads", "batch_size", "isl", "step", "latency"], convert: mlaTable },
  {
    needs: ["moe_dtype", "num_tokens", "hidden_size", "inter_size", "topk", "num_experts", "latency"],
    convert: moeTable,
  },
  { needs: ["nccl_dtype", "num_gpus", "message_size", "op_name", "latency"], convert: collectiveTable("nccl_dtype") },
  {
    needs: ["allreduce_dtype", "num_gpus", "message_size", "latency"],
    convert: collectiveTable("allreduce_dtype"),
  },
];

function attentionTable(table: ForeignTable): ConvertedTable {
  const columns = [
    "dtype",
    "kv_dtype",
    "batch",
    "heads",
    "kv_heads",
    "head_dim",
    "query_tokens",
    "context",
    "window",
    "cold",
  ];
  const used = ["batch_size", "isl", "num_heads", "num_key_value_heads", "head_dim", "attn_dtype", "kv_cache_dtype"];
  return converted(table, "attention", columns, [...used, "step", "window_size", "beam_width"], (row) => {
    if (optionalCountCell(table, "beam_width", row, 1) !== 1) throw new RowRefused("beams share rows of the cache");
    const heads = countCell(table, "num_heads", row);
    const kvHeads = countCell(table, "num_key_value_heads", row);
    if (heads % kvHeads !== 0) throw new RowRefused("num_heads is no multiple of num_key_value_heads");
    const formats = cacheFormats(table, "attn_dtype", row);
    const { queryTokens, context } = spanOf(table, row);
    const window = textCell(table, "window_size", row) === "" ? 0 : wholeCell(table, "window_size", row);
    const shape = [countCell(table, "batch_size", row), heads, kvHeads, countCell(table, "head_dim", row)];
    return [...formats, ...shape, queryTokens, context, window === 0 ? null : window, 0];
  });
}

function gemmTable(table: ForeignTable): ConvertedTable {
  return converted(table, "linear", ["dtype", "activations", "m", "k", "n"], ["gemm_dtype", "m", "k", "n"], (row) => [
    ...weightFormats(textCell(table, "gemm_dtype", row)),
    ...["m", "k", "n"].map((column) => countCell(table, column, row)),
  ]);
}

function mlaTable(table: ForeignTable): ConvertedTable {
  const columns = ["dtype", "kv_dtype", "batch", "heads", "query_tokens", "context"];
  const used = ["mla_dtype", "kv_cache_dtype", "batch_size", "num_heads", "isl", "step"];
  return converted(table, "mla", [...columns, "kv_lora_rank", "rope_dim", "absorbed", "cold"], used, (row) => {
    const { queryTokens, context } = spanOf(table, row);
    const absorbed = !/context|prefill/.test(textCell(table, "op_name", row));
    const shape = [countCell(table, "batch_size", row), countCell(table, "num_heads", row), queryTokens, context];
    return [...cacheFormats(table, "mla_dtype", row), ...shape, 512, 64, absorbed ? 1 : 0, 0];
  });
}

function moeTable(table: ForeignTable): ConvertedTable {
  const columns = ["dtype", "activations", "tokens", "d_model", "d_ff", "experts", "top_k", "gated"];
  const used = ["moe_dtype", "num_tokens", "hidden_size", "inter_size", "num_experts", "topk", "is_gated"];
  const spread = ["moe_tp_size", "moe_ep_size", "distribution"];
  const all = [...columns, "moe_tp", "moe_ep", "distribution"];
  return converted(table, "moe", all, [...used, ...spread], (row) => {
    const distribution = textCell(table, "distribution", row) || "balanced";
    if (!/^(balanced|power_law_\d+(\.\d+)?)$/.test(distribution)) {
      throw new RowRefused(`distribution ${distribution} is neither balanced nor a power law`);
    }
    const counts = ["num_tokens", "hidden_size", "inter_size", "num_experts", "topk"];
    const [tokens = 0, dModel = 0, dFf = 0, experts = 0, topK = 0] = counts.map((each) => countCell(table, each, row));
    const [tp, ep] = ["moe_tp_size", "moe_ep_size"].map((each) => optionalCountCell(table, each, row, 1));
    if (topK > experts) throw new RowRefused("topk is more than num_experts");
    if (dFf % (tp as number) !== 0) throw new RowRefused("moe_tp_size does not divide inter_size");
    if (experts % (ep as number) !== 0) throw new RowRefused("moe_ep_size does not divide num_experts");
    const said = textCell(table, "is_gated", row);
    const gated = said === "" ? !isUngated(dModel, dFf, experts, topK) : !/^(0|false)$/i.test(said);
    const formats = weightFormats(textCell(table, "moe_dtype", row));
    return [...formats, tokens, dModel, dFf, experts, topK, gated ? 1 : 0, tp, ep, distribution];
  });
}

/**
 * Experts with a squared ReLU and no gate, of which no column tells: those of Nemotron 3, known by their shape. Its bf16 rows
 * read two matrices an expert at 3.0 TB/s; three would be 4.5 TB/s, more than an H100 has.
 */
function isUngated(dModel: number, dFf: number, experts: number, topK: number): boolean {
  return (experts === 512 && topK === 22) || (dModel === 2688 && dFf === 1856 && experts === 128);
}

const collectiveOps: Readonly<Record<string, string>> = {
  all_reduce: "all-reduce",
  all_gather: "all-gather",
  reduce_scatter: "reduce-scatter",
  alltoall: "all-to-all",
  all_to_all: "all-to-all",
};

function collectiveTable(formatColumn: string): (table: ForeignTable) => ConvertedTable {
  const columns = ["op", "gpus", "message_bytes", "dtype"];
  const used = [formatColumn, "num_gpus", "message_size"];
  return (table) =>
    converted(table, "collectives", columns, used, (row) => {
      const name = textCell(table, "op_name", row) || "all_reduce";
      const op = collectiveOps[name];
      if (op === undefined) throw new RowRefused(`op_name ${name} is no collective known here`);
      const gpus = countCell(table, "num_gpus", row);
      if (gpus < 2) throw new RowRefused("one device communicates with none");
      const dtype = plainFormat(textCell(table, formatColumn, row));
      const elementBytes = bytesOf[dtype];
      if (elementBytes === undefined) throw new RowRefused(`${formatColumn} ${dtype} has no known size`);
      return [op, gpus, countCell(table, "message_size", row) * elementBytes, dtype];
    });
}

const bytesOf: Readonly<Record<string, number>> = { fp32: 4, bf16: 2, fp16: 2, fp8: 1, int8: 1 };

/** Rows of any kind: where they come from, what `cells` gives, the time, and the columns that nothing here knows. */
function converted(
  table: ForeignTable,
  kind: ConvertedTable["kind"],
  columns: readonly string[],
  used: readonly string[],
  cells: (row: number) => readonly ConvertedCell[],
): ConvertedTable {
  const known = new Set([...used, "framework", "version", "device", "op_name", "kernel_source", "latency"]);
  const taken = new Set<string>([...origin, ...columns, "time_us"]);
  const others = table.columns.filter((column) => !known.has(column) && !taken.has(column));
  const rows: ConvertedRows = convertedRows(kind, [...origin, ...columns, "time_us", ...others]);
  const source = `aiconfigurator ${table.name.replace(/^.*[\\/]/, "")}`;
  const isNccl = used.includes("nccl_dtype");
  for (let row = 0; row < table.rowCount; row++) {
    rows.add(table.line(row), () => [
      textCell(table, "device", row),
      // NCCL's table names the framework whose container ran it, beside NCCL's own version.
      isNccl ? "nccl" : engineName(textCell(table, "framework", row)),
      textCell(table, "version", row),
      source,
      kernelName(textCell(table, "kernel_source", row), textCell(table, "framework", row)),
      ...cells(row),
      rounded(figureCell(table, "latency", row) * 1e3),
      ...others.map((column) => textCell(table, column, row)),
    ]);
  }
  return rows.table();
}

/** A name that says nothing gets its engine's before it. */
function kernelName(name: string, framework: string): string {
  return name === "default" ? `${engineName(framework)} ${name}` : name;
}

function spanOf(table: ForeignTable, row: number): { queryTokens: number; context: number } {
  const queryTokens = countCell(table, "isl", row);
  return { queryTokens, context: queryTokens + wholeCell(table, "step", row) };
}

/** The format that attention computes in, and that of the cache where it is another. */
function cacheFormats(table: ForeignTable, column: string, row: number): [string, string | null] {
  const dtype = plainFormat(textCell(table, column, row));
  const cache = plainFormat(textCell(table, "kv_cache_dtype", row));
  return [dtype, cache === dtype || cache === "" || cache === "auto" ? null : cache];
}

const spellings: Readonly<Record<string, string>> = {
  bfloat16: "bf16",
  float16: "fp16",
  half: "fp16",
  float: "fp32",
  float32: "fp32",
  float8: "fp8",
};

function plainFormat(name: string): string {
  return spellings[name] ?? name;
}

/** Formats of weights and of activations by the name of a quantisation; activations null where they follow. */
const quantisations: Readonly<Record<string, readonly [weights: string, activations: string]>> = {
  int4_wo: ["int4", "bf16"],
  w4a16_mxfp4: ["mxfp4", "bf16"],
  w4a8_mxfp4_mxfp8: ["mxfp4", "fp8"],
  w4afp8: ["int4", "fp8"],
  int8_wo: ["int8", "bf16"],
  sq: ["int8", "int8"],
};

function weightFormats(name: string): [string, string | null] {
  const known = quantisations[name];
  return known === undefined ? [plainFormat(name), null] : [known[0], known[1]];
}
