/**
 * What the audit looks for in a figure of a whole engine: more than its devices' memories together deliver, each token of an
 * answer taking a step that reads the weights at least once (of a mixture those experts that the batch is expected to touch).
 *   tokens a second   V tokens/s of c sequences are at least V / c steps a second, each with the weights that c tokens read
 *   tpot_ms, ttft_ms  one step with the weights that one token reads
 *   latency_s         as many steps as the answer has tokens
 *   prefill           the FLOPs of V prompt tokens a second against the peaks of all devices
 * Keys and values are left out, and one copy of the weights is shared by all devices: the true limits are lower. An engine that
 * accepts several tokens a step (speculative decoding) passes these limits honestly.
 */
import { countDecodeStep } from "../analysis/count-decode-step.ts";
import type { Model } from "../architecture/model.ts";
import type { Hardware } from "../hardware/hardware.ts";
import type { EngineRow } from "../measurement/measurement-row.ts";
import { formatBandwidth, formatBytes, formatFlopsPerSecond } from "../quantity/format-quantity.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { NumberFormat } from "../quantity/number-format.ts";
import { excess, type RowFinding } from "./audit-finding.ts";
import { timeFindings } from "./audit-row.ts";
import type { LabelledProfiles } from "./labelled-profiles.ts";
import { numberFormatOf } from "./row-formats.ts";

/** What a run was held against, or why it was not. */
export type RunAudit = readonly RowFinding[] | { readonly notJudged: string };

/** @param given the machine of rows whose label no profile bears */
export function auditRun(row: EngineRow, profiles: LabelledProfiles, given: Hardware | null): RunAudit {
  const times = timeFindings(row);
  if (times.length > 0) return times;
  const machine = (row.gpu === null ? null : profiles.machineOfLabel(row.gpu)) ?? given;
  if (machine === null) return { notJudged: `no profile is named ${row.gpu ?? "in the row"}: --hardware says which` };
  const model = profiles.modelOfLabel(row.model);
  if (model === null) return { notJudged: `no model profile is named ${row.model}` };
  let format: NumberFormat;
  try {
    format = numberFormatOf(row.dtype, "precision");
  } catch (error) {
    if (error instanceof InvalidInput) return { notJudged: `precision ${row.dtype} is not known` };
    throw error;
  }
  if (isPrefill(row)) return [prefillFinding(row, model, machine, format)].filter((found) => found !== null);
  const steps = stepsOf(row);
  if (typeof steps === "string") return { notJudged: steps };
  return [decodeFinding(row, model, machine, format, steps)].filter((found) => found !== null);
}

interface Steps {
  /** At least so long is one, if the figure is right. */
  readonly seconds: number;
  /** Tokens of one. */
  readonly batch: number;
}

/** Steps that a figure implies; a text says why it implies none. */
function stepsOf(row: EngineRow): Steps | string {
  switch (row.metric) {
    case "tokens_per_s_total":
    case "tokens_per_s_per_gpu":
      if (row.concurrency === null) return "a throughput says nothing without its concurrency";
      if (countsPrompts(row)) return "its tokens count those of prompts, or may";
      return { seconds: row.seconds, batch: row.concurrency };
    case "tpot_ms":
    case "ttft_ms":
      return { seconds: row.seconds, batch: 1 };
    case "latency_s":
      return { seconds: row.seconds / Math.max(1, row.osl ?? 1), batch: 1 };
  }
}

function isPrefill({ stat, metric }: EngineRow): boolean {
  return metric.startsWith("tokens") && /^prefill(?! and)/i.test(stat ?? "");
}

export function countsPrompts({ stat, note }: EngineRow): boolean {
  return /input|prompt(?! \d)|prefill/i.test(stat ?? "") || /counts? (the )?(input|prompt)/i.test(note ?? "");
}

function decodeFinding(
  row: EngineRow,
  model: Model,
  machine: Hardware,
  weights: NumberFormat,
  { seconds, batch }: Steps,
): RowFinding | null {
  const { weightBytes } = countDecodeStep(model, { batch, context: 1 }, { weights }).totals;
  const limit = machine.memoryBandwidthBytesPerSecond * row.devices;
  const rate = weightBytes / seconds;
  if (rate <= limit) return null;
  const devices = `${row.devices} × ${machine.name}`;
  const over = `${excess(rate, limit)} the ${formatBandwidth(limit)} of ${devices}`;
  const message = `reads ${formatBytes(weightBytes)} of weights a step: ${formatBandwidth(rate)}, ${over}`;
  return { severity: "error", rule: "bandwidth", message, value: rate, limit };
}

/** Against the highest peak of the machine: quantised weights are multiplied in formats of the engine's choice. */
function prefillFinding(row: EngineRow, model: Model, machine: Hardware, weights: NumberFormat): RowFinding | null {
  const prompt = row.isl ?? 1;
  if (prompt < 1) return null;
  const step = countDecodeStep(model, { batch: 1, context: prompt }, { weights, phase: "prefill" });
  const limit = Math.max(...Object.values(machine.peakFlopsPerSecond)) * row.devices;
  const tokensPerSecond = row.metric === "tokens_per_s_per_gpu" ? row.value * row.devices : row.value;
  const rate = (step.totals.matmulFlops / prompt) * tokensPerSecond;
  if (rate <= limit) return null;
  const over = `${excess(rate, limit)} the ${formatFlopsPerSecond(limit)} of ${row.devices} × ${machine.name}`;
  const message = `multiplies ${formatFlopsPerSecond(rate)}, ${over}`;
  return { severity: "error", rule: "compute", message, value: rate, limit };
}
