/** The cells of one row by column name, read as numbers and labels; a cell that can't be is bad input with its place. */
import { InvalidInput } from "../quantity/invalid-input.ts";
import { wordChoice } from "../quantity/word-choice.ts";

export interface RowCells {
  /** @throws InvalidInput unless it is a positive whole number */
  count(column: string): number;
  /** As count; null where the column is missing or the cell empty. */
  optionalCount(column: string): number | null;
  /** A number of any sign, in a size that measurements have. @throws InvalidInput */
  number(column: string): number;
  optionalNumber(column: string): number | null;
  flag(column: string): boolean;
  /** A text without control characters; null where the column is missing or the cell empty. */
  label(column: string): string | null;
  /** The one of the words that the cell is. @throws InvalidInput listing them */
  oneOf<Word extends string>(column: string, words: readonly Word[]): Word;
  /** The error for a cell that was read but can't be right. */
  refused(column: string, wants: string): InvalidInput;
}

/**
 * @param indexes the place of each column of the table
 * @param labels labels met so far, so that equal ones of a large table are kept once
 */
export function rowCells(
  table: string,
  line: number,
  cells: readonly string[],
  indexes: ReadonlyMap<string, number>,
  labels: Map<string, string>,
): RowCells {
  const cell = (column: string): string => {
    const index = indexes.get(column);
    return index === undefined ? "" : (cells[index] ?? "").trim();
  };
  const refused = (column: string, wants: string): InvalidInput =>
    new InvalidInput(`${table} line ${line}, column ${column}`, printable(cell(column)), wants);
  const count = (column: string): number => {
    const value = decimal(cell(column));
    if (Number.isSafeInteger(value) && value > 0) return value;
    throw refused(column, "wants a positive whole number");
  };
  const number = (column: string): number => {
    const value = decimal(cell(column));
    // Beyond these lies no measurement, and what is reckoned from it could overflow.
    if (value === 0 || (Math.abs(value) >= 1e-30 && Math.abs(value) <= 1e30)) return value;
    throw refused(column, Number.isNaN(value) ? "wants a number" : "wants a number from 1e-30 to 1e30 in size, or 0");
  };
  const label = (column: string): string | null => {
    const text = cell(column);
    const known = labels.get(text);
    if (known !== undefined) return known || null;
    const made = printable(text);
    labels.set(text, made);
    return made || null;
  };
  return {
    count,
    number,
    label,
    refused,
    oneOf: (column, words) => {
      const text = label(column);
      const word = words.find((each) => each === text);
      if (word === undefined) throw refused(column, `wants ${wordChoice(words)}`);
      return word;
    },
    optionalCount: (column) => (cell(column) === "" ? null : count(column)),
    optionalNumber: (column) => (cell(column) === "" ? null : number(column)),
    flag: (column) => {
      const text = cell(column).toLowerCase();
      if (text === "1" || text === "true") return true;
      if (text === "0" || text === "false") return false;
      throw refused(column, "wants 1 or 0");
    },
  };
}

/** Plain decimals and exponents only: "1e3" and "-0.5", not "0x10", "1_000", "NaN" or "Infinity". */
function decimal(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

/** Without signs that a terminal would obey. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
}
