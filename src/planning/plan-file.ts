/**
 * What a user says to `ridgepoint plan` and `simulate`, as it is typed: the content of a plan file, and what the command line's options are
 * laid over. docs/plan-file.md has each field's unit and default.
 */
import type { LengthSpec } from "../serving/parse-lengths.ts";

/** One value, or a list of them. */
export type OneOrMore<T> = T | readonly T[];

export interface PlanFile {
  /** A built-in model, or a config.json (or model profile) by path: one of the two. */
  readonly model?: string;
  readonly config?: string;
  readonly workload?: WorkloadSection;
  readonly objectives?: ObjectivesSection;
  readonly candidates?: CandidatesSection;
  /** By hardware: US dollars an hour and device. */
  readonly prices?: Readonly<Record<string, number | string>>;
  readonly limits?: LimitsSection;
  readonly whatIf?: OneOrMore<string>;
  readonly simulate?: { readonly requests?: number; readonly seed?: number; readonly best?: number };
}

export interface WorkloadSection {
  readonly rate?: number | string;
  /** Each with one request in flight. */
  readonly users?: number;
  readonly input?: LengthSpec;
  readonly output?: LengthSpec;
  readonly trace?: string;
  readonly burstiness?: number;
  readonly sharedPrefix?: number;
}

export interface ObjectivesSection {
  readonly ttft?: number | string;
  readonly tpot?: number | string;
  readonly endToEnd?: number | string;
  readonly percentile?: number;
}

export interface CandidatesSection {
  readonly hardware?: OneOrMore<string>;
  /** One number: the most; a list or a range: those counts and no others. */
  readonly devices?: OneOrMore<number | string>;
  readonly weights?: OneOrMore<string>;
  readonly kvCache?: OneOrMore<string>;
  readonly activations?: string;
  readonly engine?: string;
  readonly engineVersion?: string;
  readonly tensorParallel?: OneOrMore<number | string>;
  readonly pipelineParallel?: OneOrMore<number | string>;
  readonly expertParallel?: OneOrMore<number | string>;
  readonly replicas?: OneOrMore<number | string>;
  readonly separatePrefill?: "auto" | "never" | "always";
  readonly speculative?: { readonly tokens: number; readonly acceptance: number; readonly draft?: string };
  readonly maxSequences?: number;
  readonly stepTokens?: number;
}

export interface LimitsSection {
  readonly power?: number | string;
  readonly devicesPerNode?: number;
  readonly nodeLink?: string;
  readonly costPerHour?: number | string;
  /** By hardware: devices that are there, with or without where. */
  readonly owned?: Readonly<Record<string, number | { readonly count: number; readonly region?: string }>>;
  readonly memoryShare?: number;
  readonly utilization?: number;
}

/**
 * What was typed, and of the file what was not, field by field. Fields that say the same thing in two ways replace each other: model and
 * config; rate, users and trace (a rate typed over a file's trace scales it); a trace takes the file's lengths and burstiness out, and lengths its trace.
 */
export function layOverPlanFile(file: PlanFile, typed: PlanFile): PlanFile {
  const { model, config, ...rest } = file;
  const named = typed.model === undefined && typed.config === undefined;
  return {
    ...rest,
    ...(named && model !== undefined ? { model } : {}),
    ...(named && config !== undefined ? { config } : {}),
    ...typed,
    ...section("workload", workloadOf(file.workload, typed.workload ?? {}), typed.workload),
    ...section("objectives", file.objectives, typed.objectives),
    ...section("candidates", file.candidates, typed.candidates),
    ...section("prices", file.prices, typed.prices),
    ...section("limits", file.limits, typed.limits),
    ...section("simulate", file.simulate, typed.simulate),
  };
}

function section<Name extends string, T extends object>(
  name: Name,
  file: T | undefined,
  typed: T | undefined,
): { [key in Name]?: T } {
  if (file === undefined && typed === undefined) return {};
  return { [name]: { ...file, ...typed } } as { [key in Name]?: T };
}

/** The file's workload without what the typed one replaces. */
function workloadOf(file: WorkloadSection | undefined, typed: WorkloadSection): WorkloadSection | undefined {
  const dropped = new Set<keyof WorkloadSection>();
  if (typed.rate !== undefined) dropped.add("users");
  if (typed.users !== undefined) for (const name of ["rate", "trace", "burstiness"] as const) dropped.add(name);
  if (typed.trace !== undefined) {
    for (const name of ["rate", "users", "input", "output", "burstiness"] as const) dropped.add(name);
  }
  if (typed.input !== undefined || typed.output !== undefined || typed.burstiness !== undefined) dropped.add("trace");
  if (file === undefined) return undefined;
  return Object.fromEntries(Object.entries(file).filter(([name]) => !dropped.has(name as keyof WorkloadSection)));
}
