/** A small grid for tests of sweeps, and its rows as objects. */
import type { SweepBlock, SweepCell } from "../../src/analysis/sweep-block.ts";
import { sweepColumns, sweepNumberColumns, sweepTextColumns } from "../../src/analysis/sweep-columns.ts";
import type { SweepGrid } from "../../src/analysis/sweep-grid.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import { defaultStepOptions } from "../../src/step/step-options.ts";
import { rooflineChoice } from "../../src/timing/choose-timing.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

export function smallGrid(changes: Partial<SweepGrid> = {}): SweepGrid {
  const bf16 = parseNumberFormat("bf16");
  return {
    models: [modelProfile("llama-2-7b")],
    attentions: ["as-is"],
    hardware: [hardwareProfile("h100-sxm")],
    phases: ["decode"],
    weights: [null],
    kvCaches: [bf16],
    activations: [bf16],
    tensorParallel: [1],
    pipelineParallel: [1],
    expertParallel: [1],
    queryTokens: [null],
    batches: [1],
    contexts: [2048],
    step: defaultStepOptions,
    sameParameters: false,
    window: null,
    beams: 1,
    sourceContext: null,
    memoryShare: 1,
    timing: rooflineChoice,
    ...changes,
  };
}

export type SweepRow = Readonly<Record<string, SweepCell>>;

/** The rows of a block by the columns' names, read cell by cell. */
export function rowsOf(block: SweepBlock): SweepRow[] {
  return Array.from({ length: block.rows }, (_, row) =>
    Object.fromEntries(
      sweepColumns.map(({ name, kind, slot }): [string, SweepCell] => {
        if (kind === "text") {
          const code = block.codes[row * sweepTextColumns + slot] ?? -1;
          return [name, block.words[code] ?? null];
        }
        const value = block.numbers[row * sweepNumberColumns + slot] ?? Number.NaN;
        return [name, Number.isNaN(value) ? null : kind === "flag" ? value === 1 : value];
      }),
    ),
  );
}

/** CSV text without quoted cells as rows of the same kind. */
export function rowsOfCsv(text: string): SweepRow[] {
  const [header = "", ...lines] = text.trimEnd().split("\n");
  const names = header.split(",");
  const kinds = new Map(sweepColumns.map(({ name, kind }) => [name, kind]));
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(
      names.map((name, i): [string, SweepCell] => {
        const cell = cells[i] ?? "";
        if (cell === "") return [name, null];
        const kind = kinds.get(name);
        return [name, kind === "text" ? cell : kind === "flag" ? cell === "true" : Number(cell)];
      }),
    );
  });
}
