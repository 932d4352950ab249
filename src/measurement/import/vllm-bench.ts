/**
 * vLLM's benchmarks (`vllm bench serve`, latency and throughput, and the scripts before them), one run a JSON object; SGLang's
 * bench_serving writes the same fields. What a run was of, the files mostly don't say: the user's labels do.
 *   serve        TTFT, time an output token and end-to-end latency (mean, median, p99, in ms), output tokens a second
 *   latency      avg_latency and percentiles of a fixed batch, in seconds
 *   throughput   tokens_per_second counts prompts too
 */
import { type ConvertedCell, convertedRows, RowRefused } from "./converted-rows.ts";
import { engineColumns } from "./engine-columns.ts";
import { engineName } from "./engine-name.ts";
import { foreignText, numberOf, rounded } from "./foreign-cell.ts";
import type { ForeignFormat, RunLabels } from "./foreign-format.ts";
import { type ForeignRecord, hasFields, recordsOf } from "./foreign-record.ts";

const kinds = {
  serve: ["output_throughput", "duration", "completed"],
  latency: ["avg_latency", "percentiles"],
  throughput: ["elapsed_time", "num_requests", "tokens_per_second"],
} as const;

export const vllmBench: ForeignFormat = {
  id: "vllm-bench",
  what: "vLLM's benchmarks: serve, latency and throughput (JSON)",
  wants: Object.entries(kinds)
    .map(([kind, fields]) => `${fields.join(", ")} (${kind})`)
    .join(", or "),
  labels: [
    ...(["model", "hardware", "precision", "kvDtype", "engineVersion"] as const),
    ...(["tp", "pp", "concurrency", "isl", "osl"] as const),
  ],
  accepts: (file) => Object.values(kinds).some((fields) => hasFields(file, fields)),
  convert(file, labels) {
    const rows = convertedRows("engine", engineColumns);
    const source = `vllm-bench ${file.name.replace(/^.*[\\/]/, "")}`;
    for (const record of recordsOf(file)) {
      for (const figure of figuresOf(record)) {
        rows.add(record.line, () => cellsOf(record, source, figure, labels));
      }
    }
    return [rows.table()];
  },
};

interface Figure {
  readonly metric: string;
  readonly value: unknown;
  readonly scale: number;
  readonly stat: string;
}

const statistics = ["mean", "median", "p99"] as const;

function figuresOf(record: ForeignRecord): Figure[] {
  if (kinds.latency.every((field) => record.field(field) !== undefined)) {
    const percentiles = record.field("percentiles") as Readonly<Record<string, unknown>> | null;
    const median = percentiles === null ? undefined : percentiles["50"];
    return [
      { metric: "latency_s", value: record.field("avg_latency"), scale: 1, stat: "mean" },
      ...(median === undefined ? [] : [{ metric: "latency_s", value: median, scale: 1, stat: "median" }]),
    ];
  }
  if (record.field("output_throughput") === undefined) {
    const stat = "prompt and output tokens";
    return [{ metric: "tokens_per_s_total", value: record.field("tokens_per_second"), scale: 1, stat }];
  }
  const latencies = [
    ["ttft_ms", "ttft_ms", 1],
    ["tpot_ms", "tpot_ms", 1],
    ["latency_s", "e2el_ms", 1e-3],
  ] as const;
  return [
    { metric: "tokens_per_s_total", value: record.field("output_throughput"), scale: 1, stat: "output tokens" },
    ...latencies.flatMap(([metric, field, scale]) =>
      statistics
        .map((stat) => ({ metric, value: record.field(`${stat}_${field}`), scale, stat }))
        .filter(({ value }) => value !== undefined),
    ),
  ];
}

/** In the order of engineColumns. */
function cellsOf(record: ForeignRecord, source: string, figure: Figure, labels: RunLabels): ConvertedCell[] {
  const text = (field: string): string => foreignText(record.field(field));
  const value = numberOf(figure.value);
  if (value === null) throw new RowRefused(`${figure.metric} (${figure.stat}) is empty or no number`);
  const completed = numberOf(record.field("completed"));
  if (completed === 0) throw new RowRefused("no request was completed");
  const each = (field: string): number | null => {
    const total = numberOf(record.field(field));
    return total === null || completed === null ? null : Math.round(total / completed);
  };
  const model = labels.model ?? (text("model_id") || text("model"));
  if (model === "") throw new RowRefused("the file does not name the model: --model does");
  const [tp, pp] = [labels.tp ?? 1, labels.pp ?? 1];
  return [
    ...[source, engineOf(text("backend")), labels.engineVersion ?? text("version"), model],
    ...[labels.precision ?? null, labels.kvDtype ?? null, labels.hardware ?? "", tp * pp, tp, pp, null],
    ...[labels.concurrency ?? concurrencyOf(record), labels.isl ?? each("total_input_tokens")],
    ...[labels.osl ?? each("total_output_tokens"), figure.metric, rounded(value * figure.scale), figure.stat],
    text("request_rate") === "" ? "" : `request rate ${text("request_rate")}`,
  ];
}

/** The server behind an interface that several speak is vLLM's own. */
function engineOf(backend: string): string {
  return backend === "" || /^(openai|vllm)/i.test(backend)
    ? "vllm"
    : engineName(backend.replace(/-(oai|native).*$/, ""));
}

/** The limit that was asked for; without one, all requests at once where they were sent at once; else not known. */
function concurrencyOf(record: ForeignRecord): number | null {
  const limit = numberOf(record.field("max_concurrency"));
  if (limit !== null) return limit;
  const requests = numberOf(record.field("num_prompts")) ?? numberOf(record.field("completed"));
  return foreignText(record.field("request_rate")) === "inf" ? requests : null;
}
