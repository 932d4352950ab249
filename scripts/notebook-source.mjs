/** The text of a notebook's cells, whatever way it is stored, and all its code as one module. */

/**
 * @param {string | readonly string[]} text a line each, or all in one
 * @returns {string}
 */
export function joined(text) {
  return Array.isArray(text) ? text.join("") : text;
}

/** @returns {{ index: number, code: string, tags: string[], outputs: any[] }[]} index counts all cells from 1 */
export function codeCells(notebook) {
  return notebook.cells.flatMap((cell, i) =>
    cell.cell_type === "code"
      ? [{ index: i + 1, code: joined(cell.source), tags: cell.metadata.tags ?? [], outputs: cell.outputs ?? [] }]
      : [],
  );
}

/**
 * All code cells after each other, as the kernel sees them.
 * @param {any} notebook
 * @param {string} library what stands in for the built library's path
 */
export function notebookModule(notebook, library) {
  const cells = codeCells(notebook).map(({ index, code }) => `// cell ${index}\n${code}\n`);
  return cells.join("\n").replace(/from "[^"]*\/dist\/notebook\.js"/g, `from ${JSON.stringify(library)}`);
}
