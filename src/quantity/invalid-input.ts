/**
 * The one error for bad input: names the field, what it got and what it wants.
 * @example new InvalidInput("kvHeads", 12, "must divide heads 32").message is "invalid kvHeads: 12 (must divide heads 32)"
 */
export class InvalidInput extends Error {
  readonly code = "INVALID_INPUT" as const;
  readonly field: string;
  readonly value: unknown;

  constructor(field: string, value: unknown, wants: string) {
    super(`invalid ${field}: ${printed(value)} (${wants})`);
    this.name = "InvalidInput";
    this.field = field;
    this.value = value;
  }
}

/** The value as one short line: strings bare, all else as JSON, cut at 60 characters. */
function printed(value: unknown): string {
  const text =
    typeof value === "string" || typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  const line = text.replace(/\s+/g, " ").trim();
  if (line === "") return "nothing";
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
