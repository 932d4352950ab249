/**
 * How much faster multi-query attention is than multi-head attention, all else equal: MHA's time over MQA's, predicted beside
 * measured. A pair is two rows whose columns differ in the K/V heads alone.
 */
import { type MeasurementRow, variantOfHeads } from "../measurement/measurement-row.ts";
import type { ComparedRow } from "./validate.ts";

export interface MqaSpeedup {
  /** The MHA row of the pair. */
  readonly row: MeasurementRow;
  readonly measured: number;
  readonly predicted: number;
  /** 100 (predicted − measured) / measured. */
  readonly errorPercent: number;
}

/** All pairs among the rows, in the order of their MHA rows. */
export function mqaSpeedups(compared: readonly ComparedRow[]): MqaSpeedup[] {
  const single = new Map<string, ComparedRow>();
  for (const each of compared) {
    const key = pairKey(each.row, "MQA");
    if (key !== null) single.set(key, each);
  }
  return compared.flatMap((mha) => {
    const key = pairKey(mha.row, "MHA");
    const mqa = key === null ? undefined : single.get(key);
    if (mqa === undefined) return [];
    const measured = mha.measuredSeconds / mqa.measuredSeconds;
    const predicted = mha.predictedSeconds / mqa.predictedSeconds;
    return [{ row: mha.row, measured, predicted, errorPercent: (100 * (predicted - measured)) / measured }];
  });
}

/** What the two rows of a pair share; null for a row of another variant, or without heads. */
function pairKey(row: MeasurementRow, variant: "MHA" | "MQA"): string | null {
  if (row.kind !== "attention" && row.kind !== "steps") return null;
  if (row.heads === 1 || variantOfHeads(row.heads, row.kvHeads) !== variant) return null;
  const machine = [row.gpu, row.kernel, row.engine, row.threads, row.tp, row.cold];
  const common = [row.kind, ...machine, row.dtype, row.kvDtype, row.activations, row.batch, row.context, row.window];
  const shape = [row.heads, row.headDim, row.kind === "attention" ? row.queryTokens : 1];
  if (row.kind === "steps") shape.push(row.layers, row.dModel, row.dFf, Number(row.gated), row.vocab);
  return [...common, ...shape].join("|");
}
