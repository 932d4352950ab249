/** A measured row in a few words. */
import { type MeasurementRow, softwareOf, variantOfHeads } from "../measurement/measurement-row.ts";

/**
 * What was measured: kernel, shape, workload.
 * @example "normalization 1 × 4096"; "triton GQA 32/8 × 128, batch 4, context 8192"; "qkv_mha 16 × 4096 × 12288"; "7b-mha MHA 32/32, batch 1, context 512"
 */
export function describeRow(row: MeasurementRow): string {
  const format = row.dtype === "bf16" ? [] : [row.dtype];
  if (row.kind === "linear") {
    return [softwareOf(row), row.what, ...format, `${row.m} × ${row.k} × ${row.n}`].filter(Boolean).join(" ");
  }
  if (row.kind === "elementwise") {
    return [softwareOf(row), row.op, ...format, `${row.rows} × ${row.features}`].filter(Boolean).join(" ");
  }
  const heads = `${variantOfHeads(row.heads, row.kvHeads)} ${row.heads}/${row.kvHeads}`;
  const named = row.kind === "steps" ? [row.model, heads] : [heads, `× ${row.headDim}`];
  const window = row.window === null ? "" : `, window ${row.window}`;
  const shared = row.tp === 1 ? "" : `, tp ${row.tp}`;
  const what = [softwareOf(row), ...named, ...format].filter(Boolean).join(" ");
  return `${what}, batch ${row.batch}, context ${row.context}${window}${shared}`;
}
