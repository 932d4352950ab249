/** Times as people type them: "90", "90s", "2min", "500ms". */
import { InvalidInput } from "./invalid-input.ts";

const units: Readonly<Record<string, number>> = { ms: 1e-3, s: 1, min: 60, h: 3600 };

/** Seconds, above 0; a number without a unit is seconds. @throws InvalidInput naming the field */
export function parseDuration(field: string, text: unknown): number {
  const match = /^\s*(\d+\.?\d*|\.\d+)\s*([a-z]*)\s*$/.exec(String(text));
  const unit = units[match?.[2] || "s"];
  const seconds = match === null || unit === undefined ? 0 : Number(match[1]) * unit;
  if (seconds > 0 && Number.isFinite(seconds)) return seconds;
  throw new InvalidInput(field, text, 'wants a time such as "90s", "2min" or "500ms"');
}
