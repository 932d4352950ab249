/** Tabs of the settings that are compared: arrow keys move, as the tabs pattern of WAI-ARIA has it. */
import { byId, element } from "./element.ts";
import { mostSettings, type PageState } from "./setting.ts";

export interface SettingTabs {
  show(state: PageState, names: readonly string[]): void;
}

export interface TabActions {
  readonly select: (index: number) => void;
  readonly add: () => void;
  readonly remove: () => void;
}

export function settingTabs({ select, add, remove }: TabActions): SettingTabs {
  const list = byId("tabs", HTMLElement);
  const [adding, removing] = [byId("add-setting", HTMLButtonElement), byId("remove-setting", HTMLButtonElement)];
  adding.addEventListener("click", add);
  removing.addEventListener("click", remove);
  list.addEventListener("click", (event) => {
    const index = [...list.children].indexOf(event.target as Element);
    if (index >= 0) select(index);
  });
  list.addEventListener("keydown", (event) => {
    const count = list.children.length;
    const index = [...list.children].indexOf(event.target as Element);
    const moves: Readonly<Record<string, number>> = {
      ArrowRight: index + 1,
      ArrowLeft: index - 1,
      Home: 0,
      End: count - 1,
    };
    const next = moves[event.key];
    if (index < 0 || next === undefined) return;
    event.preventDefault();
    select((next + count) % count);
    (list.children[(next + count) % count] as HTMLElement).focus();
  });
  return {
    show({ settings, selected }, names) {
      while (list.children.length > settings.length) list.lastElementChild?.remove();
      while (list.children.length < settings.length) {
        const id = `tab-${list.children.length}`;
        list.append(element("button", { type: "button", role: "tab", id, "aria-controls": "panel" }));
      }
      for (const [index, tab] of [...list.children].entries()) {
        const isSelected = index === selected;
        if (tab.textContent !== names[index]) tab.textContent = names[index] ?? "";
        tab.setAttribute("aria-selected", String(isSelected));
        tab.setAttribute("tabindex", isSelected ? "0" : "-1");
      }
      byId("panel", HTMLElement).setAttribute("aria-labelledby", `tab-${selected}`);
      adding.disabled = settings.length >= mostSettings;
      removing.disabled = settings.length <= 1;
    },
  };
}
