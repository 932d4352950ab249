/** Where a config.json is pasted: read as data, kept in the setting, offered for download for the command line. */
import { InvalidInput } from "ridgepoint";
import { byId, setText } from "./element.ts";
import { checkedConfig } from "./pasted-config.ts";
import { saveFile } from "./save-file.ts";
import type { Setting } from "./setting.ts";

/** A text area with more is slow, and no config.json comes near it. */
const mostCharacters = 5_000_000;

/** @param onConfig told of an accepted text, or of null when the list is wanted again */
export function configField(current: () => Setting, onConfig: (config: string | null) => void): void {
  const area = byId("config", HTMLTextAreaElement);
  const note = byId("config-note", HTMLElement);
  area.maxLength = mostCharacters + 1;
  byId("use-config", HTMLButtonElement).addEventListener("click", () => {
    try {
      onConfig(checkedConfig(area.value));
      setText(note, "The settings use this config.json.");
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      setText(note, error.message);
    }
  });
  byId("drop-config", HTMLButtonElement).addEventListener("click", () => {
    setText(note, "");
    onConfig(null);
  });
  byId("save-config", HTMLButtonElement).addEventListener("click", () => {
    const { config } = current();
    if (config === null) setText(note, "This setting uses a model of the list.");
    else saveFile("config.json", config, "application/json");
  });
}
