/** Outputs of notebooks: what of them is compared, where two runs differ, and the notebook as it is committed. */
import { codeCells, joined } from "./notebook-source.mjs";

/** Whose output is this machine's. */
const measuredTag = "measured";
/** A picture follows from the specification beside it. */
const picture = /^image\//;
/** Of numbers in a specification: processors round their logarithms differently in the last places. */
const tolerance = 1e-6;

/** The outputs of each code cell without counters, pictures' bytes and traces of one run; null for measured ones. */
export function comparableOutputs(notebook) {
  return codeCells(notebook).map(({ index, code, tags, outputs }) => ({
    ...{ index, code },
    outputs: tags.includes(measuredTag) ? null : outputs.map(comparable),
  }));
}

function comparable(output) {
  if (output.output_type === "stream") return { kind: output.name, text: joined(output.text) };
  if (output.output_type === "error") return { kind: "error", text: output.evalue };
  const parts = Object.entries(output.data ?? {}).map(([type, value]) => [
    type,
    picture.test(type) ? "a picture" : /json$/.test(type) ? value : joined(value),
  ]);
  return { kind: output.output_type, ...Object.fromEntries(parts) };
}

/**
 * Where a run differs from what is committed, a line each; none where it doesn't.
 * @returns {string[]}
 */
export function differences(committed, run) {
  const [before, after] = [comparableOutputs(committed), comparableOutputs(run)];
  if (before.length !== after.length) return [`${after.length} code cells instead of ${before.length}`];
  return before.flatMap(({ index, outputs }, i) => {
    const now = after[i].outputs;
    if (outputs === null || now === null) return [];
    if (outputs.length !== now.length) {
      return [`cell ${index} has ${now.length} outputs instead of ${outputs.length}`];
    }
    const found = outputs.map((each, at) => firstDifference(each, now[at], "")).find((each) => each !== null);
    return found === undefined ? [] : [`cell ${index}${found}`];
  });
}

/** Null where both are the same, but for numbers by their tolerance. */
function firstDifference(before, after, path) {
  if (typeof before === "number" && typeof after === "number") {
    const near = Math.abs(before - after) <= tolerance * Math.max(Math.abs(before), Math.abs(after));
    return near ? null : `${path}: ${after} instead of ${before}`;
  }
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (!(key in before)) return `${path} ${key}: is new`;
      if (!(key in after)) return `${path} ${key}: is gone`;
      const found = firstDifference(before[key], after[key], `${path} ${key}`);
      if (found !== null) return found;
    }
    return null;
  }
  if (before === after) return null;
  const [old, now] = [String(before).split("\n"), String(after).split("\n")];
  const line = old.findIndex((each, i) => each !== now[i]);
  const at = line < 0 ? old.length : line;
  return `${path}, line ${at + 1}:\n- ${old[at] ?? "(nothing)"}\n+ ${now[at] ?? "(nothing)"}`;
}

function isObject(value) {
  return typeof value === "object" && value !== null;
}

/** The notebook's text without what differs from run to run: times, versions, counters of kernels. */
export function tidyNotebook(notebook) {
  let count = 0;
  const cells = notebook.cells.map((cell) => {
    const { tags } = cell.metadata;
    const base = { cell_type: cell.cell_type, id: cell.id, metadata: tags === undefined ? {} : { tags } };
    const source = lines(joined(cell.source));
    if (cell.cell_type !== "code") return { ...base, source };
    return { ...base, execution_count: ++count, outputs: cell.outputs.map((each) => tidyOutput(each, count)), source };
  });
  const metadata = {
    kernelspec: { display_name: "Deno", language: "typescript", name: "deno" },
    language_info: { file_extension: ".ts", mimetype: "text/x.typescript", name: "typescript" },
  };
  // A specification is one line: a line for each of its numbers would be most of the file.
  const folded = [];
  const fold = (key, value) => (/\+json$/.test(key) ? `@folded ${folded.push(JSON.stringify(value)) - 1}` : value);
  const text = JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }, fold, 1);
  return `${text.replace(/"@folded (\d+)"/g, (_, i) => folded[i])}\n`;
}

function tidyOutput(output, count) {
  if (output.output_type === "stream") return { ...output, text: lines(joined(output.text)) };
  const data = Object.entries(output.data ?? {}).map(([type, value]) => [
    type,
    picture.test(type) ? joined(value).replace(/\n/g, "") : /json$/.test(type) ? value : lines(joined(value)),
  ]);
  return {
    output_type: output.output_type,
    ...(output.output_type === "execute_result" ? { execution_count: count } : {}),
    ...{ data: Object.fromEntries(data), metadata: output.metadata ?? {} },
  };
}

/** Each with its line break, as notebooks are stored. */
function lines(text) {
  return text === "" ? [] : text.split(/(?<=\n)/);
}
