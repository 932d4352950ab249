/**
 * The zod schema of a fit file, which `ridgepoint calibrate` writes beside the tables that it was fitted on. Its own file, so that
 * built-in calibrations never load zod. Parameters stand by name there, so that a form that gains one refuses an old fit.
 */
import { z } from "zod";
import { parseWithSchema } from "../quantity/describe-schema-error.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { Calibration, CalibrationOrigin, ErrorSpread, FittedKernel } from "../timing/calibration.ts";
import { type EngineId, engineIds } from "../timing/execution-profile.ts";
import type { KernelMachine } from "../timing/kernel-form.ts";
import { kernelRegimes } from "../timing/kernel-regime.ts";
import { kernelForms } from "../timing/kernels/registry.ts";
import { type FormKind, formKinds } from "../timing/operation-call.ts";
import type { ErrorStatistics } from "./error-statistics.ts";
import { type FitFileEngine, fitFileEngineSchema, fittedEngineOf } from "./fit-file-engine.ts";

export interface FitFile {
  readonly layout: "ridgepoint-fit-1";
  readonly id: string;
  readonly hardware: string;
  readonly vendor: string;
  readonly engine: EngineId;
  /** What was measured, by whom. */
  readonly source: string;
  readonly ceilings: KernelMachine;
  readonly stated: KernelMachine;
  readonly tables: readonly { readonly name: string; readonly sha256: string; readonly rows: number }[];
  readonly impossibleRows: number;
  readonly kernels: readonly FitFileKernel[];
  /** Constants of whole engines; not in files that were fitted on kernels and steps alone. */
  readonly engines?: readonly FitFileEngine[];
  /** Start-ups of small kernels by the model left out, and the errors of the steps left out; null without steps. */
  readonly steps: {
    readonly startsByLeftOutModel: Readonly<Record<string, number>>;
    readonly heldOutErrors: ErrorStatistics | null;
  } | null;
  readonly notes: readonly string[];
}

export interface FitFileKernel {
  readonly kind: FormKind;
  readonly kernel: string;
  readonly format: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly spreads: readonly ErrorSpread[];
  readonly correlation: number;
  readonly shortestSeconds: number;
  readonly longestSeconds: number | null;
  readonly rows: number;
  readonly groups: number;
  readonly atBound: readonly string[];
  readonly fittedErrors: ErrorStatistics | null;
  readonly heldOutErrors: ErrorStatistics | null;
}

const positive = z.number().gt(0);
const rate = positive.exactOptional();

const machine: z.ZodType<KernelMachine> = z.strictObject({
  bytesPerSecond: positive,
  processors: z.int().gt(0),
  cacheBytes: z.number().min(0),
  peakFlopsPerSecond: z.strictObject({
    fp64: rate,
    fp32: rate,
    bf16: rate,
    fp16: rate,
    fp8: rate,
    int8: rate,
    fp4: rate,
  }),
  linkBytesPerSecond: positive.nullable(),
});

const percent = z.number();
const errors: z.ZodType<ErrorStatistics> = z.object({
  rows: z.int(),
  medianAbsolutePercentageError: percent,
  meanAbsolutePercentageError: percent,
  p95AbsolutePercentageError: percent,
  maxAbsolutePercentageError: percent,
  bias: percent,
  within10Percent: percent,
  coverage90: percent.exactOptional(),
  medianIntervalHalfWidth: percent.exactOptional(),
});

const spread: z.ZodType<ErrorSpread> = z.strictObject({
  regime: z.enum(kernelRegimes),
  relative: z.number().min(0),
  seconds: z.number().min(0),
  low: z.number().max(0),
  high: z.number().min(0),
  rows: z.int().min(0),
});

const kernel = z.strictObject({
  kind: z.enum(formKinds),
  kernel: z.string().min(1),
  format: z.string().min(1),
  parameters: z.record(z.string(), positive),
  spreads: z.array(spread).length(kernelRegimes.length),
  correlation: z.number().min(0).max(1),
  shortestSeconds: z.number().min(0),
  longestSeconds: positive.nullable(),
  rows: z.int().min(0),
  groups: z.int().min(0),
  atBound: z.array(z.string()),
  fittedErrors: errors.nullable(),
  heldOutErrors: errors.nullable(),
});

const idPattern = /^[a-z0-9][a-z0-9.-]{0,63}$/;
const idWants = 'wants small letters, digits, "-" and "."';

/** A fit's name as files hold it. @throws InvalidInput for another */
export function checkedFitId(id: string): string {
  if (!idPattern.test(id)) throw new InvalidInput("id", id, idWants);
  return id;
}

