/**
 * The ratio of memory access to arithmetic of Shazeer 2019, derived from the counts of one attention layer: its operations'
 * formulas in elements, summed over the calls, expanded term by term, each term over the leading arithmetic; then constants
 * and terms that another one bounds are dropped, and what is left has the paper's form.
 * Source: Shazeer 2019, sections 2.3, 2.4.1 and 3.1, under its assumptions k = v = d / h and n ≤ d.
 */
import { attentionLayer, type LayerSetting } from "./attention-layer.ts";
import {
  add,
  expand,
  inverse,
  keyOf,
  monomial,
  multiplyTerms,
  type Polynomial,
  powersText,
  sumOver,
  type Term,
  termText,
} from "./polynomial.ts";

export interface CountedTerm {
  /** Such as "1/2 b n d". */
  readonly text: string;
  readonly coefficient: number;
  readonly exponents: Readonly<Record<string, number>>;
  /** What it comes from: "attention: K/V", "output projection: weights". */
  readonly from: readonly string[];
}

export interface RatioTerm {
  readonly text: string;
  readonly coefficient: number;
  /** The product of powers without its coefficient. */
  readonly powers: string;
  /** The term of the ratio that bounds it; null where it stays. */
  readonly boundedBy: string | null;
}

export interface MemoryRatio {
  readonly name: string;
  readonly setting: LayerSetting;
  readonly arithmetic: readonly CountedTerm[];
  /** The term that bounds all others of the arithmetic. */
  readonly leading: string;
  readonly memory: readonly CountedTerm[];
  readonly ratio: readonly RatioTerm[];
  /** What is left of the ratio. */
  readonly form: string;
  readonly paper: string;
  /** The same terms as the paper's Θ, or terms that the paper's O bounds. */
  readonly matches: boolean;
  readonly note: string;
}

interface PaperCase {
  readonly name: string;
  readonly setting: LayerSetting;
  readonly symbol: "Θ" | "O";
  readonly paper: string;
  readonly terms: readonly Term[];
  readonly note: string;
}

const cases: readonly PaperCase[] = [
  {
    name: "multi-head, batched (training, prefill)",
    setting: { multiQuery: false, incremental: false, materialized: true },
    symbol: "O",
    paper: "O(1/k + 1/(b n))",
    terms: [monomial(1, { h: 1, d: -1 }), monomial(1, { b: -1, n: -1 })],
    note: "1/k is h / d; it bounds 1 / d since h >= 1, and h n / d^2 since n <= d. Without materialised logits (a fused kernel) h n / d^2 is gone.",
  },
  {
    name: "multi-head, incremental, over n calls",
    setting: { multiQuery: false, incremental: true, materialized: false },
    symbol: "Θ",
    paper: "Θ(n/d + 1/b)",
    terms: [monomial(1, { n: 1, d: -1 }), monomial(1, { b: -1 })],
    note: "the activations' b n d, which the paper leaves out here, come to 1 / d, and n / d bounds them.",
  },
  {
    name: "multi-query, incremental, over n calls",
    setting: { multiQuery: true, incremental: true, materialized: false },
    symbol: "Θ",
    paper: "Θ(1/d + n/(d h) + 1/b)",
    terms: [monomial(1, { d: -1 }), monomial(1, { n: 1, d: -1, h: -1 }), monomial(1, { b: -1 })],
    note: "here the activations' b n d stay: nothing else bounds their 1 / d. Logits written to memory would add 2 b h n^2, which the paper leaves out.",
  },
];

/** The three cases of the paper, each derived from the counts. */
export function memoryRatios(): MemoryRatio[] {
  return cases.map(derived);
}

/** Arithmetic (all FLOPs) and memory access (elements) of a layer over all its calls, as polynomials in b, n, d and h. */
export function layerPolynomials(setting: LayerSetting): { readonly arithmetic: Parts; readonly memory: Parts } {
  const figures = {
    arithmetic: [
      ["matmulFlops", "products"],
      ["otherFlops", "softmax"],
    ],
    memory: [
      ["weightBytes", "weights"],
      ["kvBytes", "K/V"],
      ["activationBytes", "activations"],
    ],
  } as const;
  const partsOf = (names: (typeof figures)["arithmetic" | "memory"]): Parts =>
    attentionLayer(setting).flatMap((operation) =>
      names.flatMap(([figure, name]) => {
        const formula = operation.formulas[figure];
        if (formula === undefined) return [];
        const call = expand(formula, operation.symbols);
        const polynomial = setting.incremental ? sumOver(call, "s", "n") : call;
        return [{ from: `${operation.name}: ${name}`, polynomial }];
      }),
    );
  return { arithmetic: partsOf(figures.arithmetic), memory: partsOf(figures.memory) };
}

export type Parts = readonly { readonly from: string; readonly polynomial: Polynomial }[];

function derived(paper: PaperCase): MemoryRatio {
  const { arithmetic, memory } = layerPolynomials(paper.setting);
  const work = add(...arithmetic.map((part) => part.polynomial));
  const access = add(...memory.map((part) => part.polynomial));
  const leading = work.find((term) => work.every((other) => bounds(term, other)));
  if (leading === undefined) throw new RangeError("no term of the arithmetic bounds all others");
  const quotients = access.map((term) => multiplyTerms(term, inverse(leading)));
  const kept = quotients.filter(
    (term, i) => !quotients.some((other, j) => i !== j && bounds(other, term) && (!bounds(term, other) || j < i)),
  );
  // In the paper's order where it has them.
  const keys = paper.terms.map((term) => keyOf(term.exponents));
  const place = (term: Term): number => keys.indexOf(keyOf(term.exponents));
  kept.sort((one, other) => place(one) - place(other));
  const same = kept.length === keys.length && kept.every((term) => place(term) >= 0);
  const bounded = kept.every((term) => paper.terms.some((each) => bounds(each, term)));
  return {
    name: paper.name,
    setting: paper.setting,
    arithmetic: countedTerms(arithmetic, work),
    leading: termText(leading),
    memory: countedTerms(memory, access),
    ratio: quotients.map((term) => ({
      text: termText(term),
      coefficient: term.coefficient,
      powers: powersText(term.exponents),
      boundedBy: kept.includes(term) ? null : powersText(kept.find((other) => bounds(other, term))!.exponents),
    })),
    form: `Θ(${kept.map((term) => powersText(term.exponents)).join(" + ")})`,
    paper: paper.paper,
    matches: paper.symbol === "Θ" ? same : bounded,
    note: paper.note,
  };
}

/**
 * Whether one product of powers bounds another, constants aside, wherever b, n and h are at least 1, n ≤ d and h ≤ d. In
 * logarithms that is a cone, and a product is bounded in it where it is along each of the cone's edges.
 */
export function bounds(one: Term, other: Term): boolean {
  const quotient = multiplyTerms(other, inverse(one)).exponents;
  const power = (symbol: string): number => quotient.get(symbol) ?? 0;
  const [b, n, d, h] = [power("b"), power("n"), power("d"), power("h")];
  return [b, d, n + d, h + d, n + h + d].every((along) => along <= 0);
}

function countedTerms(parts: Parts, sum: Polynomial): CountedTerm[] {
  return sum.map((term) => ({
    text: termText(term),
    coefficient: term.coefficient,
    exponents: Object.fromEntries(term.exponents),
    from: parts
      .filter((part) => part.polynomial.some((each) => keyOf(each.exponents) === keyOf(term.exponents)))
      .map((part) => part.from),
  }));
}
