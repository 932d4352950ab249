/** A table of data as elements: what stands behind each chart. */
import type { ChartTable, Json } from "ridgepoint/drawing";
import { element } from "./element.ts";

export function dataTable({ caption, columns, rows }: ChartTable): HTMLTableElement {
  return element(
    "table",
    {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...columns.map((column) => element("th", { scope: "col" }, column)))),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map(cell)))),
  );
}

function cell(value: Json): HTMLTableCellElement {
  if (typeof value === "number") return element("td", { class: "number" }, String(Number(value.toPrecision(9))));
  const text = value === null ? "–" : typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
  return element("td", {}, text);
}
