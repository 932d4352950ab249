/**
 * Whole runs of engines that others published, predicted by constants of the engine that were fitted on other machines: each
 * engine's machines are dealt into two halves (published/run-halves.ts), each half is predicted by the fit of the other, and the
 * formulas of peers stand beside it on the same rows. What is left out is counted with its reason.
 */

import type { EngineRow } from "../measurement/measurement-row.ts";
import type { MeasurementTable } from "../measurement/measurement-table.ts";
import { nearestRank } from "../quantity/sample-statistics.ts";
import { engineForm } from "../timing/engine-form.ts";
import { reachedPeaks } from "../timing/reached-peaks.ts";
import { type ErrorStatistics, errorStatistics } from "./error-statistics.ts";
import { type PeerFormula, peerFormulas, peerSeconds } from "./published/peer-formulas.ts";
import { type ProfileLookup, type PublishedRun, publishedRun } from "./published/published-run.ts";
import { brokenRule, repeatedRuns, ruleText } from "./published/run-audit.ts";
import { noCeilings, type RunCeilings } from "./published/run-ceilings.ts";
import { type RunEngine, runEngines } from "./published/run-engines.ts";
import { halves } from "./published/run-halves.ts";
import { type CountedRun, fitRuns, runSeconds } from "./published/run-sample.ts";
import { runWork } from "./published/run-work.ts";

/** A run predicted by a fit that saw neither its machine nor, of one machine alone, its model. */
export interface HeldOutRun {
  readonly run: PublishedRun;
  readonly half: 0 | 1;
  readonly predictedSeconds: number;
  /** By the fit of its own half. */
  readonly fittedSeconds: number;
  readonly peers: Readonly<Record<PeerFormula, number>>;
}

export interface EngineScore {
  readonly engine: RunEngine;
  /** Each half: what it holds, what was fitted on it, and how well the fit of the other half predicts it. */
  readonly halves: readonly HalfScore[];
  /** Of throughputs and latencies of both halves, held out; null where there are none. */
  readonly heldOut: ErrorStatistics | null;
  readonly percentile90: number | null;
  /** Of prefills (times to first token), held out. */
  readonly prefill: ErrorStatistics | null;
  readonly peers: Readonly<Record<PeerFormula, ErrorStatistics>> | null;
  /** Fitted on all runs: what ships. */
  readonly constants: Readonly<Record<string, number>>;
  /** The same with those that are not fitted, in the order of engineForm. */
  readonly parameters: Float64Array;
  readonly atBound: readonly string[];
  readonly runs: readonly HeldOutRun[];
}

export interface HalfScore {
  readonly names: readonly string[];
  readonly constants: Readonly<Record<string, number>>;
  readonly fitted: ErrorStatistics;
  readonly tested: ErrorStatistics;
}

export interface LeftOut {
  readonly reason: string;
  readonly rows: readonly EngineRow[];
}

