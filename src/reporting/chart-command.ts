/** A chart as the command that draws it: the report prints the command, and draws by it. */

export interface ChartCommand {
  /** The command and its arguments, such as ["chart", "time-by-context"]. */
  readonly words: readonly string[];
  /** Options by their long names without dashes, such as { "tensor-parallel": "8" }. */
  readonly options: Readonly<Record<string, string>>;
}

/** Commands that print figures, and draw where --chart says. */
const withChartOption: ReadonlySet<string> = new Set(["generate", "sensitivity", "plan", "simulate", "fit"]);

/**
 * The line that a person types; values that a shell would expand are quoted.
 * @example { words: ["roofline"], options: { batch: "1..64*4" } } to a.svg: "ridgepoint roofline --batch '1..64*4' --out a.svg"
 */
export function commandLine(command: ChartCommand, out: string): string {
  const option = withChartOption.has(command.words[0] ?? "") ? "chart" : "out";
  const options = Object.entries({ ...command.options, [option]: out });
  const flags = options.map(([name, value]) => `--${name} ${/[*?'"\s]/.test(value) ? `'${value}'` : value}`);
  return ["ridgepoint", ...command.words, ...flags].join(" ");
}

/** The options under the names that the program's parser gives them: tensorParallel for --tensor-parallel. */
export function parsedOptions(command: ChartCommand): Record<string, string> {
  return Object.fromEntries(
    Object.entries(command.options).map(([name, value]) => [
      name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}
