/** How many devices a node holds: a plain number, as a profile prints it ("8", "72"). */
import { InvalidInput } from "../quantity/invalid-input.ts";

/**
 * The number in a figure such as "8".
 * @throws InvalidInput naming `field` for anything but a whole number of 1 to 100,000
 * @example parseNodeDevices("72", "node.devices.value") is 72
 */
export function parseNodeDevices(text: string, field: string): number {
  const number = Number(/^[1-9]\d{0,5}$/.exec(text)?.[0]);
  if (number <= 100_000) return number;
  throw new InvalidInput(field, text, 'wants a number of devices such as "8"');
}
