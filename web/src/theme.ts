/** Light or dark: as the system has it, or as the visitor chose; the choice is kept on the device. */
import type { ChartTheme } from "ridgepoint/drawing";
import { byId } from "./element.ts";

const key = "ridgepoint-theme";

export interface PageTheme {
  current(): ChartTheme;
}

/** Applies the theme and follows the switch and the system; onChange is told of another look. */
export function pageTheme(onChange: () => void): PageTheme {
  const choice = byId("theme", HTMLSelectElement);
  const system = matchMedia("(prefers-color-scheme: dark)");
  const current = (): ChartTheme => {
    if (choice.value === "light" || choice.value === "dark") return choice.value;
    return system.matches ? "dark" : "light";
  };
  const apply = (): void => {
    document.documentElement.dataset["theme"] = current();
    onChange();
  };
  choice.value = kept();
  document.documentElement.dataset["theme"] = current();
  choice.addEventListener("change", () => {
    keep(choice.value);
    apply();
  });
  system.addEventListener("change", apply);
  return { current };
}

/** Storage may be shut off. */
function kept(): string {
  try {
    const value = localStorage.getItem(key);
    return value === "light" || value === "dark" ? value : "auto";
  } catch {
    return "auto";
  }
}

function keep(value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // The choice holds until the page is left.
  }
}
