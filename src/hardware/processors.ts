/**
 * How many processors a device has that each run blocks of a kernel by themselves: streaming multiprocessors (SMs),
 * compute units (CUs) or, of Apple's and Intel's, GPU cores. A kernel of fewer blocks leaves some of them idle, and one of
 * slightly more blocks than processors takes two waves.
 */
import { InvalidInput } from "../quantity/invalid-input.ts";

/**
 * The number in a figure such as "132 SMs".
 * @throws InvalidInput naming `field` for anything but a whole number of 1 to 100,000 and one of the three words
 * @example parseProcessors("304 CUs", "processors.value") is 304
 */
export function parseProcessors(text: string, field: string): number {
  const number = Number(/^([1-9]\d{0,5}) (?:SMs|CUs|cores)$/.exec(text)?.[1]);
  if (number <= 100_000) return number;
  throw new InvalidInput(field, text, 'wants a number of processors such as "132 SMs", "304 CUs" or "40 cores"');
}
