import { escapeUnprintable } from "./printable-text.ts";

/**
 * The one error for bad input: names the field, what it got and what it wants.
 * @example new InvalidInput("kvHeads", 12, "must divide heads 32").message is "invalid kvHeads: 12 (must divide heads 32)"
 */
export class InvalidInput extends Error {
  readonly code = "INVALID_INPUT" as const;
  readonly field: string;
  readonly value: unknown;

  /** @param shown the value as the message prints it; quoted(value) where a text stands in a number's place */
  constructor(field: string, value: unknown, wants: string, shown: string = printed(value)) {
    super(escapeUnprintable(`invalid ${field}: ${shown} (${wants})`));
    this.name = "InvalidInput";
    this.field = field;
    this.value = value;
  }
}

/** The value for a message about its type: strings in quotes, so that "32" is told from 32. */
export function quoted(value: unknown): string {
  return typeof value === "string" ? short(JSON.stringify(value)) : printed(value);
}

/** The value as one short line: strings bare, numbers that are not finite in words, all else as JSON. */
function printed(value: unknown): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    return Number.isNaN(value) ? "not a number" : `a number too ${value > 0 ? "large" : "far below 0"}`;
  }
  const text =
    typeof value === "string" || typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return short(text) || "nothing";
}

/** Made printable before it is cut at 60 characters, so that no escape is cut in two. */
function short(text: string): string {
  const line = escapeUnprintable(text.replace(/\s+/g, " ").trim());
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
