/** Everything that the page says of its settings in words and numbers, and what can be copied or saved of it. */
import { formatSeconds, InvalidInput } from "ridgepoint";
import { csvRows } from "ridgepoint/drawing";
import { commandText } from "./command-text.ts";
import { byId, element, setText } from "./element.ts";
import { briefText, figuresOf, resultSentence } from "./figures.ts";
import { figuresTable } from "./figures-table.ts";
import type { PredictedSetting, SettingAnswer } from "./predicted-setting.ts";
import { copyText, saveFile } from "./save-file.ts";

export interface ShownResult {
  readonly answers: readonly SettingAnswer[];
  readonly names: readonly string[];
  readonly selected: number;
}

export interface ResultView {
  show(result: ShownResult): void;
}

/** A screen reader is told the result once the visitor pauses. */
const announceMilliseconds = 700;

export function resultView(): ResultView {
  const table = figuresTable();
  const [headline, brief, live, notes, command] = ["headline", "brief", "live", "notes", "command"].map((id) =>
    byId(id, HTMLElement),
  ) as [HTMLElement, HTMLElement, HTMLElement, HTMLElement, HTMLElement];
  let now: ShownResult = { answers: [], names: [], selected: 0 };
  let announcing = 0;
  bindExports(() => now);
  return {
    show(result) {
      now = result;
      const { answers, names, selected } = result;
      table.show(answers, names, selected);
      const answer = answers[selected];
      if (answer === undefined) return;
      const sentence = answer.ok ? resultSentence(answer.answer) : answer.problem;
      setText(headline, sentence);
      // Beside the sliders, since on a phone the headline is out of view while they are dragged.
      setText(brief, answer.ok ? briefText(answer.answer) : "");
      headline.classList.toggle("misfit", answer.ok && !answer.answer.prediction.fits);
      setText(command, commandText(answer.ok ? answer.answer.setting : answer.setting));
      showNotes(notes, [...(answer.ok ? notesOf(answer.answer) : []), ...comparedNotes(result)]);
      clearTimeout(announcing);
      announcing = window.setTimeout(() => setText(live, sentence), announceMilliseconds);
    },
  };
}

function notesOf({ configNotes, prediction, hardware }: PredictedSetting): string[] {
  const capacity =
    hardware.memoryCapacityNote === null ? [] : [`memory of ${hardware.name}: ${hardware.memoryCapacityNote}`];
  const ifItFitted =
    prediction.secondsIfItFitted === null
      ? []
      : [`if it fitted, a step would take ${formatSeconds(prediction.secondsIfItFitted)}`];
  return [...ifItFitted, ...configNotes, ...prediction.notes, ...capacity];
}

/** Times of a fit and of a roofline do not stand for the same. */
function comparedNotes({ answers, names }: ShownResult): string[] {
  const timed = answers.flatMap((each, index) =>
    each.ok ? [[names[index]?.split(":")[0], each.answer.prediction] as const] : [],
  );
  const kinds = new Set(timed.map(([, { timing, engine }]) => `${timing} ${engine ?? ""}`));
  if (kinds.size < 2) return [];
  const said = timed.map(([name, { timing, engine }]) => `${name} ${timing}${engine === null ? "" : ` (${engine})`}`);
  return [`timed differently: ${said.join("; ")}. Choose one timing and engine to compare speeds`];
}

function showNotes(list: HTMLElement, texts: readonly string[]): void {
  const unique = [...new Set(texts)];
  const isSame =
    unique.length === list.children.length && unique.every((text, i) => list.children[i]?.textContent === text);
  if (!isSame) list.replaceChildren(...unique.map((text) => element("li", {}, text)));
}

function bindExports(current: () => ShownResult): void {
  const said = byId("copied", HTMLElement);
  const copy = (id: string, what: string, text: () => string): void => {
    byId(id, HTMLButtonElement).addEventListener("click", async () => {
      const done = await copyText(text());
      setText(said, done ? `${what} copied.` : `The browser does not let the page copy: select the text instead.`);
    });
  };
  copy("copy-link", "Link", () => location.href);
  copy("copy-json", "JSON", () => resultJson(current()));
  copy("copy-command", "Command", () => byId("command", HTMLElement).textContent ?? "");
  byId("save-json", HTMLButtonElement).addEventListener("click", () =>
    saveFile("ridgepoint.json", resultJson(current()), "application/json"),
  );
  byId("save-csv", HTMLButtonElement).addEventListener("click", () =>
    saveFile("ridgepoint.csv", resultCsv(current()), "text/csv"),
  );
}

/** Each setting with what `ridgepoint step --json` prints of it. */
export function resultJson({ answers, names }: Pick<ShownResult, "answers" | "names">): string {
  const settings = answers.map((each, index) => {
    const { config, ...setting } = each.ok ? each.answer.setting : each.setting;
    const asked = { name: names[index], setting, command: commandText({ config, ...setting }) };
    if (!each.ok) return { ...asked, problem: each.problem };
    const { prediction, configNotes, pricePerHour, costPerMillionTokens } = each.answer;
    const step = { ...prediction, notes: [...configNotes, ...prediction.notes], attention: setting.attention };
    return { ...asked, step, pricePerHour, costPerMillionTokens };
  });
  return `${JSON.stringify({ settings }, null, 2)}\n`;
}

/** A row a setting, a column a figure. */
function resultCsv({ answers, names }: ShownResult): string {
  const rows = answers.flatMap((each, index) => (each.ok ? [{ name: names[index] ?? "", answer: each.answer }] : []));
  const [first] = rows;
  if (first === undefined) throw new InvalidInput("settings", rows.length, "at least one that can be predicted");
  const columns = ["name", "command", ...figuresOf(first.answer).map(({ id }) => id)];
  const cells = rows.map(({ name, answer }) => [
    name,
    commandText(answer.setting),
    ...figuresOf(answer).map(({ value }) => value),
  ]);
  return csvRows(columns, cells);
}
