/**
 * How decode attention is cut into spans of rows, a workgroup each. The number of spans comes from the work's size alone:
 * enough of them for the largest GPU to be busy, none so short that its partial result costs as much as its rows.
 */
import type { AttentionWork } from "../kernel.ts";
import { busyWorkgroups } from "./gpu-traits.ts";

/** What decides which rows are read. */
export type AttendedRows = Pick<AttentionWork, "heads" | "kvHeads" | "contexts" | "queryTokens" | "reach">;

export interface AttentionSpan {
  readonly sequence: number;
  readonly kvHead: number;
  /** First row and one past the last. */
  readonly first: number;
  readonly end: number;
}

/** Rows of the shortest span; a partial result of n queries has the bytes of n rows, so longer with more of them. */
const leastRows = 64;
const rowsPerQuery = 4;
/** Spans are whole tiles. */
const tileRows = 32;

/** First row that any new token of a sequence sees. */
export function firstVisibleRow(work: AttendedRows, context: number): number {
  const position = context - work.queryTokens;
  const { window, chunk } = work.reach;
  if (window !== null) return Math.max(0, position - window + 1);
  return chunk === null ? 0 : Math.floor(position / chunk) * chunk;
}

/** Rows of a span, the whole work considered. */
export function spanRows(work: AttendedRows): number {
  const rows = work.contexts.reduce((sum, context) => sum + context - firstVisibleRow(work, context), 0) * work.kvHeads;
  const queries = (work.heads / work.kvHeads) * work.queryTokens;
  const wanted = Math.max(rows / busyWorkgroups, leastRows, rowsPerQuery * queries);
  return Math.ceil(wanted / tileRows) * tileRows;
}

/** All spans, those of a pair of sequence and K/V head one after the other, even in length. */
export function attentionSpans(work: AttendedRows): AttentionSpan[] {
  const most = spanRows(work);
  const spans: AttentionSpan[] = [];
  work.contexts.forEach((context, sequence) => {
    const from = firstVisibleRow(work, context);
    const parts = Math.ceil((context - from) / most);
    const each = Math.ceil((context - from) / parts / tileRows) * tileRows;
    for (let kvHead = 0; kvHead < work.kvHeads; kvHead++) {
      for (let first = from; first < context; first += each) {
        spans.push({ sequence, kvHead, first, end: Math.min(first + each, context) });
      }
    }
  });
  return spans;
}
