/** The figures of a simulation as JSON. */
import type { LatencyDistribution } from "../serving/latency-sketch.ts";
import type { SimulationResult } from "../serving/simulation.ts";

export type LatencyFigures = Omit<LatencyDistribution, "quantile" | "shareWithin">;

export interface SimulationJson
  extends Omit<SimulationResult, "ttftSeconds" | "tpotSeconds" | "endToEndSeconds" | "queueSeconds" | "series"> {
  readonly ttftSeconds: LatencyFigures;
  readonly tpotSeconds: LatencyFigures;
  readonly endToEndSeconds: LatencyFigures;
  readonly queueSeconds: LatencyFigures;
}

export function simulationJson(result: SimulationResult): SimulationJson {
  const { series: _series, ttftSeconds, tpotSeconds, endToEndSeconds, queueSeconds, ...rest } = result;
  return {
    ...rest,
    ttftSeconds: figures(ttftSeconds),
    tpotSeconds: figures(tpotSeconds),
    endToEndSeconds: figures(endToEndSeconds),
    queueSeconds: figures(queueSeconds),
  };
}

function figures({ count, mean, p50, p90, p95, p99, max }: LatencyDistribution): LatencyFigures {
  return { count, mean, p50, p90, p95, p99, max };
}
