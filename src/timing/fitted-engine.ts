/**
 * Constants of an engine that were fitted on whole runs of a user's own, in the place of those that ship: as plain data, so that
 * they go into a fit file and to a worker. What the engine's kernels do and how it schedules stays with what ships.
 */
import type { EngineId } from "./execution-profile.ts";

/** ln(measured / predicted) at 5 % and at 95 % of figures that a fit did not see. */
export interface ErrorBand {
  readonly low: number;
  readonly high: number;
}

export interface FittedEngine {
  /** serving: an engine under a steady load (serving/serving-constants.ts); runs: engine-form.ts. */
  readonly form: "serving" | "runs";
  /** Of the serving profile, or of the engine fit, whose constants they replace. */
  readonly id: string;
  readonly engine: EngineId;
  readonly constants: Readonly<Record<string, number>>;
  /** Of tokens an answer, of whole runs and of decode steps; null where nothing could be held out. */
  readonly band: ErrorBand | null;
  /** Of first tokens and prefills. */
  readonly firstTokenBand: ErrorBand | null;
  /** Profiles of the machines that the runs were made on. */
  readonly machines: readonly string[];
  readonly source: string;
}

/** The first of the calibrations' constants of an engine. */
export function fittedEngine(
  form: FittedEngine["form"],
  id: string,
  calibrations: readonly { readonly engines?: readonly FittedEngine[] }[],
): FittedEngine | null {
  for (const { engines = [] } of calibrations) {
    const found = engines.find((each) => each.form === form && each.id === id);
    if (found !== undefined) return found;
  }
  return null;
}
