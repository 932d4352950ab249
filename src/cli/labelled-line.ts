/** A label and what it says, on as many lines as the terminal's width takes: broken between parts, never inside one. */

/**
 * @param parts in their order; each but the last ends with its own comma or semicolon
 * @param labelColumns that the label and what stands below it are filled up to
 * @example labelledLine("  times", ["TTFT 45 ms,", "TPOT 30 ms"], 9, 20) is "  times  TTFT 45 ms,\n         TPOT 30 ms\n"
 */
export function labelledLine(
  label: string,
  parts: readonly string[],
  labelColumns: number,
  widthColumns: number,
): string {
  const lines: string[] = [];
  let line = label.padEnd(labelColumns);
  let isEmpty = true;
  for (const part of parts) {
    const longer = isEmpty ? line + part : `${line} ${part}`;
    if (!isEmpty && longer.length > widthColumns) {
      lines.push(line);
      line = " ".repeat(labelColumns) + part;
    } else line = longer;
    isEmpty = false;
  }
  return `${[...lines, line].map((each) => each.trimEnd()).join("\n")}\n`;
}

/** Parts with a separator at the end of all but the last. */
export function separated(parts: readonly string[], separator: "," | ";"): string[] {
  return parts.map((part, i) => (i === parts.length - 1 ? part : part + separator));
}
