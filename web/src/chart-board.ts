/**
 * All charts of the page. Those in view are drawn with the numbers; those out of view when the browser is idle, and at the latest
 * when they come into view.
 */
import { InvalidInput } from "ridgepoint";
import type { ChartSpec, ChartTheme } from "ridgepoint/drawing";
import { type ChartCard, chartCard, type Drawing } from "./chart-card.ts";
import type { ChartedSettings, ChartId } from "./page-charts.ts";

const titles: Readonly<Record<ChartId, string>> = {
  bytes: "Bytes that a step moves",
  roofline: "Roofline",
  memory: "Memory of a device against what it has",
  context: "Time of a step by context",
  speedup: "Speed-up over MHA",
};

const quietMilliseconds = 150;

export interface ChartBoard {
  /** Draws the charts in view of these settings; null where none can be predicted. */
  draw(settings: ChartedSettings | null, theme: ChartTheme): Promise<void>;
}

/** @param onCurrent told whether every chart shows the last settings */
export function chartBoard(holder: HTMLElement, drawing: Drawing, onCurrent: (isCurrent: boolean) => void): ChartBoard {
  const cards = new Map<ChartId, ChartCard>();
  for (const id of drawing.charts.chartIds) cards.set(id, chartCard(id, titles[id]));
  holder.replaceChildren(...[...cards.values()].map((card) => card.element));
  let wanted: { settings: ChartedSettings | null; theme: ChartTheme; turn: number } | null = null;
  const drawn = new Map<ChartId, number>();
  const running = new Map<ChartId, Promise<void>>();
  let turn = 0;
  let waiting = 0;

  /** One drawing of a card after the other, each of what is wanted when its turn comes. */
  const drawCard = (id: ChartId): Promise<void> => {
    const next = (running.get(id) ?? Promise.resolve()).then(async () => {
      const card = cards.get(id);
      if (card === undefined || wanted === null || drawn.get(id) === wanted.turn) return;
      drawn.set(id, wanted.turn);
      await card.show(chartOr(id, wanted.settings), wanted.theme, drawing);
    });
    running.set(
      id,
      next.catch(() => undefined),
    );
    return next;
  };
  const chartOr = (id: ChartId, settings: ChartedSettings | null): ChartSpec | string => {
    if (settings === null) return "No chart without a setting that can be predicted.";
    try {
      return drawing.charts.pageCharts[id](settings);
    } catch (error) {
      if (error instanceof InvalidInput) return `Not drawn: ${error.message}`;
      throw error;
    }
  };
  const drawNextIdle = (): void => {
    const id = [...cards.keys()].find((each) => drawn.get(each) !== wanted?.turn);
    if (id === undefined) onCurrent(true);
    else void drawCard(id).then(waitForIdle);
  };
  /** Only once nothing was dragged for a while: what is in view comes first. */
  const waitForIdle = (): void => {
    clearTimeout(waiting);
    waiting = window.setTimeout(() => whenIdle(drawNextIdle), quietMilliseconds);
  };
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      for (const [id, card] of cards) {
        if (card.element !== target) continue;
        card.isVisible = isIntersecting;
        if (isIntersecting) void drawCard(id);
      }
    }
  });
  for (const card of cards.values()) observer.observe(card.element);

  return {
    async draw(settings, theme) {
      turn += 1;
      onCurrent(false);
      wanted = { settings, theme, turn };
      const inView = [...cards].filter(([, card]) => card.isVisible);
      await Promise.all(inView.map(([id]) => drawCard(id)));
      waitForIdle();
    },
  };
}

/** Safari has no idle callback: a moment's pause does. */
function whenIdle(run: () => void): void {
  if (typeof requestIdleCallback === "function") requestIdleCallback(run, { timeout: 2000 });
  else setTimeout(run, 0);
}
