/**
 * Charts as vega draws them, without eval (vega-interpreter). Loaded after the page's first paint. A view is kept and fed as long as
 * the form of its chart stays the same; compiled forms are kept as well, since a form often comes back.
 */
import { type ChartSpec, type ChartTheme, type Json, type JsonObject, themeConfig } from "ridgepoint/drawing";
import { changeset, parse, truthy, View, Warn } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";
import { type LiftedSpec, liftedSpec } from "./lifted-spec.ts";

export interface ChartView {
  /** Resolves once the element shows the chart. */
  show(spec: ChartSpec, theme: ChartTheme): Promise<void>;
}

/** A view in an element, empty at first. */
export function chartView(element: HTMLElement): ChartView {
  let view: View | null = null;
  let shown: { readonly key: string; readonly theme: ChartTheme } | null = null;
  return {
    async show(spec, theme) {
      const lifted = liftedSpec(spec as unknown as JsonObject);
      if (view === null || shown?.key !== lifted.key || shown.theme !== theme) {
        view?.finalize();
        view = new View(compiled(lifted, theme), {
          container: element,
          renderer: "svg",
          expr: expressionInterpreter,
          hover: false,
          logLevel: Warn,
        });
        shown = { key: lifted.key, theme };
      }
      for (const [name, value] of lifted.signals) view.signal(name, value);
      for (const [name, rows] of lifted.datasets)
        view.change(
          name,
          changeset()
            .remove(truthy)
            .insert([...rows]),
        );
      await view.runAsync();
    },
  };
}

/** The whole chart, with its title, as text of an SVG file. */
export async function chartSvg(spec: ChartSpec, theme: ChartTheme): Promise<string> {
  const view = pictureView(spec, theme);
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** The whole chart, with its title, as a PNG of twice its size in px. */
export async function chartPng(spec: ChartSpec, theme: ChartTheme): Promise<Blob> {
  const view = pictureView(spec, theme);
  try {
    const canvas = (await view.toCanvas(2)) as unknown as HTMLCanvasElement;
    return await new Promise((resolve, reject) =>
      canvas.toBlob(
        (blob) => (blob === null ? reject(new Error("the browser makes no PNG")) : resolve(blob)),
        "image/png",
      ),
    );
  } finally {
    view.finalize();
  }
}

function pictureView(spec: ChartSpec, theme: ChartTheme): View {
  const runtime = parsed({ ...spec, config: themeConfig(theme) });
  return new View(runtime, { renderer: "none", expr: expressionInterpreter, logLevel: Warn });
}

type Runtime = ReturnType<typeof parse>;

const runtimes = new Map<string, Runtime>();
const mostRuntimes = 40;

function compiled({ form, key, signals }: LiftedSpec, theme: ChartTheme): Runtime {
  const kept = `${theme} ${key}`;
  let runtime = runtimes.get(kept);
  if (runtime === undefined) {
    const params = [...signals].map(([name, value]) => ({ name, value }));
    runtime = parsed({ ...form, params, config: pageConfig(theme) });
    if (runtimes.size >= mostRuntimes) runtimes.delete(runtimes.keys().next().value as string);
    runtimes.set(kept, runtime);
  }
  return runtime;
}

/** The page's own background shows through, and its text says the title. */
function pageConfig(theme: ChartTheme): Json {
  return { ...(themeConfig(theme) as JsonObject), background: "transparent" };
}

function parsed(spec: JsonObject | ChartSpec | object): Runtime {
  return parse(compile(spec as unknown as TopLevelSpec).spec, undefined, { ast: true });
}
