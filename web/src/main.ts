/** The page: one state, changed by the form, the tabs and the address; everything shown follows from it, once a frame. */
import { InvalidInput } from "ridgepoint";
import { type ChartBoard, chartBoard } from "./chart-board.ts";
import { configField } from "./config-field.ts";
import { byId, setText } from "./element.ts";
import { measurePanel } from "./measure-panel.ts";
import { keepOffline } from "./offline.ts";
import { addressOf, stateOfAddress } from "./page-address.ts";
import type { ChartedSettings } from "./page-charts.ts";
import { settingPredictor } from "./predicted-setting.ts";
import { resultView } from "./result-view.ts";
import { defaultState, mostSettings, type PageState, type Setting, selectedSetting } from "./setting.ts";
import { withField } from "./setting-fields.ts";
import { settingForm } from "./setting-form.ts";
import { settingNames } from "./setting-names.ts";
import { settingTabs } from "./setting-tabs.ts";
import { pageTheme } from "./theme.ts";

/** An address written at every step of a drag would fill the history's quota in some browsers. */
const addressMilliseconds = 250;

let state: PageState = defaultState;
let board: ChartBoard | null = null;
let frame = 0;
let addressTimer = 0;
let drawnFrames = 0;

const predict = settingPredictor();
const result = resultView();
const problem = byId("problem", HTMLElement);
const theme = pageTheme(() => schedule());
const form = settingForm((name, text) => {
  try {
    change(withField(selectedSetting(state), name, text));
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    setText(problem, error.message);
  }
});
const tabs = settingTabs({
  select: (selected) => become({ ...state, selected }),
  add: () => {
    if (state.settings.length >= mostSettings) return;
    become({ settings: [...state.settings, selectedSetting(state)], selected: state.settings.length });
  },
  remove: () => {
    const settings = state.settings.filter((_, index) => index !== state.selected);
    if (settings.length > 0) become({ settings, selected: Math.min(state.selected, settings.length - 1) });
  },
});
configField(
  () => selectedSetting(state),
  (config) => change({ ...selectedSetting(state), config }),
);
measurePanel();

/** The selected setting becomes another. */
function change(setting: Setting): void {
  become({ ...state, settings: state.settings.map((each, index) => (index === state.selected ? setting : each)) });
}

function become(next: PageState): void {
  state = next;
  setText(problem, "");
  schedule();
  clearTimeout(addressTimer);
  addressTimer = window.setTimeout(writeAddress, addressMilliseconds);
}

/** Several inputs of one frame are shown once. */
function schedule(): void {
  if (frame === 0) frame = requestAnimationFrame(showAll);
}

function showAll(): void {
  frame = 0;
  const answers = state.settings.map(predict);
  const predicted = answers.map((each) => (each.ok ? each.answer : null));
  const names = settingNames(predicted);
  form.show(selectedSetting(state), predicted[state.selected] ?? null);
  tabs.show(state, names);
  result.show({ answers, names, selected: state.selected });
  const all = predicted.flatMap((answer, index) => (answer === null ? [] : [{ name: names[index] ?? "", answer }]));
  const own = predicted[state.selected] ?? null;
  const selected = own === null ? all[0] : { name: names[state.selected] ?? "", answer: own };
  const charted: ChartedSettings | null = selected === undefined ? null : { all, selected };
  const drawing = board === null ? Promise.resolve() : board.draw(charted, theme.current());
  void drawing.then(() => {
    drawnFrames += 1;
    document.documentElement.dataset["drawn"] = String(drawnFrames);
  });
}

async function writeAddress(): Promise<void> {
  const of = state;
  const { hash, note } = await addressOf(of);
  if (of !== state) return;
  history.replaceState(null, "", hash);
  setText(byId("address-note", HTMLElement), note ?? "");
}

async function readAddress(): Promise<void> {
  const { state: restored, notes } = await stateOfAddress(location.hash);
  state = restored;
  setText(problem, notes.join(". "));
  schedule();
}

/** Drawing libraries are loaded once the numbers stand. */
async function loadCharts(): Promise<void> {
  const [charts, views, library] = await Promise.all([
    import("./page-charts.ts"),
    import("./chart-view.ts"),
    import("ridgepoint/drawing"),
  ]);
  board = chartBoard(byId("charts", HTMLElement), { charts, views, library }, (isCurrent) => {
    document.documentElement.dataset["charts"] = isCurrent ? "current" : "behind";
  });
  schedule();
}

// The fragment is the state: a jump within the page must not go through it.
document.querySelector(".skip")?.addEventListener("click", (event) => {
  event.preventDefault();
  byId("result", HTMLElement).focus();
});
addEventListener("hashchange", () => void readAddress());
await readAddress();
requestAnimationFrame(() => setTimeout(() => void loadCharts().then(keepOffline), 0));
