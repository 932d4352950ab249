/** Describes the machine that this process runs on, from what the operating system tells. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { arch, availableParallelism, cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type CacheDescription, type MachineDescription, machineLabel } from "../measurement/machine-description.ts";

export interface DescribeMachineOptions {
  /** Of Ridgepoint. */
  readonly version?: string;
  readonly adapter?: string | null;
  /** Where Linux describes processors. */
  readonly processorsFolder?: string;
  /** A value that macOS keeps under a name; rejects where there is none. */
  readonly systemControl?: (name: string) => Promise<string>;
}

/** Never fails: what the system does not tell is left out. */
export async function describeMachine(options: DescribeMachineOptions = {}): Promise<MachineDescription> {
  const processors = cpus();
  const processor = processors[0]?.model.trim() || "unknown processor";
  const limit = process.constrainedMemory();
  return {
    label: machineLabel(processor, processors.length),
    processor,
    architecture: arch(),
    cores: processors.length,
    usableThreads: availableParallelism(),
    caches: await cachesHere(options),
    // Where there is no limit it is 0, or far more than any machine has.
    memoryBytes: limit > 0 ? Math.min(limit, totalmem()) : totalmem(),
    operatingSystem: `${type()} ${release()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    version: options.version ?? null,
    adapter: options.adapter ?? null,
    date: new Date().toISOString().slice(0, 10),
  };
}

async function cachesHere(options: DescribeMachineOptions): Promise<CacheDescription[]> {
  const found = await linuxCaches(options.processorsFolder ?? "/sys/devices/system/cpu");
  return found.length > 0 ? found : await macCaches(options.systemControl ?? systemControl);
}

/** Each cache stands there once for every processor that uses it, with the list of those that share it. */
async function linuxCaches(folder: string): Promise<CacheDescription[]> {
  const instances = new Map<string, CacheDescription>();
  for (const processor of await entriesOf(folder, /^cpu\d+$/)) {
    for (const index of await entriesOf(join(folder, processor, "cache"), /^index\d+$/)) {
      const field = (name: string): Promise<string> => textOf(join(folder, processor, "cache", index, name));
      const level = Number(await field("level"));
      const kind = (await field("type")).toLowerCase();
      const bytes = sizeOf(await field("size"));
      const sharing = await field("shared_cpu_list");
      if (!(level > 0) || bytes === null || !isCacheType(kind)) continue;
      const key = `${level} ${kind} ${sharing === "" ? processor : sharing}`;
      instances.set(key, { level, type: kind, bytes, sharedBy: processorsIn(sharing), instances: 1 });
    }
  }
  const caches = new Map<string, CacheDescription>();
  for (const one of instances.values()) {
    const key = `${one.level} ${one.type} ${one.bytes} ${one.sharedBy}`;
    caches.set(key, { ...one, instances: (caches.get(key)?.instances ?? 0) + 1 });
  }
  return [...caches.values()].sort((a, b) => a.level - b.level || (a.type < b.type ? -1 : 1));
}

function isCacheType(text: string): text is CacheDescription["type"] {
  return text === "data" || text === "instruction" || text === "unified";
}

/** "32K", "1024K", "32M" in bytes. */
function sizeOf(text: string): number | null {
  const match = /^(\d+)([KMG]?)$/.exec(text);
  return match === null ? null : Number(match[1]) * 1024 ** ["", "K", "M", "G"].indexOf(match[2] ?? "");
}

/** "0-3,8" are 5. */
function processorsIn(list: string): number {
  if (list === "") return 1;
  return list.split(",").reduce((sum, range) => {
    const [first = "0", last = first] = range.split("-");
    return sum + Number(last) - Number(first) + 1;
  }, 0);
}

async function entriesOf(folder: string, wanted: RegExp): Promise<string[]> {
  const entries = await readdir(folder).catch(() => []);
  return entries.filter((entry) => wanted.test(entry));
}

async function textOf(path: string): Promise<string> {
  return (await readFile(path, "utf8").catch(() => "")).trim();
}

/** macOS gives sizes of the performance cores' caches, and no counts. */
async function macCaches(control: (name: string) => Promise<string>): Promise<CacheDescription[]> {
  const names = [
    ["hw.perflevel0.l1dcachesize", "hw.l1dcachesize", 1, "data"],
    ["hw.perflevel0.l2cachesize", "hw.l2cachesize", 2, "unified"],
    ["hw.perflevel0.l3cachesize", "hw.l3cachesize", 3, "unified"],
  ] as const;
  const caches: CacheDescription[] = [];
  for (const [performance, plain, level, kind] of names) {
    const text = await control(performance).catch(() => control(plain).catch(() => ""));
    const bytes = Number(text);
    if (bytes > 0) caches.push({ level, type: kind, bytes, sharedBy: 1, instances: null });
  }
  return caches;
}

async function systemControl(name: string): Promise<string> {
  // Windows and other systems have no such program, or one that knows other names.
  return (await promisify(execFile)("sysctl", ["-n", name])).stdout.trim();
}
