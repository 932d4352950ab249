/**
 * What a replica's devices hold at most, over all pipeline stages, each of which has its own weights and its own layers' caches:
 *   largest batch at S rows      groups × min over stages of ⌊room / bytes(S)⌋, bytes a request in whole pages
 *   longest context of B         the last page at which B requests fit, by bisection: bytes(S) never falls
 * Which stage is the tightest depends on S: a stage of windowed layers is full at short contexts, one of global layers at long ones.
 */
import type { StepPredictor } from "../analysis/predict-step.ts";
import { type MemoryQuestion, type ReplicaMemory, replicaMemory } from "../serving/replica-memory.ts";

export interface MemoryLimits {
  /** Memory of the device whose stage holds the fewest requests of so many rows. */
  tightest(rows: number): ReplicaMemory;
  /** The most requests of so many rows; null where memory sets no limit. */
  largestBatch(rows: number): number | null;
  /** The most rows that each of so many requests may have: 0 where not even one page fits, null where memory sets no limit. */
  longestContext(batch: number): number | null;
}

/** Rows beyond which nobody asks; what fits there is not limited by memory. */
const unlimitedRows = 1e12;

/** @param question for the whole replica; its stages are taken one by one */
export function memoryLimits(question: Omit<MemoryQuestion, "typicalRows">): MemoryLimits {
  const { decode, engine } = question;
  const stages = decode.footprintPlan.stages.map((stage) =>
    replicaMemory({ ...question, decode: withStages(decode, [stage]), typicalRows: 1 }),
  );
  const tightest = (rows: number): ReplicaMemory =>
    stages.reduce((least, each) => (isTighter(each, least, rows) ? each : least));
  const requests = (rows: number): number => tightest(rows).fittingRequests(rows);
  return {
    tightest,
    largestBatch: (rows) => {
      const most = requests(rows);
      return Number.isFinite(most) ? most : null;
    },
    longestContext: (batch) => {
      const fits = (pages: number): boolean => requests(pages * engine.pageRows) >= batch;
      let fitting = 0;
      let over = Math.ceil(unlimitedRows / engine.pageRows);
      if (fits(over)) return null;
      while (over - fitting > 1) {
        const middle = Math.floor((fitting + over) / 2);
        if (fits(middle)) fitting = middle;
        else over = middle;
      }
      return fitting * engine.pageRows;
    },
  };
}

function withStages(decode: StepPredictor, stages: StepPredictor["footprintPlan"]["stages"]): StepPredictor {
  return { ...decode, footprintPlan: { ...decode.footprintPlan, stages } };
}

/** Fewer requests; among stages that hold as many, less room beside one. */
function isTighter(a: ReplicaMemory, b: ReplicaMemory, rows: number): boolean {
  const [own, other] = [a.fittingRequests(rows), b.fittingRequests(rows)];
  return own === other ? a.roomBytes - a.requestBytes(rows) < b.roomBytes - b.requestBytes(rows) : own < other;
}
