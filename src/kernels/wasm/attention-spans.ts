/** Which rows the queries of one sequence see, and how a pair of sequence and K/V head is cut into tasks. */
import type { AttentionWork } from "../kernel.ts";

type SpanShape = Pick<AttentionWork, "contexts" | "kvHeads" | "queryTokens" | "reach">;

/** First row and one past the last that new token `token` sees, in rows from 0. */
export function visibleSpan(work: SpanShape, context: number, token: number): readonly [number, number] {
  const position = context - work.queryTokens + token;
  const { window, chunk } = work.reach;
  if (window !== null) return [Math.max(0, position - window + 1), position + 1];
  if (chunk !== null) return [Math.floor(position / chunk) * chunk, position + 1];
  return [0, position + 1];
}

export interface RowSpan {
  readonly first: number;
  readonly count: number;
}

/** Rows of a task: enough tasks to keep the threads busy to the end, none too small to be worth its partial result. */
const leastRows = 256;
const tasksPerThread = 24;

/** The rows that any new token of a sequence sees, cut into spans of at most `rows`. */
export function spansOf(work: SpanShape, context: number, rows: number): RowSpan[] {
  let from = context;
  for (let token = 0; token < work.queryTokens; token++) from = Math.min(from, visibleSpan(work, context, token)[0]);
  const parts = Math.max(1, Math.ceil((context - from) / rows));
  const each = Math.ceil((context - from) / parts / 32) * 32;
  const spans: RowSpan[] = [];
  for (let first = from; first < context; first += each) spans.push({ first, count: Math.min(each, context - first) });
  return spans;
}

/** Rows a task, the whole work considered. */
export function rowsPerTask(work: SpanShape, threads: number): number {
  const all = work.contexts.reduce((sum, context) => sum + context, 0) * work.kvHeads;
  return Math.max(leastRows, Math.ceil(all / (tasksPerThread * threads)));
}
