/** A table as HTML, for notebooks: every cell is text, whatever it holds. */

/** Columns whose title ends with ":" are aligned to the right, as in markdownTable. @example htmlTable(["a", "b:"], [["x", "1"]]) */
export function htmlTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const isRight = titles.map((title) => title.endsWith(":"));
  // A number stays beside its unit.
  const styles = { th: "text-align: right", td: "text-align: right; white-space: nowrap" };
  const line = (tag: "th" | "td", cells: readonly string[]): string =>
    `<tr>${cells.map((cell, i) => `<${tag} style="${isRight[i] ? styles[tag] : "text-align: left"}">${escaped(cell)}</${tag}>`).join("")}</tr>`;
  const head = line(
    "th",
    titles.map((title) => title.replace(/:$/, "")),
  );
  return `<table><thead>${head}</thead><tbody>\n${rows.map((row) => line("td", row)).join("\n")}\n</tbody></table>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => entities[sign] as string);
}
