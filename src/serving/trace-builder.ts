/**
 * A trace from its rows, one after the other. Clocks of several servers differ a little, so rows that come less than a second too early
 * are sorted, with a note; more is an error. A pause is no error, but a plan for its mean rate would be of nobody's use, so it is noted.
 */
import { formatSeconds } from "../quantity/format-quantity.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { RequestTrace } from "./request-trace.ts";
import type { TraceColumns } from "./trace-columns.ts";
import { traceTimeReader } from "./trace-time.ts";

export interface LoadedTrace {
  readonly trace: RequestTrace;
  /** One line each: what was sorted, pauses. */
  readonly notes: readonly string[];
}

export interface TraceBuilder {
  /** @param line the row's, for messages @throws InvalidInput for a cell that is no number, tokens below 1, an arrival out of order */
  add(line: number, cells: readonly unknown[]): void;
  /** @throws InvalidInput where no row was added */
  finish(): LoadedTrace;
}

/** Beyond it no row is too early by the clocks' differences alone. */
const sortedSeconds = 1;
/** A pause is longer than both: this many mean gaps, and this time. */
const pauseGaps = 100;
const pauseSeconds = 600;
/** "12" and "12.0", which tables with empty cells are written with. */
const wholeNumber = /^\s*-?\d+(\.0*)?\s*$/;
const largestTokens = 1e9;
/** Plain seconds since 1970 reach it in 5138. */
const largestSeconds = 1e11;

/** @param name the file's, for messages */
export function traceBuilder(name: string, columns: TraceColumns): TraceBuilder {
  const timeOf = traceTimeReader(columns.arrivalUnitSeconds);
  let arrivals = new Float64Array(1024);
  let inputs = new Uint32Array(1024);
  let outputs = new Uint32Array(1024);
  let count = 0;
  let latest = Number.NEGATIVE_INFINITY;
  let early = 0;

  // Made where it is needed only, since a text for each cell would double the time of reading.
  const invalid = (line: number, column: string, cell: unknown, wants: string): InvalidInput =>
    new InvalidInput(`${name} line ${line}, ${column}`, cell ?? "nothing", wants);
  const tokensOf = (line: number, column: string, cell: unknown): number => {
    const isNumber = typeof cell === "number" || (typeof cell === "string" && wholeNumber.test(cell));
    const tokens = isNumber ? Number(cell) : Number.NaN;
    if (Number.isInteger(tokens) && tokens >= 1 && tokens <= largestTokens) return tokens;
    throw invalid(line, column, cell, "wants a whole number of tokens, at least 1");
  };
  const arrivalOf = (line: number, cell: unknown): number => {
    const seconds = timeOf(cell);
    if (!Number.isFinite(seconds)) {
      throw invalid(line, "arrival", cell, 'wants a number or a date and time such as "2023-11-16 18:17:03.98"');
    }
    if (Math.abs(seconds) >= largestSeconds) {
      throw invalid(line, "arrival", cell, "wants seconds; the name of a column of milliseconds ends with _ms");
    }
    if (latest - seconds >= sortedSeconds) {
      const lateness = formatSeconds(latest - seconds);
      throw invalid(line, "arrival", cell, `out of order: ${lateness} before the row with the latest arrival so far`);
    }
    return seconds;
  };

  return {
    add(line, cells) {
      if (count === arrivals.length) {
        arrivals = grown(arrivals, new Float64Array(2 * count));
        inputs = grown(inputs, new Uint32Array(2 * count));
        outputs = grown(outputs, new Uint32Array(2 * count));
      }
      const seconds = arrivalOf(line, cells[columns.arrival]);
      if (seconds < latest) early += 1;
      latest = Math.max(latest, seconds);
      arrivals[count] = seconds;
      inputs[count] = tokensOf(line, "input", cells[columns.input]);
      outputs[count] = tokensOf(line, "output", cells[columns.output]);
      count += 1;
    },
    finish() {
      if (count === 0) throw new InvalidInput(name, "no request", "wants a row at least below the header");
      let trace: RequestTrace = {
        name,
        arrivalSeconds: arrivals.slice(0, count),
        inputTokens: inputs.slice(0, count),
        outputTokens: outputs.slice(0, count),
      };
      if (early > 0) trace = sorted(trace);
      const first = trace.arrivalSeconds[0]!;
      for (let i = 0; i < count; i++) trace.arrivalSeconds[i]! -= first;
      const note = `${early} of ${count} requests came before the one above them, by less than 1 s; they were sorted`;
      return { trace, notes: [...(early > 0 ? [note] : []), ...pauseNotes(trace.arrivalSeconds)] };
    },
  };
}

function grown<T extends Float64Array | Uint32Array>(full: T, larger: T): T {
  larger.set(full);
  return larger;
}

/** By arrival; rows of the same time keep their order. */
function sorted(trace: RequestTrace): RequestTrace {
  const { arrivalSeconds, inputTokens, outputTokens } = trace;
  const order = Uint32Array.from(arrivalSeconds.keys());
  order.sort((a, b) => arrivalSeconds[a]! - arrivalSeconds[b]! || a - b);
  return {
    name: trace.name,
    arrivalSeconds: Float64Array.from(order, (row) => arrivalSeconds[row]!),
    inputTokens: Uint32Array.from(order, (row) => inputTokens[row]!),
    outputTokens: Uint32Array.from(order, (row) => outputTokens[row]!),
  };
}

/** One line for all pauses, with the longest. */
function pauseNotes(arrivals: Float64Array): string[] {
  const least = Math.max(pauseSeconds, (pauseGaps * arrivals.at(-1)!) / Math.max(1, arrivals.length - 1));
  let pauses = 0;
  let longest = 0;
  for (let i = 1; i < arrivals.length; i++) {
    if (arrivals[i]! - arrivals[i - 1]! <= least) continue;
    pauses += 1;
    if (longest === 0 || arrivals[i]! - arrivals[i - 1]! > arrivals[longest]! - arrivals[longest - 1]!) longest = i;
  }
  if (pauses === 0) return [];
  const [from, to] = [arrivals[longest - 1]!, arrivals[longest]!];
  const longestText = `no request for ${formatSeconds(to - from)} after request ${longest}, ${formatSeconds(from)} into the trace`;
  const more = pauses > 1 ? `, the longest of ${pauses} pauses` : "";
  return [`${longestText}${more}; the mean rate counts them too`];
}
