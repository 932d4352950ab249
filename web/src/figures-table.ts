/** The figures of all settings side by side: a row a figure, a column a setting. Cells are kept and only their text changes. */
import { byId, element, setText } from "./element.ts";
import { type Figure, figuresOf } from "./figures.ts";
import type { SettingAnswer } from "./predicted-setting.ts";

export interface FiguresTable {
  show(answers: readonly SettingAnswer[], names: readonly string[], selected: number): void;
}

export function figuresTable(): FiguresTable {
  const table = byId("figures", HTMLTableElement);
  // Four settings are wider than a phone: keys must reach what scrolls.
  byId("figures-scroll", HTMLElement).tabIndex = 0;
  const [head, body] = [table.tHead as HTMLTableSectionElement, table.tBodies[0] as HTMLTableSectionElement];
  return {
    show(answers, names, selected) {
      const columns = answers.map((each) => (each.ok ? figuresOf(each.answer) : null));
      const form = columns.find((each) => each !== null) ?? [];
      fitCells(head, 1, names.length + 1);
      names.forEach((name, index) => {
        const cell = head.rows[0]?.cells[index + 1] as HTMLTableCellElement;
        setText(cell, name);
        cell.classList.toggle("selected", index === selected);
      });
      fitCells(body, form.length, names.length + 1);
      form.forEach((figure, row) => {
        const cells = body.rows[row]?.cells as HTMLCollectionOf<HTMLTableCellElement>;
        setText(cells[0] as Node, figure.name);
        for (const [index, column] of columns.entries()) {
          fill(cells[index + 1] as HTMLTableCellElement, column?.[row] ?? null);
        }
      });
    },
  };
}

/** Rows and cells as many as wanted; the first of each row is its heading. */
function fitCells(part: HTMLTableSectionElement, rows: number, cells: number): void {
  while (part.rows.length > rows) part.deleteRow(-1);
  while (part.rows.length < rows) part.append(element("tr"));
  for (const row of part.rows) {
    while (row.cells.length > cells) row.deleteCell(-1);
    while (row.cells.length < cells) row.append(newCell(part, row));
  }
}

function newCell(part: HTMLTableSectionElement, row: HTMLTableRowElement): HTMLTableCellElement {
  if (row.cells.length === 0) return part.tagName === "THEAD" ? element("td") : element("th", { scope: "row" });
  return part.tagName === "THEAD" ? element("th", { scope: "col" }) : element("td");
}

/** <data> holds the number itself, for who reads the page by a program. */
function fill(cell: HTMLTableCellElement, figure: Figure | null): void {
  let data = cell.firstElementChild;
  if (!(data instanceof HTMLDataElement)) {
    data = element("data");
    cell.replaceChildren(data);
  }
  const value = figure?.value ?? null;
  (data as HTMLDataElement).value = value === null ? "" : String(value);
  (data as HTMLDataElement).dataset["figure"] = figure?.id ?? "";
  setText(data, figure?.text ?? "–");
}
