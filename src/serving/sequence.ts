/** One request on its way through a fleet: what it asks for, when things happened to it, and what its replica keeps of it. */

/** Mutable; a replica fills its own part anew when the sequence comes to it. */
export interface Sequence {
  readonly arrivalSeconds: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Start of the first step that computed some of it; −1 before. */
  computedSeconds: number;
  /** −1 before the first token. */
  firstTokenSeconds: number;
  /** Prompt tokens still to be computed, tokens of its own among them after a pre-emption. */
  promptTokens: number;
  /** Rows that stand in the cache once they all are. */
  promptRows: number;
  /** Decode steps that it takes in all and has behind it, and the count of its replica's decode steps at which it ends (−1: not decoding). */
  decodeSteps: number;
  stepsDone: number;
  finishStep: number;
  /** Cache at its start and what a decode step adds, in its replica's units. */
  startUnits: number;
  growthUnits: number;
  /** Earliest start of its decoding. */
  readySeconds: number;
  /** Its neighbours among those that decode, in the order in which they began. */
  before: Sequence | null;
  after: Sequence | null;
}

export function newSequence(arrivalSeconds: number, inputTokens: number, outputTokens: number): Sequence {
  return {
    arrivalSeconds,
    inputTokens,
    outputTokens,
    computedSeconds: -1,
    firstTokenSeconds: -1,
    promptTokens: 0,
    promptRows: 0,
    decodeSteps: 0,
    stepsDone: 0,
    finishStep: -1,
    startUnits: 0,
    growthUnits: 0,
    readySeconds: 0,
    before: null,
    after: null,
  };
}
