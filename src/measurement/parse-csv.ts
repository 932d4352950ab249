/**
 * CSV as RFC 4180 has it: cells in quotes may hold commas, line breaks and doubled quotes; lines end with LF or CR LF.
 * Empty lines are passed over. A quote inside a cell that doesn't begin with one is an ordinary sign.
 */
import { InvalidInput } from "../quantity/invalid-input.ts";

export interface CsvRecord {
  /** The line on which the record begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * The records of a CSV text in order, the header among them.
 * @param name the file's name, for the messages
 * @throws InvalidInput for a quote that is never closed, and for text after a closing quote
 * @example [...parseCsv('a,"b ""c"""\n', "t.csv")] is [{ line: 1, cells: ["a", 'b "c"'] }]
 */
export function* parseCsv(text: string, name: string): Generator<CsvRecord> {
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const newline = text.indexOf("\n", at);
    const end = newline === -1 ? text.length : newline;
    const row = text.charCodeAt(end - 1) === 13 && end > at ? text.slice(at, end - 1) : text.slice(at, end);
    if (!row.includes('"')) {
      if (row !== "") yield { line, cells: row.split(",") };
      at = end + 1;
      line += 1;
      continue;
    }
    const record = quotedRecord(text, at, line, name);
    yield { line, cells: record.cells };
    at = record.next;
    line = record.nextLine;
  }
}

/** A record with a quote in it, cell by cell. */
function quotedRecord(text: string, start: number, startLine: number, name: string) {
  const cells: string[] = [];
  let at = start;
  let line = startLine;
  for (;;) {
    if (text[at] === '"') {
      let cell = "";
      for (;;) {
        const close = text.indexOf('"', at + 1);
        if (close === -1)
          throw new InvalidInput(`${name} line ${startLine}`, text.slice(at), "a quote is never closed");
        const part = text.slice(at + 1, close);
        for (const sign of part) if (sign === "\n") line += 1;
        cell += part;
        at = close + 1;
        if (text[at] !== '"') break;
        cell += '"';
      }
      cells.push(cell);
      if (text[at] === "\r" && text[at + 1] === "\n") at += 1;
      if (at < text.length && text[at] !== "," && text[at] !== "\n") {
        throw new InvalidInput(`${name} line ${line}`, text.slice(at, at + 40), "wants a comma after a closing quote");
      }
    } else {
      const end = endOfCell(text, at);
      cells.push(text[end] !== "," && text[end - 1] === "\r" ? text.slice(at, end - 1) : text.slice(at, end));
      at = end;
    }
    if (at >= text.length || text[at] === "\n") return { cells, next: at + 1, nextLine: line + 1 };
    at += 1;
  }
}

function endOfCell(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 44 || code === 10) return i;
  }
  return text.length;
}
