/**
 * Which machine a label of a table means, however its maker spells it: "NVIDIA H100 80GB HBM3", "h100_sxm", "A100 (PCIe)",
 * "Apple M1 Pro 14-core GPU". Words that name the maker or the packaging are dropped; all others must be a profile's own.
 */
import type { Hardware } from "../hardware/hardware.ts";

export interface MachineNames {
  readonly machine: Hardware;
  /** Its aliases; id and name are taken from the machine. */
  readonly aliases: readonly string[];
}

export type MachineOfLabel = (label: string) => Hardware | null;

const filler: ReadonlySet<string> = new Set([
  ...["nvidia", "amd", "intel", "apple", "geforce", "tesla", "instinct", "radeon", "graphics", "gpu", "gpus", "core"],
  ...["cores", "oam", "hbm2", "hbm2e", "hbm3", "hbm3e", "gddr6", "gddr6x", "gddr7", "tensor", "accelerator", "chip"],
]);

/** @example the lookup over the built-in profiles gives h100-sxm for "NVIDIA-H100-80GB-HBM3", and null for "RTX 3090 Ti" */
export function machineLookup(profiles: Iterable<MachineNames>): MachineOfLabel {
  const byWords = new Map<string, Hardware>();
  const add = (words: readonly string[], machine: Hardware): void => {
    const key = keyOf(words);
    if (key !== "" && !byWords.has(key)) byWords.set(key, machine);
  };
  const all = [...profiles].map(({ machine, aliases }) => ({
    machine,
    names: [machine.id, ...aliases, machine.name].map(wordsOf),
  }));
  for (const { machine, names } of all) for (const words of names) add(words, machine);
  // With the memory's size beside a name that has none; a name as it stands comes first.
  for (const { machine, names } of all) {
    const memory = `${Math.round(machine.memoryCapacityBytes / 1e9)}gb`;
    for (const words of names) if (!words.some(isMemory)) add([...words, memory], machine);
  }
  return (label) => {
    const words = wordsOf(label);
    const found = byWords.get(keyOf(words));
    if (found !== undefined) return found;
    // Chips with memory of their own are sold with several sizes of it.
    const bare = byWords.get(keyOf(words.filter((word) => !isMemory(word))));
    return bare?.kind === "soc" ? bare : null;
  };
}

function wordsOf(label: string): string[] {
  const plain = label
    .toLowerCase()
    .normalize("NFKC")
    // A remark in brackets of more than one word is none of the name.
    .replace(/[([][^)\]]*[\s,][^)\]]*[)\]]/g, " ")
    .replace(/\b(\d+)\s*(gib|gb|g)\b/g, "$1gb")
    .replace(/\bsxm\d\b/g, "sxm")
    .replace(/\b\d+[-‐‑ ]?core\b/g, " ")
    .replace(/\b\d+\s?w\b/g, " ");
  return plain.split(/[^a-z0-9+]+/).filter((word) => word !== "" && !filler.has(word));
}

function isMemory(word: string): boolean {
  return /^\d+gb$/.test(word);
}

/** Words in any order, each once. */
function keyOf(words: readonly string[]): string {
  return [...new Set(words)].sort().join(" ");
}
