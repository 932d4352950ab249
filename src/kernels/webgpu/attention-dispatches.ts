/** The dispatches of decode attention over keys and values that lie in one or several storage buffers. */
import type { AttentionWork } from "../kernel.ts";
import { attentionCombineKernel } from "./attention-combine-kernel.ts";
import { attentionGeometry } from "./attention-geometry.ts";
import { attentionKernel } from "./attention-kernel.ts";
import { type AttentionSpan, attentionSpans } from "./attention-spans.ts";
import type { GpuBufferPlan, GpuProgramBuilder } from "./gpu-program.ts";
import { workgroupGrid } from "./gpu-traits.ts";
import type { GpuFormat } from "./stored-quads.ts";

/** Rows of whole pairs of sequence and K/V head, one pair after the other, in buffers that a binding can hold. */
export interface StoredPairs {
  readonly firstPair: number;
  readonly pairs: number;
  /** Row of the buffer that row 0 of a pair is; pairs count as sequence · kvHeads + K/V head. */
  readonly rowOf: (pair: number) => number;
  readonly keys: GpuBufferPlan;
  readonly values: GpuBufferPlan;
  /** Of int8 rows. */
  readonly keyScales: GpuBufferPlan | null;
  readonly valueScales: GpuBufferPlan | null;
}

export interface AttentionOperands
  extends Pick<AttentionWork, "heads" | "kvHeads" | "headDim" | "contexts" | "queryTokens" | "reach"> {
  readonly format: GpuFormat;
  /** Quads of a token's queries follow one another by head; queryStride quads from token to token. */
  readonly queries: GpuBufferPlan;
  readonly queryStride: number;
  readonly stored: readonly StoredPairs[];
  readonly sinks: GpuBufferPlan | null;
  /** Quads [T, Hq, D / 4]. */
  readonly output: GpuBufferPlan;
}

/** Adds the dispatches; answers why there are none where a head is too wide for the device. */
export function addAttention(builder: GpuProgramBuilder, o: AttentionOperands): string | null {
  const { traits } = builder;
  const queries = (o.heads / o.kvHeads) * o.queryTokens;
  const geometry = attentionGeometry(o.headDim, queries, traits);
  if (geometry === null) {
    return `a head of ${o.headDim} is too wide for workgroups of ${traits.workgroupThreads} threads and ${traits.workgroupBytes} bytes`;
  }
  const spans = attentionSpans(o);
  const pairs = o.contexts.length * o.kvHeads;
  const whole = spans.length === pairs;
  const partialBytes = spans.length * queries * geometry.quads * 16;
  const partials = whole ? o.output : builder.buffer("partial outputs of attention", partialBytes);
  const statistics = whole ? null : builder.buffer("partial sums of attention", spans.length * queries * 8);
  for (const stored of o.stored) {
    const own = spans
      .map((span, partial) => ({ span, partial, pair: span.sequence * o.kvHeads + span.kvHead }))
      .filter(({ pair }) => pair >= stored.firstPair && pair < stored.firstPair + stored.pairs);
    const words = own.flatMap(({ span, partial, pair }) => taskOf(o, span, stored.rowOf(pair), partial));
    const workgroups = own.length * geometry.blocks;
    const kernel = attentionKernel({ ...o, sinks: o.sinks !== null, workgroups, whole }, geometry);
    const optional = [statistics, whole ? o.sinks : null, stored.keyScales, stored.valueScales];
    const tables = [stored.keys, stored.values, builder.words("attention's spans", words), partials];
    const buffers = [o.queries, ...tables, ...optional.filter((buffer) => buffer !== null)];
    builder.dispatch(kernel, buffers, workgroupGrid(workgroups, traits));
  }
  if (statistics !== null) addCombination(builder, o, spans, partials, statistics);
  return null;
}

function taskOf(o: AttentionOperands, span: AttentionSpan, row: number, partial: number): number[] {
  const context = o.contexts[span.sequence] as number;
  return [row, span.first, span.end, context, span.sequence * o.queryTokens, span.kvHead, partial, 0];
}

function addCombination(
  builder: GpuProgramBuilder,
  o: AttentionOperands,
  spans: readonly AttentionSpan[],
  partials: GpuBufferPlan,
  statistics: GpuBufferPlan,
): void {
  const words: number[] = [];
  spans.forEach(({ sequence, kvHead }, partial) => {
    const before = spans[partial - 1];
    const opens = before === undefined || before.sequence !== sequence || before.kvHead !== kvHead;
    if (opens) words.push(partial, 0, sequence * o.queryTokens, kvHead);
    words[words.length - 3] = (words[words.length - 3] as number) + 1;
  });
  const pairs = o.contexts.length * o.kvHeads;
  const kernel = attentionCombineKernel({ ...o, sinks: o.sinks !== null, pairs }, builder.traits);
  const table = builder.words("attention's pairs", words);
  const buffers = [partials, statistics, table, o.output, ...(o.sinks === null ? [] : [o.sinks])];
  builder.dispatch(kernel, buffers, workgroupGrid(pairs * (o.heads / o.kvHeads) * o.queryTokens, builder.traits));
}
