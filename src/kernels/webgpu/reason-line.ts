/** What a driver or an engine says, on one line. */

export function oneLine(message: string): string {
  return message.replace(/\s+/g, " ").trim();
}

/** The message of whatever was thrown. */
export function reasonLine(thrown: unknown): string {
  return oneLine(thrown instanceof Error ? thrown.message : String(thrown));
}
