/**
 * The number formats of a measured row. Its dtype says how weights (of an attention call: keys and values) are stored.
 * Activations are in the format of their own column where the table has one; else in the same format where it has 16 bits or
 * more, or where the machine multiplies it natively; else what is stored is widened and multiplied with 16-bit activations.
 * Where a kernel says that it multiplies in another format, and the machine has that peak, it counts.
 */
import type { Hardware } from "../hardware/hardware.ts";
import type { MeasurementRow } from "../measurement/measurement-row.ts";
import type { RowFormats } from "../measurement/row-operation.ts";
import { type ComputeFormat, type NumberFormat, parseNumberFormat } from "../quantity/number-format.ts";

/** Spellings of PyTorch and of kernels' authors. */
const otherSpellings: ReadonlyMap<string, string> = new Map([
  ["float32", "fp32"],
  ["float", "fp32"],
  ["f32", "fp32"],
  ["bfloat16", "bf16"],
  ["float16", "fp16"],
  ["half", "fp16"],
  ["f16", "fp16"],
  ["float8", "fp8"],
  ["fp8_e4m3", "fp8"],
  ["fp8_e5m2", "fp8"],
  ["float8_e4m3fn", "fp8"],
  ["float8_e5m2", "fp8"],
  ["fp8_block", "fp8"],
  ["i8", "int8"],
]);

/**
 * The formats of a row on a machine.
 * @throws InvalidInput naming table, line and column for a dtype that isn't known
 */
export function rowFormats(row: MeasurementRow, hardware: Hardware, table: string): RowFormats {
  const stored = numberFormatOf(row.dtype, `${table} line ${row.line}, column dtype`);
  const sixteen = parseNumberFormat("bf16");
  const native = stored.native !== null && Object.hasOwn(hardware.peakFlopsPerSecond, stored.native);
  const said =
    row.activations === null ? null : numberFormatOf(row.activations, `${table} line ${row.line}, column activations`);
  const activations = said ?? (stored.bits >= 16 || native ? stored : sixteen);
  const kvStored =
    row.kvDtype === null ? null : numberFormatOf(row.kvDtype, `${table} line ${row.line}, column kv_dtype`);
  // Weights of 8 and 4 bits say nothing about the cache, which engines keep in 16 bits unless told.
  const isCache = row.kind === "attention" || row.kind === "mla" || row.kind === "elementwise";
  const kvCache = kvStored ?? (isCache || stored.bits >= 16 ? stored : sixteen);
  const multiplies = multipliesOf(row, hardware, table);
  return { weights: stored, kvCache, activations, ...(multiplies === null ? {} : { multiplies }) };
}

/** Null where the row does not say, or the machine has no peak of it. */
function multipliesOf(row: MeasurementRow, hardware: Hardware, table: string): ComputeFormat | null {
  if (row.multiplies === null || row.kind === "steps") return null;
  const { native } = numberFormatOf(row.multiplies, `${table} line ${row.line}, column multiplies`);
  return native !== null && Object.hasOwn(hardware.peakFlopsPerSecond, native) ? native : null;
}

/**
 * The format that a table's word names, in the spellings of PyTorch and kernels' authors too.
 * @throws InvalidInput naming the field
 * @example numberFormatOf("bfloat16", "dtype").id is "bf16"
 */
export function numberFormatOf(text: string, field: string): NumberFormat {
  const id = text.toLowerCase();
  return parseNumberFormat(otherSpellings.get(id) ?? id, field);
}
