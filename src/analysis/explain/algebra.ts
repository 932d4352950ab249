/**
 * Formulas as mathjs reads, simplifies and differentiates them. The only file that makes mathjs: it is made with nothing but
 * arithmetic, so that no text can reach its import, its units or its parser, and no text of a user's ever gets here.
 */
import {
  addDependencies,
  create,
  derivativeDependencies,
  divideDependencies,
  type FactoryFunctionMap,
  floorDependencies,
  logDependencies,
  type MathNode,
  maxDependencies,
  minDependencies,
  multiplyDependencies,
  parseDependencies,
  powDependencies,
  simplifyDependencies,
  subtractDependencies,
  unaryMinusDependencies,
} from "mathjs";

export type { MathNode } from "mathjs";

/** Values by symbol. */
export type Scope = Readonly<Record<string, number>>;

// The types of mathjs let a part be absent; all of these are there.
const math = create({
  addDependencies,
  derivativeDependencies,
  divideDependencies,
  floorDependencies,
  logDependencies,
  maxDependencies,
  minDependencies,
  multiplyDependencies,
  parseDependencies,
  powDependencies,
  simplifyDependencies,
  subtractDependencies,
  unaryMinusDependencies,
} as FactoryFunctionMap);

export function parseFormula(formula: string): MathNode {
  return math.parse(formula);
}

/** The number that a formula comes to. */
export function evaluateFormula(formula: string | MathNode, scope: Scope): number {
  const node = typeof formula === "string" ? math.parse(formula) : formula;
  return node.compile().evaluate({ ...scope }) as number;
}

/** Simplified by mathjs's rules, as text. @example simplifyFormula("4 * B * (1 * S - 0) * D") is "4 * B * S * D" */
export function simplifyFormula(formula: string | MathNode): string {
  return formulaText(math.simplify(formula));
}

/** As text, numbers in full: 201088 and not 2.01088e+5. */
export function formulaText(formula: MathNode): string {
  return formula.toString({ notation: "fixed" });
}

/**
 * The derivative by one symbol, as mathjs makes it. The formula must hold no max, min or floor: mathjs refuses the first two,
 * and the third has to be resolved to a number before.
 */
export function differentiate(formula: MathNode, symbol: string): MathNode {
  return math.derivative(formula, symbol, { simplify: false });
}

/** The derivative simplified for reading. */
export function derivativeText(formula: MathNode, symbol: string): string {
  return formulaText(math.derivative(formula, symbol));
}

/** Formulas put in place of symbols, all at once. @example substitute("T * k", { T: "B * Q" }) reads "(B * Q) * k" */
export function substitute(
  formula: string | MathNode,
  replacements: Readonly<Record<string, string | number>>,
): MathNode {
  const nodes = new Map(Object.entries(replacements).map(([symbol, value]) => [symbol, math.parse(inBrackets(value))]));
  const node = typeof formula === "string" ? math.parse(formula) : formula;
  return node.transform((each) => (isSymbol(each) ? (nodes.get(each.name) ?? each) : each));
}

/** A call of a function, max and min among them. */
export function isCall(node: MathNode): node is MathNode & { fn: { name: string }; args: MathNode[] } {
  return node.type === "FunctionNode";
}

export function isSymbol(node: MathNode): node is MathNode & { name: string } {
  return node.type === "SymbolNode";
}

export function isConstant(node: MathNode): node is MathNode & { value: number } {
  return node.type === "ConstantNode";
}

export function isOperator(node: MathNode): node is MathNode & { op: string; args: MathNode[] } {
  return node.type === "OperatorNode";
}

export function isParenthesis(node: MathNode): node is MathNode & { content: MathNode } {
  return node.type === "ParenthesisNode";
}

function inBrackets(value: string | number): string {
  const text = String(value);
  return /^[\w.]+$/.test(text) ? text : `(${text})`;
}
