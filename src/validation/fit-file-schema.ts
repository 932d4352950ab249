/**
 * The zod schema of a fit file, which `ridgepoint calibrate` writes beside the tables that it was fitted on. Its own file, so that
 * built-in calibrations never load zod. Parameters stand by name there, so that a form that gains one refuses an old fit.
 */
import { z } from "zod";
import { parseWithSchema } from "../quantity/describe-schema-error.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { Calibration, ErrorSpread, FittedKernel } from "../timing/calibration.ts";
import { type EngineId, engineIds } from "../timing/execution-profile.ts";
import type { KernelMachine } from "../timing/kernel-form.ts";
import { kernelRegimes } from "../timing/kernel-regime.ts";
import { kernelForms } from "../timing/kernels/registry.ts";
import { type FormKind, formKinds } from "../timing/operation-call.ts";
import type { ErrorStatistics } from "./error-statistics.ts";

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

export const fitFileSchema: z.ZodType<FitFile> = z.strictObject({
  layout: z.literal("ridgepoint-fit-1"),
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'wants small letters, digits, "-" and "."'),
  hardware: z.string().min(1),
  vendor: z.string().min(1),
  engine: z.enum(engineIds),
  source: z.string().min(1),
  ceilings: machine,
  stated: machine,
  tables: z.array(z.strictObject({ name: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/), rows: z.int() })),
  impossibleRows: z.int().min(0),
  kernels: z.array(kernel).min(1),
  steps: z
    .strictObject({ startsByLeftOutModel: z.record(z.string(), positive), heldOutErrors: errors.nullable() })
    .nullable(),
  notes: z.array(z.string()),
});

/** @throws InvalidInput for the first key that is unknown, missing or of the wrong kind */
export function parseFitFile(value: unknown): FitFile {
  return parseWithSchema(fitFileSchema, value, "fit");
}

/**
 * What predictions need of a fit file.
 * @throws InvalidInput where its parameters are not those of the forms: it was written by another version
 */
export function calibrationOfFitFile(fit: FitFile): Calibration {
  const { id, hardware, vendor, engine, ceilings, stated } = fit;
  return { id, hardware, vendor, engine, ceilings, stated, kernels: fit.kernels.map(fittedKernel) };
}

function fittedKernel(each: FitFileKernel): FittedKernel {
  const { kind, kernel, format, correlation, shortestSeconds } = each;
  return {
    ...{ kind, kernel, format, correlation, shortestSeconds },
    parameters: parametersOf(kind, each.parameters),
    spreads: each.spreads,
    longestSeconds: each.longestSeconds ?? Number.POSITIVE_INFINITY,
  };
}

function parametersOf(kind: FormKind, named: Readonly<Record<string, number>>): number[] {
  const names = formOf(kind).parameters.map(({ name }) => name);
  const unknown = Object.keys(named).find((name) => !names.includes(name));
  const missing = names.find((name) => !Object.hasOwn(named, name));
  if (unknown === undefined && missing === undefined) return names.map((name) => named[name]!);
  const wants = `the parameters of ${kind} are ${names.join(", ")}: run \`ridgepoint calibrate\` again`;
  throw new InvalidInput(`fit ${kind}`, unknown ?? `no ${missing}`, wants);
}

function formOf(kind: FormKind): (typeof kernelForms)[FormKind] & {} {
  const form = kernelForms[kind];
  if (form === undefined) throw new InvalidInput("fit", kind, "no kernel form of that kind");
  return form;
}
