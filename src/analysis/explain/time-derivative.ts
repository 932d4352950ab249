/**
 * The derivative of a step's roofline time by one parameter, branch by branch: of each operation's max(bytes / BW, FLOPs / P,
 * link bytes / R) the side that binds at the point is differentiated, and inside its formulas the side of each max, min and
 * floor. Where two sides tie, the derivative differs to the right and to the left, and both are given.
 */
import { computePeak } from "../../hardware/compute-peak.ts";
import type { Hardware } from "../../hardware/hardware.ts";
import type { MemoryLevel } from "../../hardware/memory-levels.ts";
import { emptyCounts, type Formulas } from "../../operations/operation.ts";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { countStep } from "../../step/count-step.ts";
import type { PlannedOperation } from "../../step/planned-operation.ts";
import { planStep, type StepPlan } from "../../step/step-plan.ts";
import { stepMemory } from "../../timing/step-memory.ts";
import { activeBranch, chooseBranch, type Side } from "./active-branch.ts";
import {
  derivativeText,
  differentiate,
  evaluateFormula,
  formulaText,
  isSymbol,
  type MathNode,
  type Scope,
  substitute,
} from "./algebra.ts";
import { type MovedOperation, movedOperations, symbolsOf } from "./parameter-lines.ts";
import { parameterName, type RateName, rateParameters, type StepSetup, stepParameters } from "./step-parameters.ts";

/** The side of an operation's max that binds. */
export type Ceiling = "memory" | "compute" | "link";

export interface SideDerivative {
  readonly binds: Ceiling;
  /** Seconds of all instances, as a formula in the operation's symbols and the parameter's. */
  readonly seconds: string;
  readonly formula: string;
  /** Seconds a unit of the parameter. */
  readonly value: number;
}

export interface OperationDerivative {
  readonly name: string;
  readonly count: number;
  readonly seconds: number;
  readonly right: SideDerivative;
  readonly left: SideDerivative;
  /** Two sides tie here and go apart. */
  readonly tie: boolean;
  /** Its time jumps here (a chunk begins): the derivatives are those on either side of the jump. */
  readonly jump: boolean;
  readonly symbols: Scope;
}

export interface TimeDerivative {
  readonly parameter: string;
  readonly symbol: string;
  readonly meaning: string;
  /** The parameter's value at the point. */
  readonly at: number;
  readonly seconds: number;
  /** Seconds a unit of the parameter; null where the two sides differ, or the time jumps. */
  readonly derivative: number | null;
  readonly right: number;
  readonly left: number;
  /** d ln seconds / d ln parameter; null where the derivative is. */
  readonly elasticity: number | null;
  /** Where the step's bytes come from: the cache that holds all of them, or "memory". */
  readonly memoryLevel: string;
  readonly operations: readonly OperationDerivative[];
}

/** A parameter's value, the operations with their lines on both sides, and the rates. */
interface Bound {
  readonly symbol: string;
  readonly at: number;
  readonly operations: readonly MovedOperation[];
  /** Whose bandwidth BW is: a cache's name, or "memory". */
  readonly memoryLevel: string;
  /** What an activation byte of an operation is worth in bytes at BW: less than 1 where a faster cache holds them. */
  activationWeight(operation: PlannedOperation): number;
  /** Values of BW, P and R for an operation, and what stands for P where another format's peak is the parameter. */
  rates(operation: PlannedOperation): { readonly values: Scope; readonly formulas: Readonly<Record<string, string>> };
}

/**
 * @param name one of parameterNames
 * @throws InvalidInput for another name, or a parameter that means nothing for this step or this machine
 * @example Llama-2-7B on an H100, batch 1: by bandwidth every operation gives −bytes / BW², the elasticity is −1
 */
export function timeDerivative(setup: StepSetup, hardware: Hardware, name: string): TimeDerivative {
  const parameter = parameterName(name);
  const bound = isRate(parameter) ? boundRate(parameter, setup, hardware) : boundStep(parameter, setup, hardware);
  const operations = bound.operations.map((operation) => operationDerivative(operation, bound));
  const sum = (of: (each: OperationDerivative) => number): number => operations.reduce((total, o) => total + of(o), 0);
  const [seconds, right, left] = [sum((o) => o.seconds), sum((o) => o.right.value), sum((o) => o.left.value)];
  const derivative = operations.some((o) => o.tie || o.jump) ? null : right;
  return {
    parameter,
    symbol: bound.symbol,
    meaning: isRate(parameter) ? rateParameters[parameter].meaning : stepParameters[parameter]!.meaning,
    at: bound.at,
    seconds,
    derivative,
    right,
    left,
    elasticity: derivative === null ? null : (bound.at * derivative) / seconds,
    memoryLevel: bound.memoryLevel,
    operations,
  };
}

function isRate(name: string): name is RateName {
  return Object.hasOwn(rateParameters, name);
}

function boundStep(name: string, setup: StepSetup, hardware: Hardware): Bound {
  const parameter = stepParameters[name]!;
  const { level, ...memory } = memoryOf(planStep(setup.model, setup.options), setup, hardware);
  return {
    ...memory,
    symbol: parameter.symbol,
    at: parameter.value(setup),
    operations: movedOperations(setup, parameter),
    rates: ({ computeFormat }) => ({
      values: rateValues(hardware, level, computePeak(hardware, computeFormat).flopsPerSecond),
      formulas: {},
    }),
  };
}

