/** Files that people write in YAML or JSON: sweeps, plans. */
import { extname } from "node:path";
import { maxJsonDepth, parseJson } from "../architecture/parse-json.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { readTextFile } from "./read-text-file.ts";

/** Larger than any such file; YAML takes much longer to read than JSON. */
const maximumBytes = 1_000_000;

/**
 * The value of a file: JSON where its name ends with .json, else YAML 1.2.
 * @param what the kind of file, for the message on an empty one: "sweep file"
 * @throws InvalidInput for a file that cannot be read or is empty, and for a syntax error, with its line
 */
export async function readYamlOrJson(path: string, what: string): Promise<unknown> {
  const text = await readTextFile(path, "file", maximumBytes);
  const value = extname(path).toLowerCase() === ".json" ? parseJson(text, path) : await parseYaml(text, path);
  if (value === null || value === undefined) throw new InvalidInput("file", path, `the ${what} is empty`);
  return value;
}

function tooDeep(path: string): InvalidInput {
  return new InvalidInput(path, "nested lists", `wants at most ${maxJsonDepth} levels`);
}

async function parseYaml(text: string, path: string): Promise<unknown> {
  const { parseDocument } = await import("yaml");
  try {
    const document = parseDocument(text);
    const [error] = document.errors;
    if (error !== undefined) {
      const place = error.linePos?.[0];
      const at = place === undefined ? "" : ` at line ${place.line}, column ${place.col}`;
      if (error.code === "MULTIPLE_DOCS") throw new InvalidInput(path, `a second document${at}`, "wants one document");
      // The parser recurses into nested lists and reports where its stack ended.
      if (/call stack/i.test(error.message)) throw tooDeep(path);
      // The first line says what is wrong; below it stands a cutting of the file.
      const reason = (error.message.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "");
      throw new InvalidInput(path, `YAML syntax error${at}`, reason);
    }
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    if (error instanceof RangeError) throw tooDeep(path);
    throw new InvalidInput(path, "YAML", error instanceof Error ? error.message : String(error));
  }
}
