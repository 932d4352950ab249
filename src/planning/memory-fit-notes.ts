/** What is to be said beside a table of what fits: whose memory it is, what engines do otherwise, where a model would fit. */
import type { Hardware } from "../hardware/hardware.ts";
import { formatBytes } from "../quantity/format-quantity.ts";
import { keptMemory } from "../serving/kept-memory.ts";
import { fewestDevices } from "./fewest-devices.ts";
import { layoutText } from "./layout.ts";
import type { MemoryFitQuestion, MemoryFitRow } from "./memory-fit.ts";

export function memoryFitNotes(question: MemoryFitQuestion, rows: readonly MemoryFitRow[]): string[] {
  const machines = question.hardware.flatMap((machine) => machineNotes(question, machine, rows));
  const models = question.variants.map(({ model }) => model);
  const kinds = models.flatMap(({ decoder }) => decoder.kinds.map(({ attention }) => attention));
  const isWindowed = kinds.some((each) => each.kind === "softmax" && (each.window !== null || each.chunk !== null));
  return [
    ...new Set(machines),
    ...(isWindowed ? ["layers with a window keep their last rows; an engine that keeps all of them holds fewer"] : []),
    ...(models.some(({ encoder }) => encoder !== null) ? ["the encoder's rows are as many as the decoder's"] : []),
  ];
}

/** That the engine stops at fewer requests of its own accord, and what its name stands for elsewhere. */
function machineNotes({ engine }: MemoryFitQuestion, machine: Hardware, rows: readonly MemoryFitRow[]): string[] {
  const { id, memory, notes } = keptMemory(engine, machine);
  const past = rows.find(
    ({ hardware, parallelism, largestBatches }) =>
      hardware === machine.id &&
      largestBatches.some(
        ({ batch }) => (batch ?? Number.POSITIVE_INFINITY) > memory.maxSequences * groups(parallelism),
      ),
  );
  if (past === undefined || id === "ideal") return [...notes];
  const most = memory.maxSequences * groups(past.parallelism);
  return [...notes, `${id} runs at most ${most} requests at once unless told otherwise`];
}

function groups({ tensor, expert }: MemoryFitRow["parallelism"]): number {
  return Math.max(1, expert / tensor);
}

/** Where nothing fits, on how many devices of each kind the model as it is, or the first variant, would with the first format. */
export function roomElsewhere(question: MemoryFitQuestion): string[] {
  const variants = question.variants.filter(({ attention }, _, all) => attention === (asIs(all) ?? all[0]?.attention));
  return question.hardware.map((machine) => {
    const found = fewestDevices({
      ...question,
      variants,
      hardware: [machine],
      kvCaches: question.kvCaches.slice(0, 1),
    });
    if (found === null || found.memory === null) return `nor would it fit on 64 × ${machine.id}, by any layout`;
    const { attention, kvCache, parallelism, memory } = found;
    const layout = `${parallelism.devices} × ${machine.id} (${layoutText(parallelism)})`;
    return `${attention}, ${kvCache} would fit on ${layout}, with ${formatBytes(memory.roomBytes)} for caches on each`;
  });
}

function asIs(variants: MemoryFitQuestion["variants"]): string | undefined {
  return variants.find(({ attention }) => attention === "as-is")?.attention;
}
