/**
 * A chart of the page with what belongs to it: heading, picture, table and exports. The picture of a card out of view is drawn when
 * the browser is idle; its table when it is opened.
 */
import type { ChartSpec, ChartTheme } from "ridgepoint/drawing";
import { captionParagraphs } from "./caption-paragraphs.ts";
import { dataTable } from "./data-table.ts";
import { button, element, setText } from "./element.ts";
import { saveFile } from "./save-file.ts";

/** What draws, once it is loaded. */
export interface Drawing {
  readonly charts: typeof import("./page-charts.ts");
  readonly views: typeof import("./chart-view.ts");
  readonly library: typeof import("ridgepoint/drawing");
}

export interface ChartCard {
  readonly element: HTMLElement;
  isVisible: boolean;
  /** Shows the chart; a reason in its place where there is none. */
  show(chart: ChartSpec | string, theme: ChartTheme, drawing: Drawing): Promise<void>;
}

export function chartCard(id: string, title: string): ChartCard {
  const heading = element("h3", { id: `chart-${id}` }, title);
  const caption = element("p", { class: "caption" });
  const reason = element("p", { class: "note" });
  // Vega names and labels the element that it draws in by itself, so that stands inside the one with the chart's own description.
  const drawn = element("div", { "aria-hidden": "true" });
  const picture = element("div", { class: "picture", role: "img", "aria-label": title }, drawn);
  const scroll = element(
    "div",
    { class: "scroll", role: "region", tabindex: 0, "aria-label": `Picture: ${title}` },
    picture,
  );
  const tableHolder = element("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": `Data: ${title}` });
  const table = element("details", {}, element("summary", {}, "Data as a table"), tableHolder);
  let shown: { spec: ChartSpec; theme: ChartTheme; drawing: Drawing } | null = null;
  const fillTable = (): void => {
    if (shown === null || !table.open) return;
    tableHolder.replaceChildren(dataTable(shown.drawing.library.chartTable(shown.spec)));
  };
  table.addEventListener("toggle", fillTable);
  const file = (extension: string): string => `ridgepoint-${id}.${extension}`;
  const exports: [string, (now: NonNullable<typeof shown>) => void | Promise<void>][] = [
    ["PNG", async ({ spec, theme, drawing }) => saveFile(file("png"), await drawing.views.chartPng(spec, theme))],
    [
      "SVG",
      async ({ spec, theme, drawing }) =>
        saveFile(file("svg"), await drawing.views.chartSvg(spec, theme), "image/svg+xml"),
    ],
    ["CSV", ({ spec, drawing }) => saveFile(file("csv"), drawing.library.chartCsv(spec), "text/csv")],
    ["JSON", ({ spec, drawing }) => saveFile(file("vl.json"), drawing.library.chartSpecText(spec), "application/json")],
  ];
  const buttons = element(
    "div",
    { class: "buttons" },
    ...exports.map(([name, save]) =>
      button(name, () => void (shown === null ? null : save(shown)), { "aria-label": `${title} as ${name}` }),
    ),
  );
  const view = { of: null as ReturnType<Drawing["views"]["chartView"]> | null };
  return {
    element: element(
      "section",
      { class: "chart", id: `card-${id}`, "aria-labelledby": `chart-${id}` },
      heading,
      caption,
      reason,
      scroll,
      buttons,
      table,
    ),
    isVisible: false,
    async show(chart, theme, drawing) {
      const isReason = typeof chart === "string";
      setText(reason, isReason ? chart : "");
      for (const part of [scroll, buttons, table]) part.hidden = isReason;
      if (isReason) {
        setText(caption, "");
        shown = null;
        return;
      }
      shown = { spec: chart, theme, drawing };
      setText(heading, chart.title.text.join(" "));
      showParagraphs(caption, captionParagraphs(chart));
      if (picture.getAttribute("aria-label") !== chart.description)
        picture.setAttribute("aria-label", chart.description);
      fillTable();
      view.of ??= drawing.views.chartView(drawn);
      await view.of.show(chart, theme);
    },
  };
}

function showParagraphs(holder: HTMLElement, paragraphs: readonly string[]): void {
  if (holder.textContent?.trim() === paragraphs.join(" ")) return;
  holder.replaceChildren(...paragraphs.map((text) => element("span", {}, `${text} `)));
}
