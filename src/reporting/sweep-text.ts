/**
 * A sweep's rows as CSV (RFC 4180) or as JSON, an object a line. Numbers are written in full, as JSON writes them; null is
 * an empty cell in CSV. Bytes are written directly: joining strings took three quarters of a sweep's time.
 */
import type { SweepBlock } from "../analysis/sweep-block.ts";
import { type SweepColumn, sweepColumns, sweepNumberColumns, sweepTextColumns } from "../analysis/sweep-columns.ts";

export type SweepTextFormat = "csv" | "ndjson";

/** No number takes more characters as text: sign, 17 digits, point, exponent. */
const numberWidth = 25;

/** The line above the rows: the columns' names in CSV, nothing in NDJSON. */
export function sweepHeader(format: SweepTextFormat): string {
  return format === "csv" ? `${sweepColumns.map(({ name }) => name).join(",")}\n` : "";
}

/** Turns blocks into lines, in UTF-8; the bytes returned are the caller's own. */
export function sweepTextWriter(format: SweepTextFormat): (block: SweepBlock) => Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const csv = format === "csv";
  const before = sweepColumns.map(({ name }, i) =>
    encoder.encode(csv ? (i === 0 ? "" : ",") : `${i === 0 ? "{" : ","}${JSON.stringify(name)}:`),
  );
  const end = encoder.encode(csv ? "\n" : "}\n");
  const none = encoder.encode(csv ? "" : "null");
  const flags = [encoder.encode("false"), encoder.encode("true")] as const;
  const fixedWidth = sum([...before, end].map((bytes) => bytes.length)) + sweepNumberColumns * numberWidth;
  let scratch = new Uint8Array(0);
  return (block) => {
    const words = block.words.map((word) => encoder.encode(csv ? csvWord(word) : JSON.stringify(word)));
    const longest = Math.max(none.length, ...words.map((word) => word.length));
    const size = block.rows * (fixedWidth + sweepTextColumns * longest);
    if (scratch.length < size) scratch = new Uint8Array(size);
    const length = writeRows(block, { before, end, none, flags, words }, scratch);
    return scratch.slice(0, length);
  };
}

/** What stands between and in the place of values, as bytes. */
interface Pieces {
  readonly before: readonly Uint8Array[];
  readonly end: Uint8Array;
  readonly none: Uint8Array;
  readonly flags: readonly [Uint8Array, Uint8Array];
  readonly words: readonly Uint8Array[];
}

/** Writes all rows to the start of `into`; returns how many bytes. */
function writeRows(block: SweepBlock, pieces: Pieces, into: Uint8Array): number {
  const { codes, numbers } = block;
  // Neighbouring rows share many values, whose text is copied from the row before.
  const last = new Float64Array(sweepNumberColumns).fill(Number.NaN);
  const lastAt = new Int32Array(sweepNumberColumns);
  const lastLength = new Int32Array(sweepNumberColumns);
  let at = 0;
  for (let row = 0; row < block.rows; row++) {
    for (let i = 0; i < sweepColumns.length; i++) {
      const { kind, slot } = sweepColumns[i] as SweepColumn;
      at = writeBytes(pieces.before[i] as Uint8Array, into, at);
      if (kind === "text") {
        const code = codes[row * sweepTextColumns + slot] as number;
        at = writeBytes(code < 0 ? pieces.none : (pieces.words[code] as Uint8Array), into, at);
        continue;
      }
      const value = numbers[row * sweepNumberColumns + slot] as number;
      const start = at;
      if (value === last[slot]) {
        const from = lastAt[slot] as number;
        const length = lastLength[slot] as number;
        for (let k = 0; k < length; k++) into[at++] = into[from + k] as number;
      } else if (Number.isNaN(value)) at = writeBytes(pieces.none, into, at);
      else if (kind === "flag") at = writeBytes(pieces.flags[value === 1 ? 1 : 0], into, at);
      else at = writeNumber(value, into, at);
      last[slot] = value;
      lastAt[slot] = start;
      lastLength[slot] = at - start;
    }
    at = writeBytes(pieces.end, into, at);
  }
  return at;
}

function writeBytes(bytes: Uint8Array, into: Uint8Array, at: number): number {
  // A loop: for so few bytes `set` costs more.
  for (let i = 0; i < bytes.length; i++) into[at + i] = bytes[i] as number;
  return at + bytes.length;
}

const zero = 48;

/** As String(value) writes it. */
function writeNumber(value: number, into: Uint8Array, at: number): number {
  if (!(Number.isSafeInteger(value) && value >= 0)) {
    const text = String(value);
    for (let i = 0; i < text.length; i++) into[at + i] = text.charCodeAt(i);
    return at + text.length;
  }
  let digits = 1;
  for (let power = 10; power <= value; power *= 10) digits++;
  let rest = value;
  let place = at + digits;
  // In pieces of nine digits, since arithmetic on 32-bit integers is quicker.
  while (rest >= 1e9) {
    const high = Math.floor(rest / 1e9);
    let low = (rest - high * 1e9) | 0;
    for (let k = 0; k < 9; k++) {
      const tens = (low / 10) | 0;
      into[--place] = zero + low - tens * 10;
      low = tens;
    }
    rest = high;
  }
  let low = rest | 0;
  while (place > at) {
    const tens = (low / 10) | 0;
    into[--place] = zero + low - tens * 10;
    low = tens;
  }
  return at + digits;
}

function csvWord(word: string): string {
  // A text that a spreadsheet would run as a formula is kept a text.
  const safe = /^[=+\-@\t\r]/.test(word) ? `'${word}` : word;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