export const fitFileSchema: z.ZodType<FitFile> = z.strictObject({
  layout: z.literal("ridgepoint-fit-1"),
  id: z.string().regex(idPattern, idWants),
  hardware: z.string().min(1),
  vendor: z.string().min(1),
  engine: z.enum(engineIds),
  source: z.string().min(1),
  ceilings: machine,
  stated: machine,
  tables: z.array(z.strictObject({ name: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/), rows: z.int() })),
  impossibleRows: z.int().min(0),
  kernels: z.array(kernel),
  engines: z.array(fitFileEngineSchema(errors)).exactOptional(),
  steps: z
    .strictObject({ startsByLeftOutModel: z.record(z.string(), positive), heldOutErrors: errors.nullable() })
    .nullable(),
  notes: z.array(z.string()),
});

const layout = "ridgepoint-fit-1";

/** @throws InvalidInput for another layout, and for the first key that is unknown, missing or of the wrong kind */
export function parseFitFile(value: unknown): FitFile {
  const own = typeof value === "object" && value !== null && "layout" in value ? value.layout : undefined;
  if (typeof own === "string" && own !== layout) {
    throw new InvalidInput("layout", own, `wants ${layout}: run \`ridgepoint calibrate\` again`);
  }
  const fit = parseWithSchema(fitFileSchema, value, "fit");
  if (fit.kernels.length + (fit.engines?.length ?? 0) > 0) return fit;
  throw new InvalidInput("fit kernels", "none", "wants kernels or engines");
}

/**
 * What predictions need of a fit file.
 * @throws InvalidInput where its parameters are not those of the forms: it was written by another version
 */
export function calibrationOfFitFile(fit: FitFile): Calibration {
  const { id, hardware, vendor, engine, ceilings, stated } = fit;
  const kernels = fit.kernels.map(fittedKernel);
  const engines = (fit.engines ?? []).map((each) => fittedEngineOf(each, fit.source));
  const machine = { id, hardware, vendor, engine, ceilings, stated };
  return { ...machine, kernels, ...(engines.length === 0 ? {} : { engines }), origin: originOf(fit) };
}

function originOf({ tables, kernels, steps, engines = [] }: FitFile): CalibrationOrigin {
  const named = [
    ...kernels.map((each) => [`${each.kind}, ${each.kernel}, ${each.format}`, each.heldOutErrors] as const),
    ...engines.map((each) => [`runs of ${each.id}`, each.heldOutErrors] as const),
    ...engines.map((each) => [`first tokens of ${each.id}`, each.heldOutFirstTokenErrors] as const),
  ];
  return {
    tables: tables.map(({ name, sha256 }) => ({ name, sha256 })),
    heldOut: [...named, ["whole steps", steps?.heldOutErrors ?? null] as const].flatMap(([what, found]) => {
      if (found === null) return [];
      const { rows, medianAbsolutePercentageError, maxAbsolutePercentageError } = found;
      const [medianPercent, maxPercent] = [medianAbsolutePercentageError, maxAbsolutePercentageError];
      return [{ what, rows, medianPercent, maxPercent }];
    }),
  };
}

function fittedKernel(each: FitFileKernel): FittedKernel {
  const { kind, kernel, format, correlation, shortestSeconds } = each;
  const lacking = kernelRegimes.find((regime) => each.spreads.every((spread) => spread.regime !== regime));
  if (lacking !== undefined) throw new InvalidInput(`fit ${kind}`, `no spread of ${lacking}`, "wants one a regime");
  return {
    ...{ kind, kernel, format, correlation, shortestSeconds },
    parameters: parametersOf(kind, each.parameters),
    spreads: each.spreads,
    longestSeconds: each.longestSeconds ?? Number.POSITIVE_INFINITY,
  };
}

/** Fit files hold seven digits: a parameter at its bound may lie so far outside. */
const roundingShare = 1e-6;

function parametersOf(kind: FormKind, named: Readonly<Record<string, number>>): number[] {
  const { parameters } = formOf(kind);
  const names = parameters.map(({ name }) => name);
  const unknown = Object.keys(named).find((name) => !names.includes(name));
  const missing = names.find((name) => !Object.hasOwn(named, name));
  if (unknown !== undefined || missing !== undefined) {
    const wants = `the parameters of ${kind} are ${names.join(", ")}: run \`ridgepoint calibrate\` again`;
    throw new InvalidInput(`fit ${kind}`, unknown ?? `no ${missing}`, wants);
  }
  return parameters.map(({ name, lowest, highest }) => {
    const value = named[name]!;
    if (value >= lowest * (1 - roundingShare) && value <= highest * (1 + roundingShare)) return value;
    throw new InvalidInput(`fit ${kind}, ${name}`, value, `wants ${lowest} to ${highest}`);
  });
}

function formOf(kind: FormKind): (typeof kernelForms)[FormKind] & {} {
  const form = kernelForms[kind];
  if (form === undefined) throw new InvalidInput("fit", kind, "no kernel form of that kind");
  return form;
}
