/** A measured row in a few words. */
import { type EngineRow, type MeasurementRow, softwareOf, variantOfHeads } from "../measurement/measurement-row.ts";
import { formatBytes } from "../quantity/format-quantity.ts";

/**
 * What was measured: kernel, shape, workload.
 * @example "normalization 1 × 4096"; "triton GQA 32/8 × 128, batch 4, context 8192"; "qkv_mha 16 × 4096 × 12288"; "7b-mha MHA 32/32, batch 1, context 512"
 */
export function describeRow(row: MeasurementRow): string {
  const format = row.dtype === "bf16" ? null : row.dtype;
  const words = (...parts: readonly (string | null)[]): string =>
    [softwareOf(row), ...parts].filter((part) => part !== null && part !== "").join(" ");
  switch (row.kind) {
    case "linear":
      return words(row.what, format, `${row.m} × ${row.k} × ${row.n}`);
    case "elementwise":
      return words(row.op, format, `${row.rows} × ${row.features}`);
    case "mla":
      return `${words(row.absorbed ? "absorbed" : "expanded", `${row.heads} heads`, format)}${workload(row)}`;
    case "moe": {
      const spread = row.moeTp * row.moeEp === 1 ? null : `on ${row.moeTp} × ${row.moeEp} devices`;
      const shape = `${row.tokens} × ${row.dModel} × ${row.dFf}, top ${row.topK} of ${row.experts}`;
      return words(row.distribution, format, shape, spread);
    }
    case "collectives":
      return words(row.op, format, `of ${formatBytes(row.messageBytes)} on ${row.gpus} devices`);
    case "engine":
      return describeRun(row);
    case "attention":
    case "steps": {
      const heads = `${variantOfHeads(row.heads, row.kvHeads)} ${row.heads}/${row.kvHeads}`;
      const named = row.kind === "steps" ? [row.model, heads] : [heads, `× ${row.headDim}`];
      const window = row.window === null ? "" : `, window ${row.window}`;
      const shared = row.tp === 1 ? "" : `, tp ${row.tp}`;
      return `${words(...named, format)}${workload(row)}${window}${shared}`;
    }
  }
}

function workload(row: { readonly batch: number; readonly context: number; readonly queryTokens?: number }): string {
  const queries = row.queryTokens === undefined || row.queryTokens === 1 ? "" : `, ${row.queryTokens} query tokens`;
  return `, batch ${row.batch}, context ${row.context}${queries}`;
}

/** @example "trt-llm 0.9.0 Mixtral 8x7B fp16 on 2 × A100, concurrency 32, 2048 in, 2048 out: tokens_per_s_per_gpu" */
function describeRun(row: EngineRow): string {
  const software = [row.engine, row.engineVersion].filter(Boolean).join(" ");
  const load = [
    row.concurrency === null ? null : `concurrency ${row.concurrency}`,
    row.isl === null ? null : `${row.isl} in`,
    row.osl === null ? null : `${row.osl} out`,
  ].filter((part) => part !== null);
  const where = `${software} ${row.model} ${row.dtype} on ${row.devices} × ${row.gpu ?? "?"}`;
  return `${[where, ...load].join(", ")}: ${row.metric}`;
}
