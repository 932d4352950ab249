/** Constants of engines that were fitted on whole runs, as text. */
import { formatSeconds } from "../quantity/format-quantity.ts";
import type { EngineCalibration } from "../validation/engine-rows/fit-engines.ts";

/** @example "vllm, under a steady load", "llama.cpp-cuda, runs" */
export function engineFitName({ fitted }: EngineCalibration): string {
  return `${fitted.id}, ${fitted.form === "serving" ? "under a steady load" : "runs"}`;
}

/** One engine's constants, indented as parameters of kernels are. */
export function engineFitText(each: EngineCalibration): string {
  const { fitted, atBound, heldOutBy } = each;
  const constants = Object.entries(fitted.constants).map(([name, value]) => {
    const text = name.endsWith("Seconds") ? formatSeconds(value) : String(Number(value.toPrecision(4)));
    return `${name} ${text}${atBound.includes(name) ? " (at its bound)" : ""}`;
  });
  const left = heldOutBy === null ? "nothing was left out" : `left out by ${heldOutBy}`;
  return `  ${engineFitName(each)}, on ${fitted.machines.join(", ")}; ${left}\n    ${constants.join(", ")}\n`;
}
