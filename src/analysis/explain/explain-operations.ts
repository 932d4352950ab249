/**
 * Each operation of a step with its formulas: as they are, with the numbers put in, simplified, and what they come to; and
 * the step's totals as sums in batch and context. The counts come from the formulas here, and a test holds both equal.
 */
import type { Formulas } from "../../operations/operation.ts";
import { countStep } from "../../step/count-step.ts";
import type { PlannedOperation } from "../../step/planned-operation.ts";
import { planStep } from "../../step/step-plan.ts";
import { evaluateFormula, formulaText, type Scope, simplifyFormula, substitute } from "./algebra.ts";
import { type MovedOperation, movedOperations, symbolsOf } from "./parameter-lines.ts";
import { type StepSetup, stepParameters } from "./step-parameters.ts";
import { symbolMeaning } from "./symbol-meanings.ts";

export type Figure = keyof Formulas;

export interface ExplainedFigure {
  readonly figure: Figure;
  /** In the operation's symbols, for one instance. */
  readonly formula: string;
  readonly withNumbers: string;
  /** With the new tokens a sequence put in, by mathjs's rules. */
  readonly simplified: string;
  /** Of one instance. */
  readonly value: number;
  /** Of all instances. */
  readonly total: number;
}

export interface ExplainedSymbol {
  readonly symbol: string;
  readonly meaning: string;
  readonly value: number;
}

export interface ExplainedOperation {
  readonly name: string;
  readonly kind: string;
  readonly count: number;
  readonly source: string;
  readonly symbols: readonly ExplainedSymbol[];
  readonly figures: readonly ExplainedFigure[];
}

export interface ExplainedTotal {
  readonly figure: Figure;
  /** In the batch B, all else in numbers. */
  readonly inBatch: string;
  /** In the context S, all else in numbers. */
  readonly inContext: string;
  readonly total: number;
}

export interface StepExplanation {
  readonly operations: readonly ExplainedOperation[];
  readonly totals: readonly ExplainedTotal[];
}

const figures: readonly Figure[] = [
  "matmulFlops",
  "otherFlops",
  "weightBytes",
  "kvBytes",
  "activationBytes",
  "linkBytes",
];

/** @throws InvalidInput for a workload or options that don't go with the model */
export function explainOperations(setup: StepSetup): StepExplanation {
  const plan = planStep(setup.model, setup.options);
  const symbols = symbolsOf(plan, setup);
  const operations = plan.operations.map((operation, i) => explained(operation, symbols[i]!));
  const counts = countStep(plan, setup.workload).totals;
  const movedAlong = (axis: Axis): MovedOperation[] => movedOperations(setup, stepParameters[axis]!);
  const moved = { batch: movedAlong("batch"), context: movedAlong("context") };
  const totals = figures.flatMap((figure): ExplainedTotal[] => {
    const total = figure === "otherFlops" ? counts.flops - counts.matmulFlops : counts[figure];
    if (total === 0) return [];
    const inAxis = (axis: Axis): string => totalFormula(moved[axis], figure, axis, setup.workload[axis]);
    return [{ figure, inBatch: inAxis("batch"), inContext: inAxis("context"), total }];
  });
  return { operations, totals };
}

function explained(operation: PlannedOperation, scope: Scope): ExplainedOperation {
  const { definition, shape, instances } = operation;
  const formulas = definition.formulas(shape);
  const used = new Set(Object.values(formulas).flatMap((formula) => formula.match(/[A-Za-z]+/g) ?? []));
  return {
    name: operation.name,
    kind: definition.kind,
    count: instances,
    source: definition.source,
    symbols: Object.entries(scope)
      .filter(([symbol]) => used.has(symbol))
      .map(([symbol, value]) => ({ symbol, meaning: symbolMeaning(definition.kind, symbol), value })),
    figures: figures.flatMap((figure): ExplainedFigure[] => {
      const formula = formulas[figure];
      if (formula === undefined) return [];
      const value = evaluateFormula(formula, scope);
      return [
        {
          figure,
          formula,
          withNumbers: formulaText(substitute(formula, scope)),
          simplified: simplifyFormula(scope["Q"] === undefined ? formula : substitute(formula, { Q: scope["Q"] })),
          value,
          total: value * instances,
        },
      ];
    }),
  };
}

type Axis = "batch" | "context";

/** The sum over the operations, in one parameter with all else in numbers. */
function totalFormula(operations: readonly MovedOperation[], figure: Figure, axis: Axis, value: number): string {
  const parts = operations.flatMap(({ operation: { definition, shape, instances }, symbols, right }) => {
    const formula = definition.formulas(shape)[figure];
    if (formula === undefined) return [];
    return [`${instances} * (${formulaText(substitute(formula, { ...symbols, ...right }))})`];
  });
  return collected(parts, stepParameters[axis]!.symbol, value);
}

/** Constants together, the parts that move with the symbol after them; equal parts merged where they are lines. */
function collected(parts: readonly string[], symbol: string, value: number): string {
  let start = 0;
  let slope = 0;
  const others: string[] = [];
  const bent = new RegExp(`(?:min|max|floor)\\([^)]*\\b${symbol}\\b`);
  for (const part of parts) {
    const at = (x: number): number => evaluateFormula(part, { [symbol]: x });
    const rise = at(value + 1) - at(value);
    const intercept = at(value) - rise * value;
    if (isLine(at, value, intercept, rise) && !bent.test(part)) {
      start += intercept;
      slope += rise;
    } else {
      // Of (1 - 1 / 64)^B mathjs would make 63^B / 64^B, which overflows.
      others.push(part.includes("^") ? part : simplifyFormula(part));
    }
  }
  const line = slope === 0 ? [] : [`${slope} * ${symbol}`];
  const sum = [...others, ...line, ...(start === 0 && others.length + line.length > 0 ? [] : [String(start)])];
  return sum.join(" + ").replaceAll("+ -", "- ");
}

function isLine(at: (x: number) => number, value: number, intercept: number, rise: number): boolean {
  return [value + 2, value + 64, 2 * value + 1].every(
    (x) => Math.abs(at(x) - (intercept + rise * x)) <= 1e-9 * Math.abs(at(x)),
  );
}
