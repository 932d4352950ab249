/**
 * Runs of serving engines, each with its two mean times, put together from rows of engine tables that name one figure each; and
 * the load that a run was, as far as its row says and the client of its benchmark is known:
 *   requests a client   10, all clients starting at once, as public benchmarks of this kind do: prompts = 10 × concurrency
 *   lengths             as named; but where the runs of one engine version and model all lie on the grid of InferenceMAX (InferenceX),
 *                       drawn from 80 % to 100 % of them, as its benchmark client does
 * Source: InferenceMAX, README, benchmark client configuration (ISL × OSL, CONC, RANDOM_RANGE_RATIO 0.8, num-prompts CONC × 10).
 */
import type { EngineRow } from "../measurement/measurement-row.ts";
import type { SteadyLoad } from "../serving/steady-state.ts";

export interface EngineRun {
  readonly engine: string;
  readonly engineVersion: string | null;
  readonly model: string;
  /** The device as its source calls it. */
  readonly gpu: string | null;
  /** Formats of weights, and of keys and values where the row says so. */
  readonly weights: string;
  readonly kvCache: string | null;
  readonly tensorParallel: number;
  readonly concurrency: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly outputTokenSeconds: number | null;
  readonly firstTokenSeconds: number | null;
}

/** Runs of one replica of tensor-parallel devices; rows without concurrency or lengths, and other figures, are left out. */
export function engineRuns(rows: readonly EngineRow[]): EngineRun[] {
  const runs = new Map<string, EngineRun>();
  for (const row of rows) {
    const { concurrency, isl, osl, metric, seconds } = row;
    if (concurrency === null || isl === null || osl === null || row.pp !== 1 || !(seconds > 0)) continue;
    if (metric !== "tpot_ms" && metric !== "ttft_ms") continue;
    const { engine, engineVersion, model, gpu, dtype, kvDtype, tp, note } = row;
    const key = [engine, engineVersion, model, gpu, dtype, kvDtype, tp, concurrency, isl, osl, note].join("|");
    const run = runs.get(key) ?? {
      ...{ engine, engineVersion, model, gpu, concurrency },
      weights: dtype,
      kvCache: kvDtype,
      tensorParallel: tp,
      promptTokens: isl,
      outputTokens: osl,
      outputTokenSeconds: null,
      firstTokenSeconds: null,
    };
    const figure = metric === "tpot_ms" ? { outputTokenSeconds: seconds } : { firstTokenSeconds: seconds };
    runs.set(key, { ...run, ...figure });
  }
  return [...runs.values()];
}

const requestsPerClient = 10;
/** Lengths are drawn evenly from this share of those named to all of it. */
const shortestShare = 0.8;
const gridLengths: ReadonlySet<string> = new Set(["1024|1024", "1024|8192", "8192|1024"]);
const gridClients: ReadonlySet<number> = new Set([4, 8, 16, 32, 64]);

/** The load of each run, in their order. */
export function loadsOf(runs: readonly EngineRun[]): SteadyLoad[] {
  const campaign = ({ engine, engineVersion, model }: EngineRun): string => [engine, engineVersion, model].join("|");
  const offGrid = new Set(runs.filter((run) => !onGrid(run)).map(campaign));
  return runs.map((run) => {
    const variedLengths = !offGrid.has(campaign(run));
    const share = variedLengths ? (1 + shortestShare) / 2 : 1;
    return {
      concurrency: run.concurrency,
      promptTokens: share * run.promptTokens,
      outputTokens: share * run.outputTokens,
      ...{ requestsPerClient, variedLengths },
    };
  });
}

function onGrid({ promptTokens, outputTokens, concurrency }: EngineRun): boolean {
  return gridLengths.has(`${promptTokens}|${outputTokens}`) && gridClients.has(concurrency);
}
