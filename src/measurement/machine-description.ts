/** What stands beside measurements: the machine and the software that they were taken with. */

export interface CacheDescription {
  readonly level: number;
  readonly type: "data" | "instruction" | "unified";
  /** Of one instance. */
  readonly bytes: number;
  /** Hardware threads that share an instance. */
  readonly sharedBy: number;
  /** How many there are; null where the system does not say. */
  readonly instances: number | null;
}

export interface MachineDescription {
  /** Short and without spaces, made of the processor's name and its cores: the gpu column of tables. */
  readonly label: string;
  readonly processor: string;
  readonly architecture: string;
  /** Hardware threads. */
  readonly cores: number;
  /** Those that this process may use. */
  readonly usableThreads: number;
  /** Innermost first; empty where the system does not say. */
  readonly caches: readonly CacheDescription[];
  /** What this process may use: less than the machine has where a container sets a limit. */
  readonly memoryBytes: number;
  readonly operatingSystem: string;
  readonly node: string;
  readonly v8: string;
  /** Of Ridgepoint; null where the caller does not say. */
  readonly version: string | null;
  /** Of a GPU backend; null without one. */
  readonly adapter: string | null;
  /** The day, as 2026-11-25. */
  readonly date: string;
}

/**
 * A machine's name for tables and folders.
 * @example machineLabel("AMD EPYC 9R14 (TM) CPU @ 2.60GHz", 2) is "amd-epyc-9r14-2-threads"
 */
export function machineLabel(processor: string, cores: number): string {
  const name = processor
    .toLowerCase()
    .replace(/\((r|tm|c)\)/g, "")
    .replace(/@.*$/, "")
    .replace(/\b(cpu|processor|\d+-core|with radeon.*)\b/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
  return `${name === "" ? "machine" : name}-${cores}-thread${cores === 1 ? "" : "s"}`;
}

/** Bytes of all instances of the outermost data cache; null where the system does not say. */
export function lastCacheBytes(machine: Pick<MachineDescription, "caches">): number | null {
  const holding = machine.caches.filter((cache) => cache.type !== "instruction");
  const last = holding.reduce<CacheDescription | null>(
    (outermost, cache) => (outermost === null || cache.level > outermost.level ? cache : outermost),
    null,
  );
  return last === null ? null : last.bytes * (last.instances ?? 1);
}
