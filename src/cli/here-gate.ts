/** What `--max-median` holds a validation of this machine to. */
import type { HereValidation } from "../validation/here.ts";
import { shareOfRoofline, verdictLimits } from "../validation/verdict.ts";

export interface HereGate {
  readonly maxMedianPercent: number;
  /** Kinds whose median error is larger; "fit" where the fit explains too little of what the roofline misses. */
  readonly missed: readonly string[];
  /** Why a part of it was not judged. */
  readonly skipped: string | null;
}

/** With more of the processors than this, other programs decide on both errors. */
const mostOtherPrograms = 0.25;

/** What was predicted without having been seen, small kernels aside, and the fit against the plain roofline. */
export function gateOf(
  here: Pick<HereValidation, "steps" | "kernels">,
  maxMedianPercent: number,
  otherPrograms: number,
): HereGate {
  const medians: [string, number | undefined][] = [
    ["steps", here.steps.calibrated.kinds.steps?.medianAbsolutePercentageError],
    ["attention", here.kernels.calibrated.kinds.attention?.medianAbsolutePercentageError],
    ["linear", here.kernels.calibrated.kinds.linear?.medianAbsolutePercentageError],
  ];
  const missed = medians.flatMap(([kind, value]) => (value !== undefined && value > maxMedianPercent ? [kind] : []));
  if (otherPrograms > mostOtherPrograms) {
    const used = `${(100 * otherPrograms).toFixed(0)} %`;
    return {
      maxMedianPercent,
      missed,
      skipped: `the fit was not held against the roofline: other programs used ${used}`,
    };
  }
  const share = shareOfRoofline(here.steps) ?? 0;
  return {
    maxMedianPercent,
    missed: share > verdictLimits.stepsOfRooflinePercent ? [...missed, "fit"] : missed,
    skipped: null,
  };
}

/** What to say on stderr; empty where all of it was judged and met. */
export function gateText(gate: HereGate | null): string {
  if (gate === null) return "";
  const kinds = gate.missed.filter((each) => each !== "fit");
  const lines: string[] = [];
  if (kinds.length > 0) {
    lines.push(`gate missed: the median error of ${kinds.join(", ")} is more than ${gate.maxMedianPercent} %`);
  }
  if (gate.missed.includes("fit")) {
    const share = `${verdictLimits.stepsOfRooflinePercent} %`;
    lines.push(`gate missed: the fit's median error of whole steps is more than ${share} of the plain roofline's`);
  }
  if (gate.skipped !== null) lines.push(`gate: ${gate.skipped}`);
  return lines.map((line) => `${line}\n`).join("");
}