function boundRate(name: RateName, setup: StepSetup, hardware: Hardware): Bound {
  if (name === "link" && hardware.link === null) {
    throw new InvalidInput("derivative", name, `${hardware.id} has no link`);
  }
  const plan = planStep(setup.model, setup.options);
  const symbols = symbolsOf(plan, setup);
  const { level, ...memory } = memoryOf(plan, setup, hardware);
  const peakOf = (operation: PlannedOperation): number => computePeak(hardware, operation.computeFormat).flopsPerSecond;
  const fastest = Math.max(...plan.operations.map(peakOf));
  const at = {
    bandwidth: level.bytesPerSecond,
    peak: fastest,
    link: hardware.link?.bytesPerSecond ?? 1,
  }[name];
  return {
    ...memory,
    symbol: rateParameters[name].symbol,
    at,
    operations: plan.operations.map((operation, i) => ({ operation, symbols: symbols[i]!, right: {}, left: {} })),
    rates: (operation) => {
      const peak = peakOf(operation);
      return name === "peak" && peak !== fastest
        ? { values: rateValues(hardware, level, fastest), formulas: { P: `${peak / fastest} * P` } }
        : { values: rateValues(hardware, level, peak), formulas: {} };
    },
  };
}

/** Where the step's bytes come from at the point. */
function memoryOf(
  plan: StepPlan,
  setup: StepSetup,
  hardware: Hardware,
): Pick<Bound, "memoryLevel" | "activationWeight"> & { level: MemoryLevel } {
  const memory = stepMemory(hardware, plan);
  const tape = countStep(plan, setup.workload);
  const level = memory.levelOf(tape);
  return {
    level,
    memoryLevel: level.name,
    activationWeight: ({ definition, shape, encoder }) => {
      const one = emptyCounts();
      definition.count(shape, encoder ? tape.encoderPoint : tape.point, one);
      return memory.activationWeight(level, one.activationBytes, 1);
    },
  };
}

/** A machine without a link has no operation that would divide by R. */
function rateValues(hardware: Hardware, level: MemoryLevel, peak: number): Scope {
  return { BW: level.bytesPerSecond, P: peak, R: hardware.link?.bytesPerSecond ?? 1 };
}

function operationDerivative(moved: MovedOperation, bound: Bound): OperationDerivative {
  const { operation, symbols } = moved;
  const ceilings = ceilingFormulas(
    operation.definition.formulas(operation.shape),
    operation.instances,
    bound.activationWeight(operation),
  );
  const rates = bound.rates(operation);
  const of = (side: Side): ResolvedSide => {
    const lines = moved[side];
    // The operation may use the parameter's letter for something that doesn't move.
    const own = symbols[bound.symbol];
    const still = own === undefined || Object.hasOwn(lines, bound.symbol) ? {} : { [bound.symbol]: own };
    const replacements = { ...still, ...lines, ...rates.formulas };
    const scope = { ...symbols, ...rates.values, [bound.symbol]: bound.at };
    const branches = ceilings.map(({ formula }) =>
      activeBranch(substitute(formula, replacements), bound.symbol, scope, side),
    );
    const nodes = branches.map((branch) => branch.formula);
    const chosen = chooseBranch(nodes, bound.symbol, scope, side, "max");
    const { binds, formula } = ceilings[chosen.index]!;
    return {
      binds,
      seconds: formulaText(substitute(formula, replacements)),
      branch: nodes[chosen.index]!,
      scope,
      tie: chosen.tie || branches[chosen.index]!.tie,
      jump: branches[chosen.index]!.jump,
    };
  };
  const [onRight, onLeft] = [of("right"), of("left")];
  const right = sideOf(onRight, bound.symbol);
  const alike = onLeft.binds === onRight.binds && onLeft.branch.toString() === onRight.branch.toString();
  const left = alike ? right : sideOf(onLeft, bound.symbol);
  return {
    name: operation.name,
    count: operation.instances,
    seconds: evaluateFormula(onRight.branch, onRight.scope),
    right,
    left,
    tie: right.value !== left.value && (onRight.tie || onLeft.tie || differs(right.value, left.value)),
    jump: onRight.jump || onLeft.jump,
    symbols: onRight.scope,
  };
}

/** The side of an operation's max that binds, without max, min and floor. */
interface ResolvedSide {
  readonly binds: Ceiling;
  readonly seconds: string;
  readonly branch: MathNode;
  readonly scope: Scope;
  readonly tie: boolean;
  readonly jump: boolean;
}

function sideOf({ binds, seconds, branch, scope }: ResolvedSide, symbol: string): SideDerivative {
  const moves = branch.filter((node) => isSymbol(node) && node.name === symbol).length > 0;
  if (!moves) return { binds, seconds, formula: "0", value: 0 };
  const value = evaluateFormula(differentiate(branch, symbol), scope);
  return { binds, seconds, formula: derivativeText(branch, symbol), value };
}

/** Lines may differ on the two sides without any max or min: a table stored no narrower than 16 bits. */
function differs(right: number, left: number): boolean {
  return Math.abs(right - left) > 1e-9 * Math.max(Math.abs(right), Math.abs(left));
}

/** The seconds of all instances under each ceiling that the operation has something for. */
function ceilingFormulas(
  f: Formulas,
  instances: number,
  activationWeight: number,
): { readonly binds: Ceiling; readonly formula: string }[] {
  const sum = (parts: readonly (string | undefined)[]): string =>
    parts.flatMap((part) => (part === undefined ? [] : [part])).join(" + ");
  const activations =
    f.activationBytes === undefined || activationWeight === 1
      ? f.activationBytes
      : `${activationWeight} * (${f.activationBytes})`;
  const ceilings: [Ceiling, string, string][] = [
    ["memory", sum([f.weightBytes, f.kvBytes, activations]), "BW"],
    ["compute", sum([f.matmulFlops, f.otherFlops]), "P"],
    ["link", sum([f.linkBytes]), "R"],
  ];
  return ceilings
    .filter(([, amount]) => amount !== "")
    .map(([binds, amount, rate]) => ({ binds, formula: `${instances} * (${amount}) / ${rate}` }));
}