export interface PublishedScores {
  readonly engines: readonly EngineScore[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * The rows of engine tables, each with its engine as its source spells it: tables of other programs' results, read by
 * `ridgepoint import`, keep that in a column engine_label.
 */
export function labelledRuns(tables: readonly MeasurementTable[]): EngineRow[] {
  return tables.flatMap(({ rows, otherColumns }) => {
    const label = otherColumns.indexOf("engine_label");
    return rows.flatMap((row) => {
      if (row.kind !== "engine") return [];
      return label < 0 ? [row] : [{ ...row, engine: row.otherCells[label] || row.engine }];
    });
  });
}

export function scorePublishedRuns(
  rows: readonly EngineRow[],
  profiles: ProfileLookup,
  ceilings: RunCeilings = noCeilings,
): PublishedScores {
  const leftOut = new Map<string, EngineRow[]>();
  const leave = (row: EngineRow, reason: string): void => {
    const before = leftOut.get(reason);
    if (before === undefined) leftOut.set(reason, [row]);
    else before.push(row);
  };
  const placed = rows.flatMap((row) => {
    const run = publishedRun(row, profiles);
    if (typeof run !== "string") return [run];
    leave(row, run);
    return [];
  });
  const repeated = repeatedRuns(placed);
  const counted = placed.flatMap((run) => {
    const rule = repeated.get(run);
    const { id, memoryBandwidthBytesPerSecond: stated } = run.hardware;
    const read = ceilings.reading.get(id) ?? stated * run.engine.fit.readShare;
    const broken = rule ?? brokenRule(run, runWork(run, stated));
    if (broken === null) {
      const work = runWork({ ...run, hardware: reachedPeaks(run.hardware, ceilings.computing) }, read);
      return [{ run, work }];
    }
    leave(run.row, ruleText[broken]);
    return [];
  });
  return {
    engines: runEngines.flatMap((engine) => {
      const own = counted.filter(({ run }) => run.engine === engine);
      return own.length === 0 ? [] : [scoreEngine(engine, own)];
    }),
    leftOut: [...leftOut].map(([reason, left]) => ({ reason, rows: left })),
  };
}

/** One engine's runs fitted, and its halves by each other's fit. */
export function scoreEngine(engine: RunEngine, counted: readonly CountedRun[]): EngineScore {
  const half = halves(counted);
  const ofHalf = [0, 1].map((which) => counted.filter((_, i) => half[i] === which));
  const all = fitRuns(engine, counted);
  const fits = ofHalf.map((runs) => (runs.length === 0 ? null : fitRuns(engine, runs)));
  const runs = counted.flatMap((each, i): HeldOutRun[] => {
    const own = half[i] === 1 ? 1 : 0;
    const [fit, other] = [fits[own], fits[1 - own]];
    if (fit === null || fit === undefined || other === null || other === undefined) return [];
    return [
      {
        run: each.run,
        half: own,
        predictedSeconds: runSeconds(other.parameters, each.work.call),
        fittedSeconds: runSeconds(fit.parameters, each.work.call),
        peers: peersOf(each),
      },
    ];
  });
  const speeds = runs.filter(({ run }) => run.part !== "prefill");
  return {
    engine,
    halves: [0, 1].flatMap((which) => {
      const own = speeds.filter((each) => each.half === which);
      const fit = fits[which];
      if (own.length === 0 || fit === null || fit === undefined) return [];
      const names = new Set(own.map(({ run }) => (engine.halvesBy === "machine" ? run.hardware.id : run.model.id)));
      return [
        {
          names: [...names],
          constants: named(engine, fit.parameters),
          fitted: statistics(own, (each) => each.fittedSeconds) as ErrorStatistics,
          tested: statistics(own, (each) => each.predictedSeconds) as ErrorStatistics,
        },
      ];
    }),
    heldOut: statistics(speeds, (each) => each.predictedSeconds),
    percentile90: percentile90(speeds),
    prefill: statistics(
      runs.filter(({ run }) => run.part === "prefill"),
      (each) => each.predictedSeconds,
    ),
    peers: peerStatistics(speeds),
    constants: named(engine, all.parameters),
    parameters: all.parameters,
    atBound: all.atBound,
    runs,
  };
}

function peersOf({ run, work }: CountedRun): Record<PeerFormula, number> {
  const seconds = (formula: PeerFormula): number =>
    peerSeconds(formula, work.call, run.hardware.memoryBandwidthBytesPerSecond);
  return { roofline: seconds("roofline"), "80 % + 3 µs": seconds("80 % + 3 µs") };
}

function statistics(runs: readonly HeldOutRun[], predicted: (run: HeldOutRun) => number): ErrorStatistics | null {
  if (runs.length === 0) return null;
  return errorStatistics(
    runs.map((each) => ({ measuredSeconds: each.run.seconds, predictedSeconds: predicted(each), interval: null })),
  );
}

function peerStatistics(runs: readonly HeldOutRun[]): Record<PeerFormula, ErrorStatistics> | null {
  if (runs.length === 0) return null;
  const of = peerFormulas.map((formula) => [formula, statistics(runs, (each) => each.peers[formula])]);
  return Object.fromEntries(of) as Record<PeerFormula, ErrorStatistics>;
}

/** The error, in per cent without its sign, that nine runs of ten stay under. */
function percentile90(runs: readonly HeldOutRun[]): number | null {
  if (runs.length === 0) return null;
  return nearestRank(
    runs.map((each) => 100 * Math.abs(each.predictedSeconds / each.run.seconds - 1)),
    0.9,
  );
}

/** The constants that are fitted, by name. */
function named(engine: RunEngine, parameters: ArrayLike<number>): Record<string, number> {
  return Object.fromEntries(
    engineForm.parameters.flatMap(({ name }, i) => (name in engine.fixed ? [] : [[name, parameters[i] as number]])),
  );
}
