/** One parameter of a kernel form, in a line. */
import type { FormParameter } from "../kernel-form.ts";

/** @param starts one, or several where the form has several valleys */
export function formParameter(
  name: string,
  meaning: string,
  unit: FormParameter["unit"],
  lowest: number,
  highest: number,
  ...starts: FormParameter["starts"]
): FormParameter {
  return { name, meaning, unit, lowest, highest, starts };
}
