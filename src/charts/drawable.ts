/** What a chart refuses to draw. */
import { InvalidInput } from "../quantity/invalid-input.ts";

/** @throws InvalidInput unless the value is finite and above zero, as a logarithmic axis needs */
export function requirePositive(field: string, value: number): void {
  if (!(Number.isFinite(value) && value > 0)) throw new InvalidInput(field, String(value), "a number above 0");
}

/** @throws InvalidInput unless the value is finite and not below zero */
export function requireNotNegative(field: string, value: number): void {
  if (!(Number.isFinite(value) && value >= 0)) throw new InvalidInput(field, String(value), "a number of at least 0");
}
