/**
 * llama.cpp's llama-bench (-o json, jsonl or csv), one test a record: n_prompt tokens processed (pp), n_gen generated (tg), or
 * one after the other (pg), over n_depth tokens that stand in the cache already; avg_ts tokens a second, the mean of its
 * repetitions. One sequence at a time; tokenisation and sampling are not in it.
 */
import { type ConvertedCell, convertedRows, RowRefused } from "./converted-rows.ts";
import { engineColumns } from "./engine-columns.ts";
import { foreignText, numberOf, rounded } from "./foreign-cell.ts";
import type { ForeignFormat } from "./foreign-format.ts";
import { type ForeignRecord, hasFields, recordsOf } from "./foreign-record.ts";
import { bitsFormat, precisionFormat } from "./precision-format.ts";

const needed = ["model_type", "n_prompt", "n_gen", "avg_ts"];
const columns = [...engineColumns, "threads", "repetitions", "kernel", "model_bytes", "value_stddev"];

export const llamaBench: ForeignFormat = {
  id: "llama-bench",
  what: "llama.cpp's llama-bench (JSON, JSON Lines or CSV)",
  wants: `records with ${needed.join(", ")}`,
  accepts: (file) => hasFields(file, needed),
  convert(file) {
    const rows = convertedRows("engine", columns);
    const source = `llama-bench ${file.name.replace(/^.*[\\/]/, "")}`;
    for (const record of recordsOf(file)) rows.add(record.line, () => cellsOf(record, source));
    return [rows.table()];
  },
};

/** In the order of the columns. */
function cellsOf(record: ForeignRecord, source: string): ConvertedCell[] {
  const text = (field: string): string => foreignText(record.field(field));
  const whole = (field: string): number => {
    const value = text(field) === "" ? 0 : numberOf(record.field(field));
    if (value !== null && Number.isSafeInteger(value) && value >= 0) return value;
    throw new RowRefused(`${field} is no whole number`);
  };
  const [prompt, generated, depth] = [whole("n_prompt"), whole("n_gen"), whole("n_depth")];
  if (prompt + generated === 0) throw new RowRefused("neither n_prompt nor n_gen is above 0");
  const tokensPerSecond = numberOf(record.field("avg_ts"));
  if (tokensPerSecond === null) throw new RowRefused("avg_ts is empty or no number");
  const machine = machineOf(record);
  const { model, precision } = modelOf(record);
  const [keys, values] = [text("type_k"), text("type_v")];
  const cache = keys === "" ? null : precisionFormat(keys);
  const notes = [
    depth > 0 && generated === 0 ? `after ${depth} tokens in the cache` : "",
    keys === values ? "" : `values in ${values}`,
    text("n_gpu_layers") === "" || machine.isProcessor ? "" : `n_gpu_layers ${text("n_gpu_layers")}`,
    /^(1|true|on)$/i.test(text("flash_attn")) ? "flash attention" : "",
    text("model_type"),
  ];
  const samples = record.field("samples_ts");
  return [
    ...[source, "llama.cpp", versionOf(record), model, precision, cache],
    ...[machine.label, machine.devices, machine.tensor, machine.devices / machine.tensor, null, 1],
    // What stands before the tokens of an answer, be it a prompt or a filled cache.
    ...[generated === 0 ? prompt : prompt + depth, generated, "tokens_per_s_total", rounded(tokensPerSecond)],
    generated === 0 ? "prefill, mean" : prompt === 0 ? "decode, mean" : "prefill and decode, mean",
    notes.filter((note) => note !== "").join("; "),
    ...[whole("n_threads") || null, Array.isArray(samples) ? samples.length : null, text("backends") || null],
    ...[numberOf(record.field("model_size")), numberOf(record.field("stddev_ts"))],
  ];
}

function versionOf(record: ForeignRecord): string {
  const [number, commit] = ["build_number", "build_commit"].map((field) => foreignText(record.field(field)));
  return [number === "" ? "" : `b${number}`, commit === "" ? "" : `(${commit})`].filter(Boolean).join(" ");
}

/** The model by its file's name where that says more than the architecture; its format by the type that llama.cpp prints. */
function modelOf(record: ForeignRecord): { model: string; precision: string } {
  const type = foreignText(record.field("model_type"));
  const [, architecture = type, quantisation = ""] = /^(\S+ \S+) (.+)$/.exec(type) ?? [];
  const [bytes, weights] = ["model_size", "model_n_params"].map((field) => numberOf(record.field(field)));
  const precision = precisionFormat(quantisation) ?? (bytes && weights ? bitsFormat(bytes, weights) : null);
  if (precision === null) throw new RowRefused(`model_type ${type} names no number format known here`);
  const stem = foreignText(record.field("model_filename"))
    .replace(/^.*[\\/]/, "")
    .replace(/\.gguf$/i, "")
    .replace(/-\d{5}-of-\d{5}$/, "")
    .replace(/[-_.](i?q\d\w*|f16|bf16|f32|mxfp4|tq\d\w*)$/i, "");
  return { model: stem === "" || /^ggml-model$/i.test(stem) ? architecture : stem, precision };
}

interface Machine {
  readonly label: string;
  readonly isProcessor: boolean;
  readonly devices: number;
  /** Devices that share each matrix; the others take whole layers, one after the other. */
  readonly tensor: number;
}

function machineOf(record: ForeignRecord): Machine {
  const [gpus, processor, backends, layers, split] = [
    "gpu_info",
    "cpu_info",
    "backends",
    "n_gpu_layers",
    "split_mode",
  ].map((field) => foreignText(record.field(field))) as [string, string, string, string, string];
  const isProcessor = gpus === "" || layers === "0" || /^(cpu|blas)(,\s*(cpu|blas))*$/i.test(backends);
  if (isProcessor) return { label: processor, isProcessor, devices: 1, tensor: 1 };
  const names = gpus.split(/,\s*/);
  const devices = split === "none" ? 1 : names.length;
  return { label: names[0] ?? gpus, isProcessor, devices, tensor: split === "row" ? devices : 1 };
}
