/**
 * Sums of products of powers, expanded term by term: coefficient × b^i n^j d^k … with whole exponents, negative ones too.
 * mathjs simplifies products but leaves sums under a quotient as they are, so the expansion walks its parsed formulas here.
 */
import { isConstant, isOperator, isParenthesis, isSymbol, type MathNode, parseFormula } from "./algebra.ts";

/** A product of powers; symbols whose exponent is 0 are left out. */
export type Exponents = ReadonlyMap<string, number>;

export interface Term {
  readonly coefficient: number;
  readonly exponents: Exponents;
}

/** Terms with different exponents. */
export type Polynomial = readonly Term[];

export function constant(value: number): Polynomial {
  return value === 0 ? [] : [{ coefficient: value, exponents: new Map() }];
}

export function monomial(coefficient: number, exponents: Readonly<Record<string, number>>): Term {
  return { coefficient, exponents: new Map(Object.entries(exponents).filter(([, power]) => power !== 0)) };
}

/** Terms of the same exponents made one, those that cancel left out; in the order in which they first appear. */
export function add(...polynomials: readonly Polynomial[]): Polynomial {
  const sums = new Map<string, Term>();
  for (const term of polynomials.flat()) {
    const key = keyOf(term.exponents);
    const before = sums.get(key)?.coefficient ?? 0;
    sums.set(key, { ...term, coefficient: before + term.coefficient });
  }
  return [...sums.values()].filter((term) => term.coefficient !== 0);
}

export function multiply(one: Polynomial, other: Polynomial): Polynomial {
  return add(one.flatMap((a) => other.map((b) => multiplyTerms(a, b))));
}

export function multiplyTerms(a: Term, b: Term): Term {
  const exponents = new Map(a.exponents);
  for (const [symbol, power] of b.exponents) {
    const sum = (exponents.get(symbol) ?? 0) + power;
    if (sum === 0) exponents.delete(symbol);
    else exponents.set(symbol, sum);
  }
  return { coefficient: a.coefficient * b.coefficient, exponents };
}

/** One over a term. */
export function inverse(term: Term): Term {
  return {
    coefficient: 1 / term.coefficient,
    exponents: new Map([...term.exponents].map(([symbol, power]) => [symbol, -power])),
  };
}

/**
 * A formula of + − * / and ^ expanded, with polynomials put in for its symbols.
 * @throws RangeError for anything else: a function, a sum under a quotient, a power that is not a small whole number
 * @example expand("T * (k + n)", { T: b n, k: d, n: 3 d }) is 4 b n d
 */
export function expand(formula: string, values: Readonly<Record<string, Polynomial>>): Polynomial {
  const walk = (node: MathNode): Polynomial => {
    if (isParenthesis(node)) return walk(node.content);
    if (isConstant(node)) return constant(Number(node.value));
    if (isSymbol(node)) {
      const value = values[node.name];
      if (value === undefined) throw new RangeError(`no value for ${node.name} in ${formula}`);
      return value;
    }
    if (!isOperator(node)) throw new RangeError(`cannot expand ${node.toString()}`);
    const [first, second] = node.args.map(walk);
    if (second === undefined) return multiply(constant(-1), first!);
    if (node.op === "+") return add(first!, second);
    if (node.op === "-") return add(first!, multiply(constant(-1), second));
    if (node.op === "*") return multiply(first!, second);
    if (node.op !== "/" || second.length !== 1) throw new RangeError(`cannot expand ${node.toString()}`);
    return multiply(first!, [inverse(second[0]!)]);
  };
  return walk(parseFormula(formula));
}

/**
 * The sum of a polynomial over s = 1 … n, as a polynomial in n.
 * @throws RangeError for powers of s outside 0 to 2
 * @example Σ s = n² / 2 + n / 2
 */
export function sumOver(polynomial: Polynomial, s: string, n: string): Polynomial {
  const sums: readonly Polynomial[] = [
    [monomial(1, { [n]: 1 })],
    [monomial(1 / 2, { [n]: 2 }), monomial(1 / 2, { [n]: 1 })],
    [monomial(1 / 3, { [n]: 3 }), monomial(1 / 2, { [n]: 2 }), monomial(1 / 6, { [n]: 1 })],
  ];
  return add(
    ...polynomial.map((term) => {
      const sum = sums[term.exponents.get(s) ?? 0];
      if (sum === undefined) throw new RangeError(`no sum for ${termText(term)}`);
      const rest = new Map([...term.exponents].filter(([symbol]) => symbol !== s));
      return multiply([{ ...term, exponents: rest }], sum);
    }),
  );
}

/** Its value with numbers put in. */
export function evaluate(polynomial: Polynomial, scope: Readonly<Record<string, number>>): number {
  return polynomial.reduce((sum, term) => {
    let product = term.coefficient;
    for (const [symbol, power] of term.exponents) product *= scope[symbol]! ** power;
    return sum + product;
  }, 0);
}

/** The product of powers alone. @example powersText(n d^-1 h^-1) is "n / (d h)", of n² b it is "n^2 b" */
export function powersText(exponents: Exponents): string {
  const product = (sign: 1 | -1): string[] =>
    [...exponents].sort(inOrder).flatMap(([symbol, power]) => {
      const size = power * sign;
      return size <= 0 ? [] : [size === 1 ? symbol : `${symbol}^${size}`];
    });
  const [over, under] = [product(1).join(" ") || "1", product(-1)];
  if (under.length === 0) return over;
  return `${over} / ${under.length === 1 ? under[0] : `(${under.join(" ")})`}`;
}

/** As papers write them: batch and length first, then dimensions. */
const usualOrder = "BbSsnkdh";

function inOrder([one]: readonly [string, number], [other]: readonly [string, number]): number {
  return usualOrder.indexOf(one) - usualOrder.indexOf(other);
}

/** @example termText of 0.5 b n is "1/2 b n", of n d^-1 / 8 it is "n / (8 d)" */
export function termText(term: Term): string {
  const under = [...term.exponents.values()].some((power) => power < 0);
  const [numerator = "1", denominator] = fractionText(term.coefficient).split("/");
  if (!under) {
    const powers = powersText(term.exponents);
    const number = fractionText(term.coefficient);
    if (powers === "1") return number;
    return number === "1" ? powers : `${number} ${powers}`;
  }
  const [over = "1", below = ""] = powersText(term.exponents).split(" / ");
  const top = numerator === "1" ? over : over === "1" ? numerator : `${numerator} ${over}`;
  if (denominator === undefined) return `${top} / ${below}`;
  return `${top} / (${denominator} ${below.replace(/[()]/g, "")})`;
}

/** A number as a fraction of small denominator where it is one. */
export function fractionText(value: number): string {
  for (let denominator = 1; denominator <= 64; denominator++) {
    const numerator = value * denominator;
    if (Math.abs(numerator - Math.round(numerator)) < 1e-9) {
      return denominator === 1 ? String(Math.round(numerator)) : `${Math.round(numerator)}/${denominator}`;
    }
  }
  return String(value);
}

export function keyOf(exponents: Exponents): string {
  return [...exponents]
    .map(([symbol, power]) => `${symbol}^${power}`)
    .sort()
    .join(" ");
}
