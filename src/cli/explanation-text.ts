/** Explanations as text: formulas with the symbols they are written in, the numbers put in, and what they come to. */
import type {
  ExplainedFigure,
  ExplainedOperation,
  Figure,
  StepExplanation,
} from "../analysis/explain/explain-operations.ts";
import type { CountedTerm, MemoryRatio } from "../analysis/explain/memory-ratio.ts";
import type { SideDerivative, TimeDerivative } from "../analysis/explain/time-derivative.ts";
import { formatBytes, formatFlops, formatSeconds } from "../quantity/format-quantity.ts";
import { textTable } from "./text-table.ts";

const figureNames: Readonly<Record<Figure, string>> = {
  matmulFlops: "matmul FLOPs",
  otherFlops: "other FLOPs",
  weightBytes: "weight bytes",
  kvBytes: "K/V bytes",
  activationBytes: "activation bytes",
  linkBytes: "link bytes",
};

export function operationsText(operations: readonly ExplainedOperation[]): string {
  return operations.map(operationText).join("\n");
}

/** The sums over all operations, in the batch and in the context. */
export function totalsText(explanation: StepExplanation): string {
  const lines = explanation.totals.flatMap(({ figure, inBatch, inContext, total }) => [
    `  ${figureNames[figure]} ${exact(total)}`,
    `    in the batch    ${inBatch}`,
    `    in the context  ${inContext}`,
  ]);
  return ["totals", ...lines, ""].join("\n");
}

/** The three cases, each with its terms and where they come from. */
export function ratiosText(ratios: readonly MemoryRatio[]): string {
  const head =
    "One attention layer: b sequences, n tokens, d features, h heads, k = v = d / h, n <= d; memory in elements.\n";
  return [head, ...ratios.map(ratioText)].join("\n");
}

export function derivativeText(d: TimeDerivative): string {
  const moving = d.operations.filter((o) => o.right.value !== 0 || o.left.value !== 0);
  const table = textTable(
    [
      { title: "operation" },
      { title: "binds", align: "left" },
      { title: "seconds", align: "left" },
      { title: `d seconds / d ${d.symbol}`, align: "left" },
      { title: "value" },
    ],
    moving.flatMap((o) => {
      const line = (name: string, side: SideDerivative): string[] => [
        name,
        side.binds,
        side.seconds,
        side.formula,
        side.value.toExponential(4),
      ];
      return o.tie || o.jump
        ? [line(`${o.name} (right)`, o.right), line(`${o.name} (left)`, o.left)]
        : [line(o.name, o.right)];
    }),
  );
  const total =
    d.derivative === null
      ? `d seconds / d ${d.symbol} = ${d.right.toExponential(6)} to the right and ${d.left.toExponential(6)} to the left: ${d.operations.some((o) => o.jump) ? "the time jumps here, where a chunk begins" : "two sides tie here"}`
      : `d seconds / d ${d.symbol} = ${d.derivative.toExponential(6)} s; 1 % more changes the time by ${(d.elasticity ?? 0).toFixed(4)} %`;
  return [
    `${d.symbol}: ${d.meaning}; here ${d.at}; the step takes ${formatSeconds(d.seconds)} (roofline${d.memoryLevel === "memory" ? "" : `, all its bytes from ${d.memoryLevel}`})`,
    "",
    moving.length === 0 ? "no operation's binding side depends on it" : table.trimEnd(),
    "",
    total,
    "",
  ].join("\n");
}

function operationText(operation: ExplainedOperation): string {
  const symbols = operation.symbols.map(({ symbol, meaning, value }) => `    ${symbol.padEnd(4)}${value}  ${meaning}`);
  return [
    `${operation.name}, ${operation.count === 1 ? "once" : `${operation.count} times`} (${operation.source})`,
    ...symbols,
    ...operation.figures.flatMap((figure) => figureLines(figure, operation.count)),
    "",
  ].join("\n");
}

function figureLines(figure: ExplainedFigure, count: number): string[] {
  const sum = count === 1 ? "" : `; all ${count}: ${amount(figure.figure, figure.total)}`;
  return [
    `  ${figureNames[figure.figure]} = ${figure.formula}`,
    ...(figure.simplified === figure.formula ? [] : [`    simplified: ${figure.simplified}`]),
    `    = ${figure.withNumbers}`,
    `    = ${exact(figure.value)}${sum}`,
  ];
}

function amount(figure: Figure, value: number): string {
  return figure.endsWith("Flops") ? formatFlops(value) : formatBytes(value);
}

function ratioText(ratio: MemoryRatio): string {
  const from = (term: CountedTerm): string => `    ${term.text.padEnd(20)} ${term.from.join(", ")}`;
  return [
    ratio.name,
    `  arithmetic (FLOPs): ${ratio.arithmetic.map((term) => term.text).join(" + ")}; ${ratio.leading} leads`,
    "  memory access (elements):",
    ...ratio.memory.map(from),
    `  ratio, each over ${ratio.leading}: ${ratio.ratio.map((term) => term.text).join(" + ")}`,
    ...ratio.ratio.flatMap((term) =>
      term.boundedBy === null ? [] : [`    ${term.powers} is bounded by ${term.boundedBy} and dropped`],
    ),
    `  counted: ${ratio.form}; paper: ${ratio.paper}; ${verdict(ratio)}`,
    `  ${ratio.note}`,
    "",
  ].join("\n");
}

function verdict(ratio: MemoryRatio): string {
  if (!ratio.matches) return "they differ";
  return ratio.paper.startsWith("O") ? "within the paper's bound" : "the same form";
}

/** In full, with commas; fractions of a byte to two digits. */
function exact(value: number): string {
  const digits = Number.isInteger(value) ? String(value) : value.toFixed(2);
  return digits.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ",");
}
