/** --timing, --engine and --fit: which timing model a command uses. */
import type { Command } from "commander";
import { loadFitFile, shippedCalibrations } from "../files/load-calibration.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { Calibration } from "../timing/calibration.ts";
import type { TimingChoice } from "../timing/choose-timing.ts";
import { type EngineId, engineIds } from "../timing/execution-profile.ts";
import { oneOf } from "./number-option.ts";

type RawOptions = Readonly<Record<string, unknown>>;

/** Adds the three of them. */
export function addTimingOptions(command: Command): Command {
  return command
    .option("--timing <model>", "roofline or calibrated (calibrated where a fit of the machine exists)")
    .option("--engine <name>", `the software: ${engineIds.join(", ")} (that of the fit)`)
    .option("--fit <file>", "a fit that `ridgepoint calibrate` wrote, instead of those that ship");
}

/** @throws InvalidInput for a name that isn't known, a fit file that is broken, an engine without calibrated timing */
export async function timingChoiceOf(options: RawOptions): Promise<TimingChoice> {
  const timing =
    options["timing"] === undefined ? null : oneOf("timing", options["timing"], ["roofline", "calibrated"]);
  const engine: EngineId | null =
    options["engine"] === undefined ? null : oneOf("engine", options["engine"], engineIds);
  const fit = options["fit"];
  if (timing === "roofline") {
    if (fit !== undefined) throw new InvalidInput("fit", fit, "goes with --timing calibrated");
    if (engine !== null && engine !== "ideal") {
      throw new InvalidInput("engine", engine, "goes with --timing calibrated: the roofline knows no software");
    }
    return { timing, engine: null, calibrations: [] };
  }
  const loaded = fit === undefined ? null : await loadFitFile(String(fit));
  const calibrations = loaded === null ? shippedCalibrations() : withKernels(loaded.calibration);
  // A software or a fit that is asked for is asked for on any machine.
  const asked = timing ?? (fit === undefined && (engine === null || engine === "ideal") ? null : "calibrated");
  const ofFit = loaded === null ? {} : { notes: loaded.notes, fillers: shippedCalibrations() };
  return { timing: asked, engine, calibrations, ...ofFit };
}

/** A fit of whole engines alone says nothing of kernels: those that ship stand in. */
function withKernels(calibration: Calibration): readonly Calibration[] {
  return calibration.kernels.length > 0 ? [calibration] : [calibration, ...shippedCalibrations()];
}
