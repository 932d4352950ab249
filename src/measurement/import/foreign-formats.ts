/** Every foreign format by its name, and the one that a file is of. */
import { InvalidInput } from "../../quantity/invalid-input.ts";
import { nearestName } from "../../quantity/nearest-name.ts";
import { aiconfigurator } from "./aiconfigurator.ts";
import { engineResults } from "./engine-results.ts";
import { type ForeignFile, isTable } from "./foreign-file.ts";
import type { ForeignFormat } from "./foreign-format.ts";
import { llamaBench } from "./llama-bench.ts";
import { vllmBench } from "./vllm-bench.ts";

export const foreignFormats: readonly ForeignFormat[] = [aiconfigurator, engineResults, llamaBench, vllmBench];

/** @throws InvalidInput with the nearest name for one that is not known */
export function foreignFormat(id: string): ForeignFormat {
  const found = foreignFormats.find((format) => format.id === id);
  if (found !== undefined) return found;
  const ids = foreignFormats.map((format) => format.id);
  const nearest = nearestName(id, ids);
  throw new InvalidInput("format", id, nearest === null ? `wants ${ids.join(", ")}` : `did you mean ${nearest}?`);
}

/** The format that a file is of by its columns or fields; null for none. */
export function formatOfFile(file: ForeignFile): ForeignFormat | null {
  return foreignFormats.find((format) => format.accepts(file)) ?? null;
}

/** The error of a file that is not of the format asked for. */
export function notOfFormat(file: ForeignFile, format: ForeignFormat): InvalidInput {
  const holds = isTable(file) ? `has the columns ${file.columns.join(", ")}` : "is JSON without the fields";
  const other = formatOfFile(file);
  const hint = other === null ? "" : `; it looks like ${other.id}`;
  return new InvalidInput("table", file.name, `${holds}; ${format.id} wants ${format.wants}${hint}`);
}
