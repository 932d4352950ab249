/**
 * Traces of requests from files: CSV with a header, or JSON lines (an object a line). Read in pieces, so that a trace takes the memory of its
 * columns and no more.
 */
import { type FileHandle, open, stat } from "node:fs/promises";
import { parseCsv } from "../measurement/parse-csv.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { type LoadedTrace, type TraceBuilder, traceBuilder } from "../serving/trace-builder.ts";
import { traceColumnsOf } from "../serving/trace-columns.ts";
import { systemErrorReason } from "./system-error-reason.ts";

const pieceBytes = 1 << 18;
/** Longer than any row, those with Mooncake's block hashes among them; a file without line ends is none. */
const longestLine = 4_000_000;

/**
 * The trace of a file, its first request at 0 s, and notes on what a reader should know of it.
 * @throws InvalidInput for a file that can't be read, a missing column (with those found and those known), and, with the line, a cell
 *   that is no number, tokens below 1, an arrival a second or more out of order; for a file without a request
 */
export async function loadTrace(path: string): Promise<LoadedTrace> {
  const reader = lineReader(path);
  const file = await opened(path);
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    const bytes = new Uint8Array(pieceBytes);
    let rest = "";
    let line = 0;
    for (let size = 1; size > 0; ) {
      size = (await file.read(bytes, 0, pieceBytes)).bytesRead;
      const text = rest + decoded(decoder, bytes.subarray(0, size), path);
      let at = 0;
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", at)) {
        line += 1;
        reader.read(line, text.slice(at, end));
        at = end + 1;
      }
      rest = text.slice(at);
      if (rest.length > longestLine) throw new InvalidInput(`${path} line ${line + 1}`, rest, "the line is too long");
    }
    if (rest !== "") reader.read(line + 1, rest);
    return reader.finish();
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    throw new InvalidInput("trace", path, systemErrorReason(error));
  } finally {
    await file.close();
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    // Looked at before it is opened, since opening a pipe that nobody writes to never returns.
    const status = await stat(path);
    if (!status.isFile()) throw new InvalidInput("trace", path, "wants a regular file");
    return await open(path, "r");
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    throw new InvalidInput("trace", path, systemErrorReason(error));
  }
}

/** The next bytes' text; none are the end. */
function decoded(decoder: TextDecoder, bytes: Uint8Array, path: string): string {
  try {
    return decoder.decode(bytes, { stream: bytes.length > 0 });
  } catch {
    throw new InvalidInput("trace", path, "not a text file in UTF-8");
  }
}

interface LineReader {
  read(line: number, text: string): void;
  finish(): LoadedTrace;
}

/** The first line that is not empty says what the file is. */
function lineReader(path: string): LineReader {
  let add: ((line: number, text: string) => void) | null = null;
  let builder: TraceBuilder | null = null;
  return {
    read(line, text) {
      if (text === "" || text === "\r") return;
      if (add !== null) {
        add(line, text);
        return;
      }
      if (/^\s*\{/.test(text)) {
        const names = Object.keys(objectOf(path, line, text));
        const built = traceBuilder(path, traceColumnsOf(names, path, 1e-3));
        builder = built;
        add = (at, row) => {
          const object = objectOf(path, at, row);
          built.add(
            at,
            names.map((name) => object[name]),
          );
        };
        add(line, text);
      } else {
        const built = traceBuilder(path, traceColumnsOf(cellsOf(path, line, text), path));
        builder = built;
        add = (at, row) => built.add(at, cellsOf(path, at, row));
      }
    },
    finish() {
      if (builder === null) throw new InvalidInput("trace", path, "the file is empty");
      return builder.finish();
    },
  };
}

function cellsOf(path: string, line: number, text: string): readonly string[] {
  const row = text.endsWith("\r") ? text.slice(0, -1) : text;
  if (!row.includes('"')) return row.split(",");
  for (const { cells } of parseCsv(row, `${path} line ${line},`)) return cells;
  return [];
}

function objectOf(path: string, line: number, text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Said below, as for a line that is no object.
  }
  throw new InvalidInput(`${path} line ${line}`, text, "wants a JSON object on each line");
}
