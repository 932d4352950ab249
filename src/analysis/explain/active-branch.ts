/**
 * A formula with its max, min and floor resolved at a point, so that it can be differentiated: of a max or min the argument
 * that binds stays, of a floor its value. At a tie the argument stays that binds on the side asked for.
 */
import { differentiate, evaluateFormula, isCall, type MathNode, parseFormula, type Scope } from "./algebra.ts";

/** Which one-sided derivative is wanted: the parameter a little larger, or a little smaller. */
export type Side = "right" | "left";

export interface Branch {
  readonly formula: MathNode;
  /** Whether the other side may have another branch. */
  readonly tie: boolean;
  /** Whether a floor jumps here, and the formula with it. */
  readonly jump: boolean;
}

/** Relative difference under which two sides count as equal: the rounding of a few products. */
const tieTolerance = 1e-12;

/**
 * @param symbol the parameter
 * @example min(S, w) at S 100, w 32 is w; at S 32 the right branch is w and the left is S
 */
export function activeBranch(formula: MathNode, symbol: string, scope: Scope, side: Side): Branch {
  let tie = false;
  let jump = false;
  const resolve = (node: MathNode): MathNode => {
    if (!isCall(node)) return node.map(resolve);
    const args = node.args.map(resolve);
    if (node.fn.name === "floor") {
      const resolved = resolvedFloor(args[0]!, symbol, scope, side);
      jump ||= resolved.jump;
      return resolved.formula;
    }
    if (node.fn.name !== "max" && node.fn.name !== "min") return node.map(resolve);
    const chosen = chooseBranch(args, symbol, scope, side, node.fn.name);
    tie ||= chosen.tie;
    return args[chosen.index]!;
  };
  const resolved = resolve(formula);
  return { formula: resolved, tie, jump };
}

/** Which of several formulas, without max, min and floor, is the largest (or smallest) on one side of the point. */
export function chooseBranch(
  formulas: readonly MathNode[],
  symbol: string,
  scope: Scope,
  side: Side,
  of: "max" | "min",
): { readonly index: number; readonly tie: boolean } {
  const values = formulas.map((formula) => evaluateFormula(formula, scope));
  const extreme = of === "max" ? Math.max(...values) : Math.min(...values);
  const tied = values.flatMap((value, index) =>
    Math.abs(value - extreme) <= tieTolerance * Math.abs(extreme) ? [index] : [],
  );
  if (tied.length === 1) return { index: tied[0]!, tie: false };
  const slopes = tied.map((index) => evaluateFormula(differentiate(formulas[index]!, symbol), scope));
  // A larger parameter follows the steeper of a max's arguments and the flatter of a min's; a smaller one the other.
  const steepest = (of === "max") === (side === "right");
  const slope = steepest ? Math.max(...slopes) : Math.min(...slopes);
  return { index: tied[slopes.indexOf(slope)]!, tie: slopes.some((each) => each !== slope) };
}

/** A floor's value; where its argument is whole there, the one that it has on the side asked for. */
function resolvedFloor(
  argument: MathNode,
  symbol: string,
  scope: Scope,
  side: Side,
): { readonly formula: MathNode; readonly jump: boolean } {
  const value = evaluateFormula(argument, scope);
  const whole = Math.round(value);
  if (Math.abs(value - whole) > tieTolerance * Math.max(1, Math.abs(value))) {
    return { formula: parseFormula(String(Math.floor(value))), jump: false };
  }
  const slope = evaluateFormula(differentiate(argument, symbol), scope);
  const below = side === "right" ? slope < 0 : slope > 0;
  return { formula: parseFormula(String(below ? whole - 1 : whole)), jump: slope !== 0 };
}
