/** The section `engines` of a fit file: constants of engines that were fitted on whole runs (engine-rows/fit-engines.ts). */
import { z } from "zod";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { engineFits } from "../timing/engine-fits.ts";
import { engineForm } from "../timing/engine-form.ts";
import { type EngineId, engineIds } from "../timing/execution-profile.ts";
import type { ErrorBand, FittedEngine } from "../timing/fitted-engine.ts";
import type { EngineCalibration, HeldOutBy } from "./engine-rows/fit-engines.ts";
import type { ErrorStatistics } from "./error-statistics.ts";
import { servingConstantNames } from "./fit-serving.ts";

export interface FitFileEngine {
  readonly form: FittedEngine["form"];
  readonly id: string;
  readonly engine: EngineId;
  readonly constants: Readonly<Record<string, number>>;
  /** Figures that were fitted, and the machines that they are of. */
  readonly rows: number;
  readonly machines: readonly string[];
  readonly atBound: readonly string[];
  readonly fittedErrors: ErrorStatistics;
  readonly heldOutErrors: ErrorStatistics | null;
  readonly heldOutFirstTokenErrors: ErrorStatistics | null;
  readonly heldOutBy: HeldOutBy | null;
  readonly band: ErrorBand | null;
  readonly firstTokenBand: ErrorBand | null;
}

const band: z.ZodType<ErrorBand> = z.strictObject({ low: z.number().max(0), high: z.number().min(0) });

/** @param errors the schema of statistics */
export function fitFileEngineSchema(errors: z.ZodType<ErrorStatistics>): z.ZodType<FitFileEngine> {
  return z.strictObject({
    form: z.enum(["serving", "runs"]),
    id: z.string().min(1),
    engine: z.enum(engineIds),
    constants: z.record(z.string(), z.number().gt(0)),
    rows: z.int().gt(0),
    machines: z.array(z.string()).min(1),
    atBound: z.array(z.string()),
    fittedErrors: errors,
    heldOutErrors: errors.nullable(),
    heldOutFirstTokenErrors: errors.nullable(),
    heldOutBy: z.enum(["machine", "model", "devices"]).nullable(),
    band: band.nullable(),
    firstTokenBand: band.nullable(),
  });
}

export function fitFileEngineOf({ fitted, ...rest }: EngineCalibration): FitFileEngine {
  const { form, id, engine, constants, machines } = fitted;
  const bandOf = (of: ErrorBand | null): ErrorBand | null =>
    of === null ? null : { low: rounded(of.low), high: rounded(of.high) };
  return {
    ...{ form, id, engine, machines },
    constants: Object.fromEntries(Object.entries(constants).map(([name, value]) => [name, rounded(value)])),
    rows: rest.rows,
    atBound: [...rest.atBound],
    fittedErrors: rest.fittedErrors,
    heldOutErrors: rest.heldOutErrors,
    heldOutFirstTokenErrors: rest.heldOutFirstTokenErrors,
    heldOutBy: rest.heldOutBy,
    band: bandOf(fitted.band),
    firstTokenBand: bandOf(fitted.firstTokenBand),
  };
}

/** Digits beyond the seventh are the fit's own noise, and differ from machine to machine. */
function rounded(value: number): number {
  return Number(value.toPrecision(7));
}

/** A share at its bound may lie so far outside. */
const rounding = 1e-6;

/**
 * What predictions need of it.
 * @throws InvalidInput for an engine that isn't known here, and for constants that are not those of its form
 */
export function fittedEngineOf(each: FitFileEngine, source: string): FittedEngine {
  const { form, id, engine, constants, machines, band: own, firstTokenBand } = each;
  const isKnown = form === "serving" ? id === engine : engineFits.some((fit) => fit.id === id && fit.engine === engine);
  if (!isKnown) throw new InvalidInput("fit engines", id, `no engine of that name with the form ${form}`);
  const names: readonly string[] =
    form === "serving" ? servingConstantNames : engineForm.parameters.map(({ name }) => name);
  const unknown = Object.keys(constants).find((name) => !names.includes(name));
  const missing = names.find((name) => !Object.hasOwn(constants, name));
  if (unknown !== undefined || missing !== undefined) {
    const wants = `the constants of ${id} are ${names.join(", ")}: run \`ridgepoint calibrate\` again`;
    throw new InvalidInput("fit engines", unknown ?? `no ${missing}`, wants);
  }
  for (const [name, value] of Object.entries(constants)) {
    if (/(Efficiency|Share)$/.test(name) && value > 1 + rounding)
      throw new InvalidInput(`fit engines, ${id}, ${name}`, value, "wants 0 to 1: a share");
  }
  return { form, id, engine, constants, machines, band: own, firstTokenBand, source };
}
