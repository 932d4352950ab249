/** On how many devices a model would fit that does not fit on those asked for: tried by powers of two, not guessed. */
import { InvalidInput } from "../quantity/invalid-input.ts";
import { type MemoryFitQuestion, type MemoryFitRow, memoryFit } from "./memory-fit.ts";

const counts = [2, 4, 8, 16, 32, 64];

/**
 * The question's first row that fits on the fewest devices, in whatever layout; null where none does on 64.
 * @example Llama-3.1-70B in bf16 on H100s, which vLLM keeps some of: 4 devices, TP 4
 */
export function fewestDevices(question: MemoryFitQuestion): MemoryFitRow | null {
  for (const devices of counts) {
    const limits = { ...question.limits, devices, tensor: null, pipeline: null, expert: null };
    const fitting = rowsOf({ ...question, limits }).find((row) => row.fits);
    if (fitting !== undefined) return fitting;
  }
  return null;
}

/** None where the model can't be split over so many. */
function rowsOf(question: MemoryFitQuestion): readonly MemoryFitRow[] {
  try {
    return memoryFit(question);
  } catch (error) {
    if (error instanceof InvalidInput) return [];
    throw error;
  }
}
