/**
 * Times in the wrong unit, found by the ceilings: a table whose rows are a thousand times too short claims what no machine
 * reaches, one whose rows are a thousand times too long uses nothing of the machine even where its kernels are large.
 *   share of a row = the time that its bytes, FLOPs and link bytes need at the ceilings / its time
 * Shares of honest tables reach from some 1e-5 (small kernels) to 1; tables known for faults stay under 3.
 */
import type { Hardware } from "../hardware/hardware.ts";
import type { MeasurementTable } from "../measurement/measurement-table.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { isPredictable, rowPredictor } from "./predict-row.ts";
import { withLink } from "./with-link.ts";

export interface UnitDoubt {
  readonly table: string;
  /** How many times too short (above 1) or too long (below 1) the times look. */
  readonly factor: number;
  readonly message: string;
}

/** The share that a tenth of the rows must pass for times to be too short. */
const mostShare = 20;
/** The share that no row passes where times are too long. */
const leastShare = 0.01;
/** A table is judged too long where its largest kernels need so much: smaller ones are all start-up. */
const leastIdealSeconds = 20e-6;

/** The tables whose unit is in doubt; rows whose time is not above zero are passed over. */
export function unitDoubts(tables: readonly MeasurementTable[], hardware: Hardware): UnitDoubt[] {
  const predict = rowPredictor(withLink(hardware));
  return tables.flatMap((table) => {
    const rows = table.rows.filter((row) => isPredictable(row) && row.seconds > 0);
    const shares: number[] = [];
    let largestIdeal = 0;
    for (const row of sampled(rows)) {
      if (!isPredictable(row)) continue;
      if (row.kind === "collectives" && hardware.link === null) continue;
      const ideal = predict(row, table.name).seconds;
      shares.push(ideal / row.seconds);
      largestIdeal = Math.max(largestIdeal, ideal);
    }
    return doubtOf(table.name, shares, largestIdeal) ?? [];
  });
}

/** @throws InvalidInput for the first table whose unit is in doubt */
export function refuseWrongUnits(tables: readonly MeasurementTable[], hardware: Hardware): void {
  const [doubt] = unitDoubts(tables, hardware);
  if (doubt !== undefined) throw new InvalidInput("table", doubt.table, doubt.message);
}

function doubtOf(table: string, shares: number[], largestIdealSeconds: number): UnitDoubt | null {
  if (shares.length === 0) return null;
  shares.sort((a, b) => a - b);
  const high = shares[Math.floor(0.9 * (shares.length - 1))] ?? 0;
  if (high > mostShare) {
    const message = `its rows are up to ${rounded(high)} times faster than the machine allows: are its times in another unit?`;
    return { table, factor: high, message };
  }
  const highest = shares.at(-1) ?? 0;
  if (highest >= leastShare || largestIdealSeconds < leastIdealSeconds) return null;
  const message = `no row reaches more than ${(100 * highest).toPrecision(2)} % of what the machine allows: are its times in another unit?`;
  return { table, factor: highest, message };
}

/** At most so many rows, spread over the table: shares are looked at in bulk. */
const mostRows = 4000;

function sampled<Row>(rows: readonly Row[]): readonly Row[] {
  const stride = Math.ceil(rows.length / mostRows);
  return stride <= 1 ? rows : rows.filter((_, index) => index % stride === 0);
}

function rounded(value: number): number {
  return Number(value.toPrecision(2));
}
