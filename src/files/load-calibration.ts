/** Calibrations: those that ship, and fit files that a user names. */
import { builtinCalibrations } from "../generated/builtin-calibrations.ts";
import type { Calibration, CalibrationOrigin } from "../timing/calibration.ts";

export interface LoadedFit {
  readonly calibration: Calibration;
  /** Tables beside the file that are no longer those of the fit. */
  readonly notes: readonly string[];
}

/** Fits that ship, those of this project's own measurements first. */
export function shippedCalibrations(): readonly Calibration[] {
  return builtinCalibrations;
}

/**
 * The calibration of a fit file, as `ridgepoint calibrate` writes it. What checks it is loaded only now.
 * @throws InvalidInput for a file that cannot be read, a syntax error with its line, and a fit that is broken or of other forms
 */
export async function loadFitFile(path: string): Promise<LoadedFit> {
  const [{ readTextFile }, { parseJson }, { calibrationOfFitFile, parseFitFile }] = await Promise.all([
    import("./read-text-file.ts"),
    import("../architecture/parse-json.ts"),
    import("../validation/fit-file-schema.ts"),
  ]);
  const calibration = calibrationOfFitFile(parseFitFile(parseJson(await readTextFile(path, "fit"), path)));
  return { calibration, notes: await changedTables(path, calibration.origin?.tables ?? []) };
}

/** A table that does not lie beside the fit, or can't be read, says nothing. */
async function changedTables(path: string, tables: CalibrationOrigin["tables"]): Promise<string[]> {
  const [{ basename, dirname, join }, { existsSync }, { fileHash }] = await Promise.all([
    import("node:path"),
    import("node:fs"),
    import("./file-hash.ts"),
  ]);
  const notes: string[] = [];
  for (const { name, sha256 } of tables) {
    const beside = join(dirname(path), basename(name));
    if (!existsSync(beside)) continue;
    const now = await fileHash(beside).catch(() => null);
    if (now !== null && now !== sha256) {
      notes.push(`${basename(name)} changed since the fit: run \`ridgepoint calibrate\` again`);
    }
  }
  return notes;
}
