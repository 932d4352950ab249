/**
 * The operations of a step with their symbols, and those among the symbols that move with a parameter, as lines in it.
 * Operations of layers that differ are one in the plan where their shapes agree; a parameter may set them apart, so that the
 * plan with the most operations, here or a little to either side, says how they are divided.
 */
import type { StepPoint } from "../../operations/operation.ts";
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { countStep } from "../../step/count-step.ts";
import type { PlannedOperation } from "../../step/planned-operation.ts";
import { planStep, type StepPlan } from "../../step/step-plan.ts";
import type { Scope } from "./algebra.ts";
import type { StepParameter, StepSetup } from "./step-parameters.ts";

/** Lines by symbol, as formulas in the parameter's own symbol: { n: "4096 + 256 * Hkv" }. */
export type Lines = Readonly<Record<string, string>>;

export interface MovedOperation {
  /** Its shape is the one at the parameter's value. */
  readonly operation: PlannedOperation;
  readonly symbols: Scope;
  /** The lines for a larger parameter, and for a smaller one. */
  readonly right: Lines;
  readonly left: Lines;
}

/** The symbols of every operation of a plan at a workload, in the plan's order. */
export function symbolsOf(plan: StepPlan, setup: StepSetup): Scope[] {
  const tape = countStep(plan, setup.workload);
  const pointOf = (encoder: boolean): StepPoint => (encoder ? tape.encoderPoint : tape.point);
  return plan.operations.map(({ definition, shape, encoder }) => definition.symbols(shape, pointOf(encoder)));
}

/**
 * For each operation, what depends on the parameter on both sides of its value; on the left of the smallest value the lines
 * of the right go on.
 * @throws InvalidInput naming `derivative` where the parameter means nothing here
 */
export function movedOperations(setup: StepSetup, parameter: StepParameter): MovedOperation[] {
  const value = parameter.value(setup);
  const step = parameter.step(setup);
  const below = value - step >= parameter.smallest(setup) ? value - step : value + step;
  const here = listed(setup);
  const right = listed(parameter.at(setup, value + step));
  const left = below > value ? right : listed(parameter.at(setup, below));
  const finest = [here, right, left].reduce((most, each) => (each.length > most.length ? each : most));
  return finest.map(({ operation: { name, instances } }) => {
    const base = counterpart(here, name, parameter);
    const lines = (moved: readonly Listed[], at: number): Lines =>
      linesBetween(parameter.symbol, value, base.symbols, at, counterpart(moved, name, parameter).symbols);
    return {
      operation: { ...base.operation, name, instances },
      symbols: base.symbols,
      right: lines(right, value + step),
      left: lines(left, below),
    };
  });
}

interface Listed {
  readonly operation: PlannedOperation;
  readonly symbols: Scope;
}

function listed(setup: StepSetup): Listed[] {
  const plan = planStep(setup.model, setup.options);
  const symbols = symbolsOf(plan, setup);
  return plan.operations.map((operation, i) => ({ operation, symbols: symbols[i]! }));
}

/** The operation of this name; or, where the layers' operations are one there, that one: "full: attention" is in "attention". */
function counterpart(operations: readonly Listed[], name: string, parameter: StepParameter): Listed {
  const found =
    operations.find(({ operation }) => operation.name === name) ??
    operations.find(({ operation }) => name.endsWith(`: ${operation.name}`));
  if (found !== undefined) return found;
  throw new InvalidInput("derivative", parameter.symbol, `the layers' "${name}" come apart along it`);
}

function linesBetween(symbol: string, value: number, here: Scope, moved: number, there: Scope): Lines {
  const lines: [string, string][] = [];
  for (const [each, at] of Object.entries(here)) {
    const beyond = there[each] ?? at;
    if (beyond !== at) lines.push([each, lineText(symbol, value, at, (beyond - at) / (moved - value))]);
  }
  return Object.fromEntries(lines);
}

/** @example through (32, 12288) with slope 256: "4096 + 256 * Hkv" */
function lineText(symbol: string, value: number, at: number, slope: number): string {
  const start = at - slope * value;
  const rise = slope === 1 ? symbol : `${slope} * ${symbol}`;
  if (Math.abs(start) <= 1e-12 * Math.abs(at)) return rise;
  return start < 0 ? `${rise} - ${-start}` : `${start} + ${rise}`;
}
