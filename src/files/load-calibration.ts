/** Calibrations: those that ship, and fit files that a user names. */
import { builtinCalibrations } from "../generated/builtin-calibrations.ts";
import type { Calibration } from "../timing/calibration.ts";

/** Fits that ship, those of this project's own measurements first. */
export function shippedCalibrations(): readonly Calibration[] {
  return builtinCalibrations;
}

/**
 * The calibration of a fit file, as `ridgepoint calibrate` writes it. What checks it is loaded only now.
 * @throws InvalidInput for a file that cannot be read, a syntax error with its line, and a fit that is broken or of other forms
 */
export async function loadFitFile(path: string): Promise<Calibration> {
  const [{ readTextFile }, { parseJson }, { calibrationOfFitFile, parseFitFile }] = await Promise.all([
    import("./read-text-file.ts"),
    import("../architecture/parse-json.ts"),
    import("../validation/fit-file-schema.ts"),
  ]);
  return calibrationOfFitFile(parseFitFile(parseJson(await readTextFile(path, "fit"), path)));
}
