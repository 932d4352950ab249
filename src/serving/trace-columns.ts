/** Which columns of a trace are arrival, input and output, by the names that people give them, in any case and spacing. */
import { InvalidInput } from "../quantity/invalid-input.ts";

export interface TraceColumns {
  /** Their places in a row. */
  readonly arrival: number;
  readonly input: number;
  readonly output: number;
  /** What a plain number in the column of arrivals counts: 1, or 1e-3 where its name ends with ms. */
  readonly arrivalUnitSeconds: number;
}

/** Letters and digits alone, in lower case; the first that a file has counts. */
const arrivalNames = ["arrival", "arrived_at", "arrival_time", "timestamp", "time", "request_time", "start_time"];
const inputNames = [
  "input",
  "input_tokens",
  "input_length",
  "num_prefill_tokens",
  "context_tokens",
  "isl",
  "prompt_tokens",
  "prompt_length",
  "request_tokens",
];
const outputNames = [
  "output",
  "output_tokens",
  "output_length",
  "num_decode_tokens",
  "generated_tokens",
  "osl",
  "completion_tokens",
  "response_tokens",
];

const unitSuffixes: readonly (readonly [string, number])[] = [
  ["", 1],
  ["s", 1],
  ["sec", 1],
  ["seconds", 1],
  ["ms", 1e-3],
  ["milliseconds", 1e-3],
  ["us", 1e-6],
  ["microseconds", 1e-6],
];

/**
 * The columns by a header's names.
 * @param plainUnitSeconds what `timestamp` counts without a unit in its name: 1 in tables, 1e-3 in JSON lines
 * @throws InvalidInput naming the column that is missing, those found and those known
 */
export function traceColumnsOf(names: readonly string[], file: string, plainUnitSeconds = 1): TraceColumns {
  const bare = names.map(bareName);
  const placed = (known: readonly string[], what: string): number => {
    const found = known.map((name) => bare.indexOf(bareName(name))).find((place) => place >= 0);
    if (found !== undefined) return found;
    throw missing(file, what, names, known);
  };
  for (const name of arrivalNames) {
    for (const [suffix, seconds] of unitSuffixes) {
      const arrival = bare.indexOf(bareName(name) + suffix);
      if (arrival < 0) continue;
      const unit = suffix === "" && name === "timestamp" ? plainUnitSeconds : seconds;
      const input = placed(inputNames, "input tokens");
      return { arrival, input, output: placed(outputNames, "output tokens"), arrivalUnitSeconds: unit };
    }
  }
  throw missing(file, "arrival times", names, arrivalNames);
}

function missing(file: string, what: string, found: readonly string[], known: readonly string[]): InvalidInput {
  const most = 12;
  const list = found.slice(0, most).map((name) => (name.length > 30 ? `${name.slice(0, 27)}...` : name.trim()));
  const rest = found.length > most ? ` and ${found.length - most} more` : "";
  return new InvalidInput(
    file,
    `no column of ${what}`,
    `found ${list.join(", ") || "none"}${rest}; known are ${known.join(", ")}`,
  );
}

function bareName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}
